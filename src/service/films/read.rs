//! Reading a film by its id.

use std::sync::Arc;

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::error::{Error, Result};
use crate::service::films::row;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmId};
use crate::service::policy::authorize;

/// The film with this id, from the database.
///
/// # Errors
/// [`Error::FilmNotFound`] when there is none.
pub async fn film(database: &Database, caller: &Caller, id: FilmId) -> Result<Film> {
    authorize(caller, Action::ReadFilm)?;
    let look = async { Ok(row::find(database.reader(), id.0).await?) };
    database.bounded(look).await?.ok_or(Error::FilmNotFound)
}

impl FilmService {
    /// The film with this id.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`] when there is none.
    pub async fn film(&self, caller: &Caller, id: FilmId) -> Result<Arc<Film>> {
        authorize(caller, Action::ReadFilm)?;
        self.read_film(id.0).await?.ok_or(Error::FilmNotFound)
    }

    /// From memory, or by primary key where the byte budget did not reach.
    pub(in crate::service) async fn read_film(&self, id: i64) -> Result<Option<Arc<Film>>> {
        if let Some(film) = self.catalogue.film(id) {
            return Ok(Some(film));
        }
        if !self.catalogue.has(id) {
            return Ok(None);
        }
        let look = async { Ok(row::find(self.database.reader(), id).await?) };
        // Boxed, so that a film from memory does not hold the room of queries.
        Ok(Box::pin(self.database.bounded(look)).await?.map(Arc::new))
    }
}
