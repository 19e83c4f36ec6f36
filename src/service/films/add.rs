//! Adding a film.

use std::sync::Arc;

use entity::film;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::clock::Clock;
use crate::service::action::Action;
use crate::service::audit::entry::{Entry, Event};
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::database::write::Write;
use crate::service::error::{Error, Result, is_taken};
use crate::service::films::row::{self, year_key};
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmDraft, NewFilm};
use crate::service::films::validate::{target, this_year, validate};
use crate::service::idempotency::once::Once;
use crate::service::idempotency::rows;
use crate::service::policy::authorize;
use crate::service::text::fold;
use crate::telemetry;

impl FilmService {
    /// Validates and stores a film. Once it is begun it is finished, even if nobody waits for it any more.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with every fault; [`Error::FilmExists`] when name, studio and year are equal without
    /// regard to case, where no year is a value of its own.
    pub async fn add_film(&self, caller: &Caller, draft: FilmDraft) -> Result<Arc<Film>> {
        authorize(caller, Action::AddFilm)?;
        if let Some(made) = caller.made() {
            return self.film_made(made).await;
        }
        let new = validate(draft, None, this_year(self.clock.wall()))?;
        let now = self.now_ms();
        let entry = Entry::new(Event::FilmAdded, caller, now);
        let once = caller.once.clone();
        let (database, catalogue) = (self.database.clone(), Arc::clone(&self.catalogue));
        let storing = async move {
            store(&database, new, now, entry, once.as_deref(), |film| catalogue.added(film)).await
        };
        // A caller who goes away drops this future, which must not happen between commit and read model.
        let stored = tokio::spawn(telemetry::carried(storing)).await.map_err(Error::internal)?;
        self.or_made(caller, stored).await
    }
}

/// The same for a command: a running server hears of it as of everything that another process commits.
///
/// # Errors
/// As [`FilmService::add_film`].
pub async fn add_film(
    database: &Database,
    caller: &Caller,
    draft: FilmDraft,
    clock: &dyn Clock,
) -> Result<Arc<Film>> {
    authorize(caller, Action::AddFilm)?;
    let new = validate(draft, None, this_year(clock.wall()))?;
    let now = clock.now_ms();
    store(database, new, now, Entry::new(Event::FilmAdded, caller, now), None, |_| ()).await
}

async fn store(
    database: &Database,
    new: NewFilm,
    added_at: i64,
    entry: Entry,
    once: Option<&Once>,
    tell: impl Fn(&Arc<Film>),
) -> Result<Arc<Film>> {
    let store = async |write: Write| {
        // A look first: a violation would use up an id on PostgreSQL.
        if let Some(error) = existing(&*write, &new, None).await? {
            return write.refuse(error).await;
        }
        let stored = match row::new_row(&new, added_at).insert(&*write).await {
            Ok(stored) => stored,
            Err(error) if is_taken(&error) => {
                // Another process was quicker.
                write.rollback().await?;
                return Err(existing(&database.reader, &new, None).await?.unwrap_or(Error::Overtaken));
            }
            Err(error) => return Err(error.into()),
        };
        row::insert_genres(&*write, row::genre_rows(stored.id, &new.genres)).await?;
        row::insert_words(&*write, [(stored.id, &*stored.name, &*stored.studio)].into_iter()).await?;
        rows::record(&*write, once, stored.id, added_at).await?;
        let turn = entry.clone().on(target(stored.id, &stored.name)).commit(write).await?;
        let film = Arc::new(row::film(stored, new.genres.clone()));
        tell(&film);
        drop(turn);
        Ok(film)
    };
    database.write(store).await
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
        .filter(sea_orm::ExprTrait::eq(year_key(), new.year.unwrap_or(row::NO_YEAR)))
        .one(database)
        .await?;
    Ok(row.map(|row| Error::FilmExists { id: row.id, name: row.name, studio: row.studio, year: row.year }))
}
