//! Changing a film.

use std::sync::Arc;
use std::time::Duration;

use entity::film;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, NotSet, Set};

use crate::clock::{Clock, milliseconds};
use crate::service::action::Action;
use crate::service::audit::entry::{Entry, Event};
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::database::write::Write;
use crate::service::error::{Error, Result, is_taken};
use crate::service::films::add::existing;
use crate::service::films::row;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmDraft, FilmId, NewFilm};
use crate::service::films::validate::{target, this_year, validate};
use crate::service::idempotency::rows;
use crate::service::policy::authorize;
use crate::service::text::fold;
use crate::telemetry;

impl FilmService {
    /// Changes a film and returns it as it is then; its votes stay. Once it is begun it is finished, even if nobody waits
    /// for it any more.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`]; [`Error::InvalidInput`] with every fault; [`Error::FilmExists`] when another film is equal
    /// to what this one would be.
    pub async fn update_film(&self, caller: &Caller, id: FilmId, change: FilmDraft) -> Result<Arc<Film>> {
        if let Some(made) = caller.made() {
            authorize(caller, Action::UpdateFilm)?;
            return self.film_made(made).await;
        }
        let (database, catalogue) = (self.database.clone(), Arc::clone(&self.catalogue));
        let (of_caller, now) = (caller.clone(), self.clock.wall());
        let updating = async move {
            let tell = |film: &Film| catalogue.refreshed(vec![id.0], vec![film.clone()]);
            update(&database, &of_caller, id, &change, now, tell).await.map(Arc::new)
        };
        // A caller who goes away drops this future, which must not happen between commit and read model.
        let updated = tokio::spawn(telemetry::carried(updating)).await.map_err(Error::internal)?;
        self.or_made(caller, updated).await
    }
}

/// The same for a command: a running server hears of it as of everything that another process commits.
///
/// # Errors
/// As for [`FilmService::update_film`].
pub async fn update_film(
    database: &Database,
    caller: &Caller,
    id: FilmId,
    change: FilmDraft,
    clock: &dyn Clock,
) -> Result<Film> {
    update(database, caller, id, &change, clock.wall(), |_| ()).await
}

async fn update(
    database: &Database,
    caller: &Caller,
    id: FilmId,
    change: &FilmDraft,
    now: Duration,
    tell: impl Fn(&Film),
) -> Result<Film> {
    authorize(caller, Action::UpdateFilm)?;
    let (now, this_year) = (milliseconds(now), this_year(now));
    let entry = Entry::new(Event::FilmChanged, caller, now);
    let update = async |write: Write| {
        let Some(known) = row::find_locked(&*write, id.0).await? else {
            return write.refuse(Error::FilmNotFound).await;
        };
        let new = match validate(change.clone(), Some(&known), this_year) {
            Ok(new) => new,
            Err(error) => return write.refuse(error).await,
        };
        let said = difference(&known, &new);
        rows::record(&*write, caller.once.as_deref(), id.0, now).await?;
        if said.is_empty() {
            drop(write.commit().await?);
            return Ok(known);
        }
        // A film that keeps what it is known by is not refused, even if another is known by the same.
        let is_same = is_same(&known, &new);
        if !is_same && let Some(error) = existing(&*write, &new, Some(id.0)).await? {
            return write.refuse(error).await;
        }
        if let Err(error) = store(&*write, &known, &new, is_same).await {
            write.rollback().await?;
            if is_taken(&error) {
                // Another process was quicker.
                let known = existing(&database.reader, &new, Some(id.0)).await?;
                return Err(known.unwrap_or(Error::Overtaken));
            }
            return Err(error.into());
        }
        let film = row::find(&*write, id.0).await?.ok_or(Error::FilmNotFound)?;
        let turn = entry.clone().on(target(id.0, &new.name)).saying(said).commit(write).await?;
        tell(&film);
        drop(turn);
        Ok(film)
    };
    database.write(update).await
}

fn is_same(known: &Film, new: &NewFilm) -> bool {
    fold(&known.name) == fold(&new.name) && fold(&known.studio) == fold(&new.studio) && known.year == new.year
}

async fn store(
    database: &impl ConnectionTrait,
    known: &Film,
    new: &NewFilm,
    keeps_keys: bool,
) -> Result<(), sea_orm::DbErr> {
    // The counts are not touched: votes that come meanwhile are added to what is there.
    let (likes, dislikes, added_at) = (NotSet, NotSet, NotSet);
    let mut row = film::ActiveModel { id: Set(known.id), likes, dislikes, added_at, ..row::new_row(new, 0) };
    if keeps_keys {
        (row.name_key, row.studio_key) = (NotSet, NotSet);
    }
    row.update(database).await?;
    if (&*known.name, &*known.studio) != (&*new.name, &*new.studio) {
        row::update_words(database, [(known.id, &*new.name, &*new.studio)].into_iter()).await?;
    }
    if !known.genres.iter().map(|genre| &**genre).eq(&new.genres) {
        row::delete_genres(database, [known.id]).await?;
        row::insert_genres(database, row::genre_rows(known.id, &new.genres)).await?;
    }
    Ok(())
}

/// What is other than before, for the audit.
fn difference(known: &Film, new: &NewFilm) -> String {
    let year = |year: Option<i32>| year.map_or("unknown".to_owned(), |year| year.to_string());
    let changes = [
        ("name", known.name.to_string(), new.name.clone()),
        ("studio", known.studio.to_string(), new.studio.clone()),
        ("year", year(known.year), year(new.year)),
        ("genres", known.genres.join(", "), new.genres.join(", ")),
    ];
    let said = changes.into_iter().filter(|(_, before, after)| before != after);
    said.map(|(field, before, after)| format!("{field} from {before:?} to {after:?}"))
        .collect::<Vec<_>>()
        .join("; ")
}
