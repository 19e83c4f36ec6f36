//! Opaque places in a list.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::film_list::FilmSort;

/// Longer than any cursor that we make (a folded name can be several times as long as the name).
const MAX_CURSOR: usize = 8_192;

/// A place in a list: the key by which it is sorted, and the id that tells equal keys apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    pub sort: FilmSort,
    pub key: Key,
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Key {
    Text(String),
    Number(i64),
}

impl Cursor {
    pub(super) fn encode(&self) -> String {
        let fields = serde_json::json!([letter(self.sort), self.key, self.id]);
        BASE64_URL_SAFE_NO_PAD.encode(fields.to_string())
    }

    /// `None` when it is not one of ours, or of another order.
    pub(super) fn decode(text: &str, sort: FilmSort) -> Option<Self> {
        if text.len() > MAX_CURSOR {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (written, key, id): (char, Key, i64) = serde_json::from_slice(&bytes).ok()?;
        // We make none with NUL, which PostgreSQL would not take.
        let typed = match &key {
            Key::Text(text) => sort == FilmSort::Name && !text.contains('\0'),
            Key::Number(_) => sort != FilmSort::Name,
        };
        (written == letter(sort) && typed).then_some(Self { sort, key, id })
    }
}

fn letter(sort: FilmSort) -> char {
    match sort {
        FilmSort::Name => 'n',
        FilmSort::Year => 'y',
        FilmSort::Newest => 'i',
        FilmSort::Likes => 'l',
    }
}
