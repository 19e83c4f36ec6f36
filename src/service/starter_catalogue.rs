//! The films that a new database begins with.

use entity::film;
use sea_orm::{
    ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryOrder as _, QuerySelect as _, Set,
};
use serde::Deserialize;

use crate::service::database::connection::Database;
use crate::service::database::mark;
use crate::service::error::{Error, Result};
use crate::service::films::row::{genre_rows, insert_genres, insert_words, new_row, with_genres};
use crate::service::films::types::{Film, FilmDraft, NewFilm};
use crate::service::films::validate::validate;

/// One film a line; line n is the film with id n. Changing the order would change what `/?like=1` means.
const FILMS: &str = include_str!("starter_catalogue.ndjson");
const KEY: &str = "starter_catalogue";
/// Rows of one statement.
const CHUNK: usize = 500;
/// No starter film is newer.
const LATEST: i64 = 2026;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    studio: String,
    year: i64,
    genres: Vec<String>,
}

/// What became of the starter catalogue at this start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// This many films were loaded into a new database.
    Loaded(usize),
    /// The database is new and stays empty, as configured.
    Declined,
    /// An earlier start has decided.
    DecidedBefore,
}

/// Loads the starter films into a new database, once: all of them, or none if the process dies meanwhile. The
/// decision is kept in the database, so that films that were removed do not come back.
///
/// # Errors
/// When the database fails.
pub async fn load_once(database: &Database, wanted: bool) -> Result<Outcome> {
    let write = database.begin_start().await?;
    if mark::read(&*write, KEY).await?.is_some() {
        write.rollback().await?;
        return Ok(Outcome::DecidedBefore);
    }
    let load = wanted && film::Entity::find().count(&*write).await? == 0;
    let mut loaded = 0;
    if load {
        let films = films()?;
        loaded = films.len();
        for films in films.chunks(CHUNK) {
            let rows = films.iter().map(|(id, new)| film::ActiveModel { id: Set(*id), ..new_row(new, 0) });
            film::Entity::insert_many(rows).exec_without_returning(&*write).await?;
        }
        database.ids_taken(&write).await?;
        insert_genres(&*write, films.iter().flat_map(|(id, new)| genre_rows(*id, &new.genres)).collect())
            .await?;
        insert_words(&*write, films.iter().map(|(id, new)| (*id, &*new.name, &*new.studio))).await?;
    }
    mark::write(&*write, KEY, if load { "loaded" } else { "declined" }).await?;
    write.commit().await?;
    Ok(if load { Outcome::Loaded(loaded) } else { Outcome::Declined })
}

/// Whether [`load_once`] would load films.
///
/// # Errors
/// When the database fails.
pub async fn would_load(database: &Database, wanted: bool) -> Result<bool> {
    let view = database.begin_read().await?;
    let undecided = mark::read(&view, KEY).await?.is_none();
    let would = wanted && undecided && film::Entity::find().count(&view).await? == 0;
    view.rollback().await?;
    Ok(would)
}

/// Whether the films of a database are those that [`load_once`] has loaded, each as it was.
pub(in crate::service) async fn is_untouched(database: &impl ConnectionTrait) -> Result<bool> {
    let loaded = films()?;
    let most = loaded.len() as u64 + 1;
    let rows = film::Entity::find().order_by_asc(film::Column::Id).limit(most).all(database).await?;
    let is_new = |row: &film::Model| (row.likes, row.dislikes, row.added_at) == (0, 0, 0);
    if rows.len() != loaded.len() || !rows.iter().all(is_new) {
        return Ok(false);
    }
    let there = with_genres(database, rows).await?;
    let is_as_loaded = |(film, (id, new)): (&Film, &(i64, NewFilm))| {
        (film.id, &*film.name, &*film.studio, film.year) == (*id, &*new.name, &*new.studio, new.year)
            && film.genres.iter().map(|genre| &**genre).eq(&new.genres)
    };
    Ok(there.iter().zip(&loaded).all(is_as_loaded))
}

/// Each with its id.
fn films() -> Result<Vec<(i64, NewFilm)>> {
    let mut films = Vec::new();
    for (id, line) in (1..).zip(FILMS.lines()) {
        let line: Line = serde_json::from_str(line).map_err(Error::internal)?;
        let draft = FilmDraft {
            name: Some(line.name),
            studio: Some(line.studio),
            year: Some(Some(line.year)),
            genres: Some(line.genres.into_iter().map(Some).collect()),
            faults: Vec::new(),
        };
        films.push((id, validate(draft, None, LATEST)?));
    }
    Ok(films)
}
