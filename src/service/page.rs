//! Which page of a list is meant.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::service::error::{FieldFault, Result, faultless};

/// Entries of a page when nobody says how many.
pub const DEFAULT_PAGE: u32 = 20;

/// Which page: `first` films after a cursor, or the `last` ones before one.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    pub first: Option<i64>,
    pub after: Option<String>,
    pub last: Option<i64>,
    pub before: Option<String>,
}

/// A page request that makes sense.
pub(super) struct Page<O> {
    pub size: u32,
    pub backward: bool,
    pub after: Option<Cursor<O>>,
    pub before: Option<Cursor<O>>,
}

impl<O: Order> Page<O> {
    pub(super) fn read(request: PageRequest, sort: O, most: u32) -> Result<Self> {
        let mut faults = Vec::new();
        let mut read_cursor = |name: &str, text: Option<String>| {
            let cursor = Cursor::decode(&text?, sort);
            if cursor.is_none() {
                faults.push(FieldFault::new(name, "is not a cursor of a list in this order"));
            }
            cursor
        };
        let after = read_cursor("/after", request.after);
        let before = read_cursor("/before", request.before);
        if request.first.is_some() && request.last.is_some() {
            faults.push(FieldFault::new("/last", "cannot be combined with first"));
        }
        let backward = request.last.is_some();
        let (pointer, wanted) = match request.last {
            Some(last) => ("/last", last),
            None => ("/first", request.first.unwrap_or(i64::from(DEFAULT_PAGE.min(most)))),
        };
        if wanted < 0 {
            faults.push(FieldFault::new(pointer, "must not be negative"));
        }
        let size = u32::try_from(wanted).unwrap_or(u32::MAX);
        if wanted > i64::from(most) {
            faults.push(FieldFault::new(pointer, format!("must be at most {most}")));
        }
        faultless(faults)?;
        Ok(Self { size, backward, after, before })
    }
}

impl<O: Copy> Page<O> {
    /// The same films of a list whose order is the other way round.
    pub(super) fn turned(&self) -> Self {
        let (after, before) = (self.before.clone(), self.after.clone());
        Self { size: self.size, backward: !self.backward, after, before }
    }
}

impl<O> Page<O> {
    /// Whether nothing lies between its places, as `rank` orders them.
    pub(super) fn is_empty<R: Ord>(&self, rank: impl Fn(&Cursor<O>) -> R) -> bool {
        let places = self.after.as_ref().zip(self.before.as_ref());
        places.is_some_and(|(after, before)| rank(after) >= rank(before))
    }

    /// Rows to ask for: one more than the page has tells whether there is a further page.
    pub(super) fn limit(&self) -> u64 {
        u64::from(self.size) + 1
    }

    /// The page, of the rows that were found up to the limit.
    pub(super) fn listed<C, T>(&self, mut entries: Vec<(C, T)>) -> Listed<T, C> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let has_more = entries.len() > size;
        entries.truncate(size);
        let (has_next, has_previous) = if self.backward {
            entries.reverse();
            (self.before.is_some(), has_more)
        } else {
            (has_more, self.after.is_some())
        };
        Listed { entries, has_next, has_previous }
    }
}

/// The entries of a page, each with its cursor: as clients get it, or one that is written when somebody asks for it.
#[derive(Debug)]
pub struct Listed<T, C = String> {
    pub entries: Vec<(C, T)>,
    pub has_next: bool,
    pub has_previous: bool,
}

impl<T, C: ToString> Listed<T, C> {
    /// The cursors of the first entry and of the last one.
    #[must_use]
    pub fn ends(&self) -> (Option<String>, Option<String>) {
        let cursor = |entry: Option<&(C, T)>| entry.map(|(cursor, _)| cursor.to_string());
        (cursor(self.entries.first()), cursor(self.entries.last()))
    }
}

/// Longer than any cursor that we make (a folded name can be several times as long as the name).
pub const MAX_CURSOR: usize = 4_000;

/// The order of a list, as far as its cursors know it.
pub trait Order: Copy {
    /// Tells the cursors of this order from those of others.
    fn letter(self) -> char;

    /// Whether it sorts by texts, and not by numbers.
    fn has_text_keys(self) -> bool;
}

/// The only order of a list: its letter, and whether it sorts by texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Only(pub char, pub bool);

impl Order for Only {
    fn letter(self) -> char {
        self.0
    }

    fn has_text_keys(self) -> bool {
        self.1
    }
}

/// A place in a list: the key by which it is sorted, and the id that tells equal keys apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<O> {
    pub sort: O,
    pub key: Key,
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    Text(String),
    Number(i64),
}

/// A cursor has a key of the kind of its list.
impl Key {
    /// Empty for a number.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Number(_) => "",
        }
    }

    /// 0 for a text.
    pub(super) fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(_) => 0,
        }
    }
}

impl<O: Order> fmt::Display for Cursor<O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.encode())
    }
}

impl<O: Order> Cursor<O> {
    /// As clients get it.
    #[must_use]
    pub fn encode(&self) -> String {
        let fields = serde_json::json!([self.sort.letter(), self.key, self.id]);
        BASE64_URL_SAFE_NO_PAD.encode(fields.to_string())
    }

    /// `None` when it is not one of ours, or of another order.
    pub(super) fn decode(text: &str, sort: O) -> Option<Self> {
        if text.len() > MAX_CURSOR {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (written, key, id): (char, Key, i64) = serde_json::from_slice(&bytes).ok()?;
        // We make none with NUL, which PostgreSQL would not take.
        let typed = match &key {
            Key::Text(text) => sort.has_text_keys() && !text.contains('\0'),
            Key::Number(_) => !sort.has_text_keys(),
        };
        (written == sort.letter() && typed).then_some(Self { sort, key, id })
    }
}
