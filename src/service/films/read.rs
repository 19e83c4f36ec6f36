//! Reading films by their ids.

use std::sync::Arc;

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::error::{Error, Result};
use crate::service::films::row;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmId};
use crate::service::policy::authorize;
use crate::service::read_model::catalogue::Catalogue;

/// The film with this id, from the database.
///
/// # Errors
/// [`Error::FilmNotFound`] when there is none.
pub async fn film(database: &Database, caller: &Caller, id: FilmId) -> Result<Film> {
    authorize(caller, Action::ReadFilm)?;
    database.bounded(row::find(&database.reader, id.0)).await?.ok_or(Error::FilmNotFound)
}

/// Those of the films that are there: from memory, and from the database what is not held.
pub(in crate::service) async fn look_up(
    database: &Database,
    catalogue: Option<&Catalogue>,
    ids: &[i64],
) -> Result<Vec<Arc<Film>>> {
    let (mut films, others) = match catalogue {
        Some(catalogue) => catalogue.some(ids),
        None => (Vec::new(), ids.to_vec()),
    };
    for others in others.chunks(row::ROWS) {
        let found = database.bounded(row::find_many(&database.reader, others)).await?;
        films.extend(found.into_iter().map(Arc::new));
    }
    Ok(films)
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
        // Boxed, so that a film from memory does not hold the room of queries.
        let look = Box::pin(self.database.bounded(row::find(&self.database.reader, id)));
        Ok(look.await?.map(Arc::new))
    }
}
