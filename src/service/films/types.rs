//! What films are.

use std::sync::Arc;

use serde::Serialize;
use strum::EnumString;
use utoipa::ToSchema;

use crate::service::error::FieldFault;
use crate::service::text::parse_id;

/// The year of the first film there is.
pub const FIRST_YEAR: i64 = 1888;
/// How many years ahead a film may be announced.
pub const YEARS_AHEAD: i64 = 5;
/// Characters of a name or a studio, after trimming.
pub const MAX_NAME: usize = 200;
/// Genres of one film.
pub const MAX_GENRES: usize = 10;
/// Characters of a genre, after trimming.
pub const MAX_GENRE: usize = 40;

/// A film as the service hands it out. Those in memory share the texts of studios and genres.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Film {
    pub id: i64,
    pub name: Box<str>,
    pub studio: Arc<str>,
    pub year: Option<i32>,
    pub genres: Arc<[Arc<str>]>,
    pub likes: i64,
    pub dislikes: i64,
}

/// The id of a film, as somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilmId(pub i64);

impl FilmId {
    /// Reads ASCII digits, however many. A number past `i64` becomes `i64::MAX`, which is never given to a film.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_id(text).map(Self)
    }
}

/// What a list is sorted by. Films that are equal in it come by ascending id, and by descending id in a list whose order
/// is the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, EnumString, ToSchema)]
#[strum(serialize_all = "lowercase")]
#[schema(rename_all = "lowercase", description = "What a list is sorted by.")]
pub enum FilmSort {
    /// By name without regard to case.
    #[default]
    Name,
    /// The earliest year first, films without a year last.
    Year,
    /// The film added last first.
    Newest,
    /// The most likes first.
    Likes,
    /// The best rating first; see [`rating`](super::order::rating).
    Rating,
    /// What matches a text best first, then what has the most likes.
    Relevance,
    /// At random, as a seed fixes it; see [`walk`](super::walk).
    Shuffled,
}

impl FilmSort {
    /// Whether the greatest comes first unless somebody says otherwise.
    #[must_use]
    pub fn descends(self) -> bool {
        !matches!(self, Self::Name | Self::Year | Self::Shuffled)
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilmOrder {
    pub sort: FilmSort,
    /// Whether it is the order of `sort` from its end.
    pub is_reversed: bool,
}

impl FilmOrder {
    /// As it was asked for. What is not said: by relevance where a text is looked for, else by name, each in its own
    /// direction. Shuffled films have none: whichever is said reverses them, which is refused later.
    #[must_use]
    pub fn asked(sort: Option<FilmSort>, descends: Option<bool>, has_text: bool) -> Self {
        let sort = sort.unwrap_or(if has_text { FilmSort::Relevance } else { FilmSort::Name });
        let turns = |descends: bool| descends != sort.descends() || sort == FilmSort::Shuffled;
        Self { sort, is_reversed: descends.is_some_and(turns) }
    }
}

impl From<FilmSort> for FilmOrder {
    fn from(sort: FilmSort) -> Self {
        Self { sort, is_reversed: false }
    }
}

/// A film as somebody wants it to be, as read at the surface: not yet validated. What is `None` was not given; of a film
/// that is there already, it stays.
#[derive(Debug, Clone, Default)]
pub struct FilmDraft {
    pub name: Option<String>,
    pub studio: Option<String>,
    /// `Some(None)`: nobody knows it.
    pub year: Option<Option<i64>>,
    /// `None` among them for one that the surface found fault with.
    pub genres: Option<Vec<Option<String>>>,
    /// What the surface found already (a name that is a number, say), so that all faults are told at once.
    pub faults: Vec<FieldFault>,
}

/// A validated film without an id.
#[derive(Debug, Clone)]
pub(in crate::service) struct NewFilm {
    pub name: String,
    pub studio: String,
    pub year: Option<i32>,
    pub genres: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_ascii_digits_however_many() {
        assert_eq!(FilmId::parse("007"), Some(FilmId(7)));
        assert_eq!(FilmId::parse(&"9".repeat(400)), Some(FilmId(i64::MAX)));
        for text in ["", " 1", "+1", "-1", "1.0", "0x1", "١", "1 OR 1=1"] {
            assert_eq!(FilmId::parse(text), None, "{text:?}");
        }
    }
}
