//! What goes in and out of this surface.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::openapi::schemas::genres;
use crate::http::json::{Json, whole};
use crate::limits::{Bucket, Standing, Tier};
use crate::service::FieldFault;
use crate::service::films::list::FilmPage;
use crate::service::films::types::{Film, FilmDraft};
use crate::service::json_object::Members;
use crate::service::page::Listed;

/// A film and its votes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Film, example = json!({"id": 1, "name": "Frozen", "studio": "Disney", "year": 2013, "genres": ["Animation"], "likes": 0, "dislikes": 0}))]
struct FilmMembers<'a> {
    /// Its number, which is never given to another film.
    #[schema(minimum = 0)]
    id: i64,
    /// Its title.
    name: &'a str,
    /// Who made it.
    studio: &'a str,
    /// The year in which it came out; missing when nobody knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    year: Option<i32>,
    /// Its genres, which may be none.
    #[schema(value_type = Vec<String>)]
    genres: &'a [Arc<str>],
    /// How many likes it has had.
    #[schema(minimum = 0)]
    likes: i64,
    /// How many dislikes it has had.
    #[schema(minimum = 0)]
    dislikes: i64,
}

/// A film as it is answered. It is written from where it stands in memory, and not copied.
#[derive(Debug)]
pub(super) struct FilmOut(Arc<Film>);

impl From<Arc<Film>> for FilmOut {
    fn from(film: Arc<Film>) -> Self {
        Self(film)
    }
}

impl Serialize for FilmOut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Film { id, name, studio, year, genres, likes, dislikes } = &*self.0;
        let (id, year, likes, dislikes) = (*id, *year, *likes, *dislikes);
        FilmMembers { id, name, studio, year, genres, likes, dislikes }.serialize(serializer)
    }
}

impl IntoResponse for FilmOut {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl PartialSchema for FilmOut {
    fn schema() -> RefOr<Schema> {
        FilmMembers::schema()
    }
}

impl ToSchema for FilmOut {
    fn name() -> Cow<'static, str> {
        FilmMembers::name()
    }
}

/// A film to add.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the input; it is read member by member, so that all faults are told")]
#[schema(as = NewFilm, example = json!({"name": "Night Train", "studio": "Kadr", "year": 1959, "genres": ["Thriller"]}))]
pub(super) struct FilmIn {
    /// 1 to 200 characters after trimming.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    name: String,
    /// 1 to 200 characters after trimming.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    studio: String,
    /// From 1888 to five years ahead.
    #[schema(minimum = 1888)]
    year: Option<i32>,
    #[schema(schema_with = genres, required = false)]
    genres: Option<Vec<String>>,
}

/// Members that the server owns.
const OWNED: [&str; 4] = ["id", "likes", "dislikes", "addedAt"];

/// What a film is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The documented `/add_film`, which ignores members that a film does not take, as the original's clients expect.
    DocumentedAdd,
    /// `/v1`, which refuses them by name.
    Add,
    /// Likewise; what is not given stays.
    Change,
}

/// Reads the members as far as they are of their type; what is not goes into the faults, so that the service can tell all
/// of them at once.
pub(super) fn read_film(object: &Members<Value>, purpose: Purpose) -> FilmDraft {
    let mut film = FilmDraft::default();
    for (name, value) in object {
        let pointer = format!("/{}", escape(name));
        let mut fault = |detail: &str| film.faults.push(FieldFault::new(pointer.clone(), detail));
        match (name.as_str(), value) {
            ("name", Value::String(text)) => film.name = Some(text.clone()),
            ("studio", Value::String(text)) => film.studio = Some(text.clone()),
            ("name" | "studio", Value::Null) if purpose != Purpose::Change => fault("is required"),
            ("name" | "studio" | "genres", Value::Null) => {}
            ("name" | "studio", _) => fault("must be a string"),
            ("year", Value::Null) => film.year = Some(None),
            ("year", value) => match value.as_number().and_then(whole) {
                Some(year) => film.year = Some(Some(year)),
                None => fault("must be a whole number"),
            },
            ("genres", Value::Array(genres)) => film.genres = Some(read_genres(genres, &mut film.faults)),
            ("genres", _) => fault("must be a list of strings"),
            _ if purpose == Purpose::DocumentedAdd => {}
            (name, _) if OWNED.contains(&name) => fault("is set by the server"),
            _ => fault("is not a member of a film"),
        }
    }
    film
}

