//! Changing a film.

use std::sync::Arc;

use entity::film;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, NotSet, Set};

use crate::service::action::Action;
use crate::service::audit::entry::{Entry, Event};
use crate::service::caller::Caller;
use crate::service::database::connection::{Database, Write};
use crate::service::error::{Error, FieldFault, Result, is_taken};
use crate::service::films::add::existing;
use crate::service::films::row;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmDraft, FilmId, NewFilm};
use crate::service::films::validate::{target, validate};
use crate::service::policy::authorize;
use crate::service::read_model::catalogue::Catalogue;

/// What somebody wants to change of a film, as read at the surface; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct FilmChange {
    pub name: Option<String>,
    pub studio: Option<String>,
    /// `Some(None)`: nobody knows it.
    pub year: Option<Option<i64>>,
    /// Instead of those before; `None` among them for one that the surface found fault with.
    pub genres: Option<Vec<Option<String>>>,
    /// What the surface found already.
    pub faults: Vec<FieldFault>,
}

impl FilmChange {
    /// The film as it would be, to be judged like one that is added.
    fn draft(self, known: &Film) -> FilmDraft {
        FilmDraft {
            name: Some(self.name.unwrap_or_else(|| known.name.clone())),
            studio: Some(self.studio.unwrap_or_else(|| known.studio.clone())),
            year: self.year.unwrap_or(known.year.map(i64::from)),
            genres: self.genres.unwrap_or_else(|| known.genres.iter().cloned().map(Some).collect()),
            faults: self.faults,
        }
    }
}

impl From<FilmChange> for FilmDraft {
    /// What is given of a film that is not there yet.
    fn from(FilmChange { name, studio, year, genres, faults }: FilmChange) -> Self {
        Self { name, studio, year: year.flatten(), genres: genres.unwrap_or_default(), faults }
    }
}

impl FilmService {
    /// Changes a film and returns it as it is then; its votes stay. Once it is begun it is finished, even if nobody waits
    /// for it any more.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`]; [`Error::InvalidInput`] with every fault; [`Error::FilmExists`] when another film is equal
    /// to what this one would be.
    pub async fn update_film(&self, caller: &Caller, id: FilmId, change: FilmChange) -> Result<Arc<Film>> {
        authorize(caller, Action::UpdateFilm)?;
        let entry = Entry::new(Event::FilmChanged, caller, self.now_ms());
        let updating =
            update(self.database.clone(), Arc::clone(&self.catalogue), id, change, self.this_year(), entry);
        // A caller who goes away drops this future, which must not happen between commit and read model.
        tokio::spawn(updating).await.map_err(Error::internal)?
    }
}

async fn update(
    database: Database,
    catalogue: Arc<Catalogue>,
    id: FilmId,
    change: FilmChange,
    this_year: i64,
    entry: Entry,
) -> Result<Arc<Film>> {
    let update = async |write: Write| {
        let Some(known) = row::find_locked(&*write, id.0).await? else {
            return write.refuse(Error::FilmNotFound).await;
        };
        let new = match validate(change.draft(&known), this_year) {
            Ok(new) => new,
            Err(error) => return write.refuse(error).await,
        };
        let said = difference(&known, &new);
        if said.is_empty() {
            write.rollback().await?;
            return Ok(Arc::new(known));
        }
        if let Some(error) = existing(&*write, &new, Some(id.0)).await? {
            return write.refuse(error).await;
        }
        if let Err(error) = store(&*write, &known, &new).await {
            write.rollback().await?;
            if is_taken(&error) {
                // Another process was quicker.
                let known = existing(&database.reader, &new, Some(id.0)).await?;
                return Err(known.unwrap_or(Error::Unavailable));
            }
            return Err(error.into());
        }
        let film = row::find(&*write, id.0).await?.ok_or(Error::FilmNotFound)?;
        let turn = entry.on(target(id.0, &new.name)).saying(said).commit(write).await?;
        catalogue.refreshed(vec![id.0], vec![film.clone()]);
        drop(turn);
        Ok(Arc::new(film))
    };
    database.write(update).await
}

async fn store(database: &impl ConnectionTrait, known: &Film, new: &NewFilm) -> Result<(), sea_orm::DbErr> {
    // The counts are not touched: votes that come meanwhile are added to what is there.
    let (likes, dislikes, added_at) = (NotSet, NotSet, NotSet);
    let row = film::ActiveModel { id: Set(known.id), likes, dislikes, added_at, ..row::new_row(new, 0) };
    row.update(database).await?;
    if known.genres != new.genres {
        row::delete_genres(database, known.id).await?;
        row::insert_genres(database, row::genre_rows(known.id, &new.genres)).await?;
    }
    Ok(())
}

/// What is other than before, for the audit.
fn difference(known: &Film, new: &NewFilm) -> String {
    let year = |year: Option<i32>| year.map_or("unknown".to_owned(), |year| year.to_string());
    let changes = [
        ("name", known.name.clone(), new.name.clone()),
        ("studio", known.studio.clone(), new.studio.clone()),
        ("year", year(known.year), year(new.year)),
        ("genres", known.genres.join(", "), new.genres.join(", ")),
    ];
    let said = changes.into_iter().filter(|(_, before, after)| before != after);
    said.map(|(field, before, after)| format!("{field} from {before:?} to {after:?}"))
        .collect::<Vec<_>>()
        .join("; ")
}
