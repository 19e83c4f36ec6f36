//! Films: what they are, reading one, adding one.

use std::sync::Arc;
use std::time::Duration;

use entity::{film, film_genre};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, SqlErr};

use super::audit::{Entry, Event};
use super::caller::Caller;
use super::catalogue::Catalogue;
use super::database::Database;
use super::error::{Error, FieldFault, Result};
use super::film_row::{self, year_key};
use super::hall::Hall;
use super::policy::{Action, authorize};
use super::text::{fold, is_plain, normal_form, parse_id};

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

/// A film as the hall hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    pub id: i64,
    pub name: String,
    pub studio: String,
    pub year: Option<i32>,
    pub genres: Vec<String>,
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

/// A film that somebody wants to add, as read at the door: not yet validated.
#[derive(Debug, Clone, Default)]
pub struct FilmDraft {
    pub name: Option<String>,
    pub studio: Option<String>,
    pub year: Option<i64>,
    /// `None` for one that the door found fault with.
    pub genres: Vec<Option<String>>,
    /// What the door found already (a name that is a number, say), so that all faults are told at once.
    pub faults: Vec<FieldFault>,
}

/// A validated film without an id.
#[derive(Debug, Clone)]
pub(super) struct NewFilm {
    pub name: String,
    pub studio: String,
    pub year: Option<i32>,
    pub genres: Vec<String>,
}

/// The film with this id, from the database.
///
/// # Errors
/// [`Error::FilmNotFound`] when there is none.
pub async fn film(database: &Database, caller: &Caller, id: FilmId) -> Result<Film> {
    authorize(caller, Action::ReadFilm)?;
    let look = async { Ok(film_row::find(database.reader(), id.0).await?) };
    database.bounded(look).await?.ok_or(Error::FilmNotFound)
}

impl Hall {
    /// The film with this id.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`] when there is none.
    pub async fn film(&self, caller: &Caller, id: FilmId) -> Result<Arc<Film>> {
        authorize(caller, Action::ReadFilm)?;
        self.read_film(id.0).await?.ok_or(Error::FilmNotFound)
    }

    /// Validates and stores a film. Once it is begun it is finished, even if nobody waits for it any more.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with every fault; [`Error::FilmExists`] when name, studio and year are equal without
    /// regard to case, where no year is a value of its own.
    pub async fn add_film(&self, caller: &Caller, draft: FilmDraft) -> Result<Arc<Film>> {
        authorize(caller, Action::AddFilm)?;
        let new = validate(draft, self.this_year())?;
        let now = self.now_ms();
        let entry = Entry::new(Event::FilmAdded, caller, now);
        let storing = store(self.database.clone(), Arc::clone(&self.catalogue), new, now, entry);
        // A caller who goes away drops this future, which must not happen between commit and read model.
        tokio::spawn(storing).await.map_err(Error::internal)?
    }

    /// From memory, or by primary key where the byte budget did not reach.
    pub(super) async fn read_film(&self, id: i64) -> Result<Option<Arc<Film>>> {
        if let Some(film) = self.catalogue.film(id) {
            return Ok(Some(film));
        }
        if !self.catalogue.has(id) {
            return Ok(None);
        }
        let look = async { Ok(film_row::find(self.database.reader(), id).await?) };
        Ok(self.database.bounded(look).await?.map(Arc::new))
    }
}

async fn store(
    database: Database,
    catalogue: Arc<Catalogue>,
    new: NewFilm,
    added_at: i64,
    entry: Entry,
) -> Result<Arc<Film>> {
    let write = database.begin_write().await?;
    let storing = async {
        // A look first: a violation would use up an id on PostgreSQL.
        if let Some(error) = existing(&*write, &new, None).await? {
            write.rollback().await?;
            return Err(error);
        }
        let stored = match film_row::new_row(&new, added_at).insert(&*write).await {
            Ok(stored) => stored,
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                // Another process was quicker.
                write.rollback().await?;
                return Err(existing(database.reader(), &new, None).await?.unwrap_or(Error::Unavailable));
            }
            Err(error) => return Err(error.into()),
        };
        let genres = film_row::genre_rows(stored.id, &new.genres);
        if !genres.is_empty() {
            film_genre::Entity::insert_many(genres).exec_without_returning(&*write).await?;
        }
        let entry = entry.on(target(stored.id, &stored.name));
        entry.record(&*write).await?;
        let turn = write.commit().await?;
        let film = Arc::new(film_row::film(stored, new.genres));
        catalogue.added(&film);
        drop(turn);
        entry.tell();
        Ok(film)
    };
    database.bounded_write(Box::pin(storing)).await
}

