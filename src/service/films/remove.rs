//! Removing a film.

use std::sync::Arc;

use entity::film;
use sea_orm::EntityTrait as _;

use crate::clock::Clock;
use crate::service::action::Action;
use crate::service::audit::entry::{Entry, Event};
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::database::write::Write;
use crate::service::error::{Error, Result};
use crate::service::films::row;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmId};
use crate::service::films::validate::target;
use crate::service::idempotency::rows;
use crate::service::policy::authorize;
use crate::service::text::counted;
use crate::telemetry;

impl FilmService {
    /// Removes a film with its genres and all its votes; the film as it was. Its id is not given to another film. Once it is
    /// begun it is finished, even if nobody waits for it any more.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`] when there is none.
    pub async fn remove_film(&self, caller: &Caller, id: FilmId) -> Result<Film> {
        let (database, catalogue) = (self.database.clone(), Arc::clone(&self.catalogue));
        let now = self.now_ms();
        if caller.made().is_some() {
            authorize(caller, Action::RemoveFilm)?;
            return Err(Error::FilmNotFound);
        }
        // A caller who goes away drops this future, which must not happen between commit and read model.
        let of_caller = caller.clone();
        let removing = async move {
            remove(&database, &of_caller, id, now, || catalogue.refreshed(vec![id.0], Vec::new())).await
        };
        match tokio::spawn(telemetry::carried(removing)).await.map_err(Error::internal)? {
            // Another server was quicker, if it was with the same.
            Err(Error::Repeated) => self.made_elsewhere(caller).await.and(Err(Error::FilmNotFound)),
            removed => removed,
        }
    }
}

/// The same for a command: a running server hears of it as of everything that another process commits.
///
/// # Errors
/// [`Error::FilmNotFound`] when there is none.
pub async fn remove_film(
    database: &Database,
    caller: &Caller,
    id: FilmId,
    clock: &dyn Clock,
) -> Result<Film> {
    remove(database, caller, id, clock.now_ms(), || ()).await
}

async fn remove(database: &Database, caller: &Caller, id: FilmId, now: i64, tell: impl Fn()) -> Result<Film> {
    authorize(caller, Action::RemoveFilm)?;
    let remove = async |write: Write| {
        let Some(film) = row::find_locked(&*write, id.0).await? else {
            return write.refuse(Error::FilmNotFound).await;
        };
        // Genres and votes go with it, by the tables themselves.
        film::Entity::delete_by_id(id.0).exec(&*write).await?;
        rows::record(&*write, caller.once.as_deref(), id.0, now).await?;
        let entry = Entry::new(Event::FilmRemoved, caller, now).on(target(film.id, &film.name)).saying(
            format!("with {} and {}", counted(film.likes, "like"), counted(film.dislikes, "dislike")),
        );
        let turn = entry.commit(write).await?;
        tell();
        drop(turn);
        Ok(film)
    };
    database.write(remove).await
}