/// The members that are ignored, as a structured field (RFC 9651): a list of strings, which are printable ASCII.
pub(super) fn ignored(object: &Members<Value>) -> Option<HeaderValue> {
    const MOST: usize = 10;
    const LONGEST: usize = 64;
    let printable = |letter: char| if (' '..='~').contains(&letter) { letter } else { '?' };
    let names = object.keys().filter(|name| !["name", "studio", "year", "genres"].contains(&name.as_str()));
    let strings = names.take(MOST).map(|name| {
        let name: String = name.chars().take(LONGEST).map(printable).collect();
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    });
    let list = strings.collect::<Vec<_>>().join(", ");
    (!list.is_empty()).then(|| HeaderValue::from_str(&list).ok()).flatten()
}

/// `None` for a genre that is no text, which is then among the faults.
fn read_genres(genres: &[Value], faults: &mut Vec<FieldFault>) -> Vec<Option<String>> {
    let mut read = |(position, genre): (usize, &Value)| {
        let text = genre.as_str().map(str::to_owned);
        if text.is_none() {
            faults.push(FieldFault::new(format!("/genres/{position}"), "must be a string"));
        }
        text
    };
    genres.iter().enumerate().map(&mut read).collect()
}

/// A name within a JSON pointer (RFC 6901), cut: it comes from outside.
pub(super) fn escape(name: &str) -> String {
    const LONGEST: usize = 100;
    let name: String = name.chars().take(LONGEST).collect();
    name.replace('~', "~0").replace('/', "~1")
}

/// A page of films.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FilmPage)]
#[serde(rename_all = "camelCase")]
pub(super) struct FilmPageOut {
    /// In the order that was asked for.
    pub films: Vec<FilmOut>,
    pub page_info: PageInfoOut,
    /// How many films match, on all pages together.
    pub total_count: u64,
}

/// Where a page lies. The cursors are those of GraphQL.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageInfo)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfoOut {
    /// Whether entries follow this page.
    pub has_next_page: bool,
    /// Whether entries come before this page.
    pub has_previous_page: bool,
    /// The cursor of the first entry of this page; null when it has none.
    #[schema(required = true)]
    pub start_cursor: Option<String>,
    /// The cursor of the last entry of this page; null when it has none.
    #[schema(required = true)]
    pub end_cursor: Option<String>,
}

impl PageInfoOut {
    pub(super) fn of<T, C: ToString>(listed: &Listed<T, C>) -> Self {
        let (start_cursor, end_cursor) = listed.ends();
        let (has_next_page, has_previous_page) = (listed.has_next, listed.has_previous);
        Self { has_next_page, has_previous_page, start_cursor, end_cursor }
    }
}

impl FilmPageOut {
    pub(super) fn of(FilmPage { films, .. }: FilmPage, total_count: u64) -> Self {
        let page_info = PageInfoOut::of(&films);
        let films = films.entries.into_iter().map(|(_, film)| FilmOut(film)).collect();
        Self { films, page_info, total_count }
    }
}

/// How the caller stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RateLimit)]
pub(super) struct RateLimitOut {
    /// Empty when limits are switched off.
    pub limits: Vec<WindowOut>,
}

/// One policy of one bucket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RateLimitWindow)]
pub(super) struct WindowOut {
    /// As in the headers, such as `film-1h`, or `voter-film-1h`.
    pub name: String,
    /// Whose policies count: those of a role, of this very key, or null for those of addresses.
    #[schema(value_type = Option<Tier>, required = true)]
    pub tier: Option<&'static str>,
    #[schema(value_type = Bucket)]
    pub bucket: &'static str,
    /// Most calls at once, and how many come back within the window.
    pub quota: u32,
    /// Seconds.
    pub window: u64,
    /// Calls that would pass now.
    pub remaining: u32,
    /// Seconds until one more would pass; null when nothing is used up.
    #[schema(required = true)]
    pub reset: Option<u64>,
}

impl From<Standing> for WindowOut {
    fn from(standing: Standing) -> Self {
        let Standing { name, tier, bucket, quota, window, remaining, reset } = standing;
        let tier = tier.map(Tier::name);
        Self { name: name.to_string(), tier, bucket: bucket.name(), quota, window, remaining, reset }
    }
}
