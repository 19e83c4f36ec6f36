//! Removing a film.

use entity::film;
use sea_orm::EntityTrait as _;

use super::caller::Caller;
use super::database::Database;
use super::error::{Error, Result};
use super::film::{Film, FilmId};
use super::film_row;
use super::policy::{Action, authorize};

/// Removes a film with its genres and all its votes; the film as it was. Its id is not given to another film.
///
/// For a command: a running server hears of it as of everything that another process commits.
///
/// # Errors
/// [`Error::FilmNotFound`] when there is none.
pub async fn remove_film(database: &Database, caller: &Caller, id: FilmId) -> Result<Film> {
    authorize(caller, Action::RemoveFilm)?;
    let write = database.begin_write().await?;
    let removing = async {
        let Some(film) = film_row::find(&*write, id.0).await? else {
            write.rollback().await?;
            return Err(Error::FilmNotFound);
        };
        // Genres and votes go with it, by the tables themselves.
        film::Entity::delete_by_id(id.0).exec(&*write).await?;
        write.commit().await?;
        Ok(film)
    };
    database.bounded_write(Box::pin(removing)).await
}