/// The refusal, if the film is there already, as another than the one with the id `but`.
pub(super) async fn existing(
    database: &impl ConnectionTrait,
    new: &NewFilm,
    but: Option<i64>,
) -> Result<Option<Error>> {
    let row = film::Entity::find()
        // There is no film 0.
        .filter(film::Column::Id.ne(but.unwrap_or_default()))
        .filter(film::Column::NameKey.eq(fold(&new.name)))
        .filter(film::Column::StudioKey.eq(fold(&new.studio)))
        .filter(sea_orm::ExprTrait::eq(year_key(), new.year.unwrap_or(film_row::NO_YEAR)))
        .one(database)
        .await?;
    Ok(row.map(|row| Error::FilmExists { id: row.id, name: row.name, studio: row.studio }))
}

/// As the audit names it.
pub(super) fn target(id: i64, name: &str) -> String {
    format!("film {id} ({name})")
}

/// The year in UTC, by the mean Gregorian year: near New Year it may be off by a day, which a limit of "five years
/// ahead" does not feel.
pub(super) fn this_year(now: Duration) -> i64 {
    const SECONDS_A_YEAR: u64 = 31_556_952;
    1970 + i64::try_from(now.as_secs() / SECONDS_A_YEAR).unwrap_or_default()
}

/// The one place where a film's fields are judged.
pub(super) fn validate(draft: FilmDraft, this_year: i64) -> Result<NewFilm> {
    let mut faults = draft.faults;
    let name = required("/name", draft.name, &mut faults);
    let studio = required("/studio", draft.studio, &mut faults);
    let latest = this_year + YEARS_AHEAD;
    let year = draft.year.and_then(|year| {
        if !(FIRST_YEAR..=latest).contains(&year) {
            faults.push(FieldFault::new("/year", format!("must lie between {FIRST_YEAR} and {latest}")));
        }
        i32::try_from(year).ok()
    });
    if draft.genres.len() > MAX_GENRES {
        faults.push(FieldFault::new("/genres", format!("must have at most {MAX_GENRES} entries")));
    }
    let mut genres: Vec<String> = Vec::new();
    for (position, genre) in draft.genres.iter().take(MAX_GENRES).enumerate() {
        let Some(genre) = genre else { continue };
        let genre = checked(&format!("/genres/{position}"), genre, MAX_GENRE, &mut faults);
        if genres.iter().all(|known| fold(known) != fold(&genre)) {
            genres.push(genre);
        }
    }
    if faults.is_empty() {
        return Ok(NewFilm { name, studio, year, genres });
    }
    Err(Error::InvalidInput(faults))
}

fn required(pointer: &str, text: Option<String>, faults: &mut Vec<FieldFault>) -> String {
    if let Some(text) = text {
        return checked(pointer, &text, MAX_NAME, faults);
    }
    // The door may have said already why there is no text.
    if faults.iter().all(|fault| fault.pointer != pointer) {
        faults.push(FieldFault::new(pointer, "is required"));
    }
    String::new()
}

fn checked(pointer: &str, text: &str, most: usize, faults: &mut Vec<FieldFault>) -> String {
    let text = normal_form(text);
    let length = text.chars().count();
    if length == 0 {
        faults.push(FieldFault::new(pointer, "must not be empty"));
    } else if length > most {
        faults.push(FieldFault::new(pointer, format!("must have at most {most} characters, has {length}")));
    }
    if !text.chars().all(is_plain) {
        faults
            .push(FieldFault::new(pointer, "must not contain control or bidirectional override characters"));
    }
    text
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
