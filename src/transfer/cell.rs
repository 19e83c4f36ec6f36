//! One value of a row, as the file has it.

use serde_json::value::RawValue;

/// Characters of a value that a report shows.
const EXCERPT: usize = 200;

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
        if text.trim().is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    pub(super) fn of_json(raw: &RawValue) -> Self {
        let raw = raw.get();
        let other = || Self::Other(raw.to_owned());
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw)
                .map_or_else(|_| Self::Garbled(raw.to_owned()), |text: String| Self::of_text(&text)),
            Some(b'-' | b'0'..=b'9') => Self::Number(raw.to_owned()),
            Some(b'n') => Self::Empty,
            Some(b'[') => serde_json::from_str(raw).map_or_else(
                |_| other(),
                |list: Vec<Box<RawValue>>| Self::List(list.iter().map(|raw| Self::of_json(raw)).collect()),
            ),
            _ => other(),
        }
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

/// Several genres in one cell of CSV: `Drama|Film noir`. A bar or a backslash within a genre has a backslash before it.
pub(super) fn join_genres(genres: &[String]) -> String {
    let escaped: Vec<String> =
        genres.iter().map(|genre| genre.replace('\\', "\\\\").replace('|', "\\|")).collect();
    escaped.join("|")
}

/// A backslash before anything else stands for itself, since other programs write no escapes.
pub(super) fn split_genres(cell: &str) -> Vec<String> {
    let mut genres = Vec::new();
    let mut genre = String::new();
    let mut characters = cell.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => genre.push(characters.next_if(|next| matches!(next, '\\' | '|')).unwrap_or('\\')),
            '|' => genres.push(std::mem::take(&mut genre)),
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
        for genres in
            [&["Drama"][..], &["Drama", "Film noir"], &["a|b", "c\\", "\\|", "\\\\", "d"], &["|", "\\"]]
        {
            let genres: Vec<String> = genres.iter().map(|genre| (*genre).to_owned()).collect();
            assert_eq!(split_genres(&join_genres(&genres)), genres);
        }
        assert_eq!(split_genres("C:\\films"), ["C:\\films"]);
    }
}
