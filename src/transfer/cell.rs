//! One value of a row, as the file has it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::python;
use crate::service::json_object::JsonObject;
use crate::service::text::is_empty;

/// Characters of a value that a report shows.
const EXCERPT: usize = 200;

/// Lists within lists that are followed.
const DEEPEST: usize = 4;
/// Elements of a list that are read: no field takes as many, and a row can have a million.
const MOST_ELEMENTS: usize = 1_000;
/// Characters of an object that are kept, for a report.
const MOST_LETTERS: usize = 1_000;

/// An object whose members are unread.
pub(super) type RawObject = JsonObject<Box<RawValue>>;

/// How a list or an object of JSON begins.
pub(super) const BRACKETS: [char; 2] = ['[', '{'];

/// A value. Numbers stay text, exactly as written: a film may be called 300, or 1e3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Absent, null, or nothing but blanks.
    Empty,
    Text(String),
    Number(String),
    List(Vec<Cell>),
    /// Text that is not Unicode, as far as it can be shown.
    Garbled(String),
    /// True, false, or an object.
    Other(String),
}

impl Cell {
    pub(super) fn of_text(text: &str) -> Self {
        if is_empty(text) { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    pub(super) fn of_json(raw: &RawValue) -> Self {
        Self::within(raw, 0)
    }

    /// `depth`: in how many lists it stands. No field has lists within lists, and whoever follows them all needs a stack for it.
    fn within(raw: &RawValue, depth: usize) -> Self {
        let raw = raw.get();
        let other = || Self::Other(raw.chars().take(MOST_LETTERS).collect());
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw)
                .map_or_else(|_| Self::Garbled(raw.to_owned()), |text: String| Self::of_text(&text)),
            Some(b'-' | b'0'..=b'9') => Self::Number(raw.to_owned()),
            Some(b'n') => Self::Empty,
            Some(b'[') if depth < DEEPEST => serde_json::from_str(raw).map_or_else(
                |_| other(),
                |list: Vec<&RawValue>| {
                    let some = list.into_iter().take(MOST_ELEMENTS);
                    Self::List(some.map(|raw| Self::within(raw, depth + 1)).collect())
                },
            ),
            _ => other(),
        }
    }

    /// What the text is as JSON, or as Python writes it, where it is a list or an object.
    pub(super) fn structure(text: &str) -> Option<Self> {
        if !text.trim_start().starts_with(BRACKETS) {
            return None;
        }
        let read = |text: &str| serde_json::from_str::<Box<RawValue>>(text).ok();
        read(text).or_else(|| read(&python::as_json(text)?)).map(|raw| Self::of_json(&raw))
    }

    /// For a report: what was there, cut to a length that can be read.
    pub(super) fn excerpt(&self) -> Option<String> {
        let text = match self {
            Self::Empty => return None,
            Self::Text(text) | Self::Number(text) | Self::Garbled(text) | Self::Other(text) => text.clone(),
            Self::List(cells) => cells.iter().filter_map(Self::excerpt).collect::<Vec<_>>().join(", "),
        };
        match text.char_indices().nth(EXCERPT) {
            Some((end, _)) => Some(format!("{}…", &text[..end])),
            None => Some(text),
        }
    }
}

/// Whether nothing is to be seen in it.
pub(super) fn is_blank(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(is_empty)
}

/// A name as a cell of CSV: one that would be read as a list has a backslash before it.
pub(super) fn write_name(name: &str) -> Cow<'_, str> {
    if is_list(name) { format!("\\{name}").into() } else { name.into() }
}

/// The name in a cell of CSV; nothing where that is a list or an object.
pub(super) fn read_name(cell: &str) -> Option<&str> {
    if is_list(cell) { cell.strip_prefix('\\') } else { Some(cell) }
}

/// Whether it is a list or an object, or means to be one: quotes within brackets, as in a set of Python's.
fn is_list(cell: &str) -> bool {
    let cell = cell.trim_start_matches('\\').trim();
    let inner = cell.strip_prefix(BRACKETS).and_then(|cell| cell.strip_suffix([']', '}']));
    inner.is_some_and(|inner| inner.trim_start().starts_with(['"', '\''])) || Cell::structure(cell).is_some()
}

/// Several genres in one cell of CSV: `Drama|Film noir`. A bar or a backslash within a genre has a backslash before it; so
/// has a bracket with which the cell begins, and that would make JSON of it.
pub(super) fn join_genres(genres: &[impl AsRef<str>]) -> String {
    let escaped: Vec<String> =
        genres.iter().map(|genre| genre.as_ref().replace('\\', "\\\\").replace('|', "\\|")).collect();
    let joined = escaped.join("|");
    if joined.trim_start().starts_with(BRACKETS) { format!("\\{joined}") } else { joined }
}

/// What stands between genres where nobody says otherwise.
pub(super) const BAR: char = '|';

/// A backslash before anything else than itself and the separator stands for itself, since other programs write no escapes.
pub(super) fn split_genres(cell: &str, separator: char) -> Vec<String> {
    let mut genres = Vec::new();
    let mut genre = String::new();
    let cell = cell.strip_prefix('\\').filter(|rest| rest.trim_start().starts_with(BRACKETS)).unwrap_or(cell);
    let mut characters = cell.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                genre.push(characters.next_if(|next| [separator, '\\'].contains(next)).unwrap_or('\\'));
            }
            character if character == separator => genres.push(std::mem::take(&mut genre)),
            other => genre.push(other),
        }
    }
    genres.push(genre);
    genres
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_splits_into_the_same() {
        for genres in [
            &["Drama"][..],
            &["Drama", "Film noir"],
            &["a|b", "c\\", "\\|", "\\\\", "d"],
            &["|", "\\"],
            &["[\"a\"]", "b"],
            &["\\[a"],
            &[" {"],
        ] {
            let genres: Vec<String> = genres.iter().map(|genre| (*genre).to_owned()).collect();
            assert_eq!(split_genres(&join_genres(&genres), BAR), genres);
        }
        assert_eq!(split_genres("C:\\films", BAR), ["C:\\films"]);
        for name in ["[REC]", "[]", "[\"a\"]", "['a']", "\\[1]", "\\\\{}", "\\", "{"] {
            assert_eq!(read_name(&write_name(name)), Some(name));
        }
        for list in [
            "[]",
            "{\"a\": 1}",
            "{'Pixar', 'Disney'}",
            "[\"Pixar\" \"Disney\"]",
            " [\"a\"] ",
            "['Pixar', \"Disney\"]",
            "[{'name': None}]",
        ] {
            assert_eq!(read_name(list), None, "{list}");
        }
    }
}
