//! Reading a film: by its id, or chosen uniformly at random over all films or over those that match.

use std::sync::Arc;

use sea_orm::{PaginatorTrait as _, QueryOrder as _, QuerySelect as _};

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::error::{Error, FieldFault, Result};
use crate::service::films::filter::FilmFilter;
use crate::service::films::row;
use crate::service::films::search::search;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmId};
use crate::service::policy::authorize;

/// The film with this id, from the database.
///
/// # Errors
/// [`Error::FilmNotFound`] when there is none.
pub async fn film(database: &Database, caller: &Caller, id: FilmId) -> Result<Film> {
    authorize(caller, Action::ReadFilm)?;
    database.bounded(row::find(&database.reader, id.0)).await?.ok_or(Error::FilmNotFound)
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

/// Most films that one call can exclude.
pub const MAX_EXCLUDED: usize = 1_000;
/// Draws before the database is asked. When a third of the films match, all of them miss once in 400,000 calls.
const DRAWS: usize = 32;

impl FilmService {
    /// A film chosen uniformly among those that match and are not excluded: in memory, by its place among them.
    ///
    /// # Errors
    /// [`Error::NoFilm`] when none matches.
    pub async fn random_film(
        &self,
        caller: &Caller,
        filter: &FilmFilter,
        exclude: &[FilmId],
    ) -> Result<Arc<Film>> {
        authorize(caller, Action::ReadFilm)?;
        filter.validate()?;
        if exclude.len() > MAX_EXCLUDED {
            let fault = FieldFault::new("/exclude", format!("must have at most {MAX_EXCLUDED} entries"));
            return Err(Error::InvalidInput(vec![fault]));
        }
        if let Some(text) = &filter.text {
            return Box::pin(self.random_found_film(filter, text, exclude)).await;
        }
        match self.catalogue.pick(filter, exclude, |films| self.random_below(films)) {
            Some(film) => film,
            // Boxed, so that a pick from memory does not hold the room of queries.
            None => Box::pin(self.random_stored_film(filter, exclude)).await,
        }
    }

    /// The same among those that a text means.
    async fn random_found_film(
        &self,
        filter: &FilmFilter,
        text: &str,
        exclude: &[FilmId],
    ) -> Result<Arc<Film>> {
        let mut hits = search(&self.database, Some(&self.catalogue), filter, text).await?;
        hits.retain(|(_, film)| !exclude.contains(&FilmId(film.id)));
        if hits.is_empty() {
            return Err(Error::NoFilm);
        }
        let place = self.random_below(hits.len());
        Ok(hits.swap_remove(place).1)
    }

    /// The same where not every film is in memory: draws from the table of ids until one matches, which is uniform among
    /// the matching ones; when few match, it counts them in the database and takes one by its place.
    async fn random_stored_film(&self, filter: &FilmFilter, exclude: &[FilmId]) -> Result<Arc<Film>> {
        let matcher = filter.matcher();
        for _ in 0..DRAWS {
            let films = self.catalogue.len();
            if films == 0 {
                return Err(Error::NoFilm);
            }
            let Some((id, film)) = self.catalogue.at(self.random_below(films)) else { continue };
            if exclude.contains(&FilmId(id)) {
                continue;
            }
            let film = match film {
                None => self.read_film(id).await?,
                film => film,
            };
            if let Some(film) = film.filter(|film| matcher.matches(film)) {
                return Ok(film);
            }
        }
        self.database.bounded(self.random_film_by_place(filter, exclude)).await
    }

    async fn random_film_by_place(&self, filter: &FilmFilter, exclude: &[FilmId]) -> Result<Arc<Film>> {
        let matching = filter.select_excluding(exclude);
        let database = self.database.begin_read().await?;
        let count = matching.clone().count(&database).await?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count == 0 {
            return Err(Error::NoFilm);
        }
        let place = u64::try_from(self.random_below(count)).unwrap_or_default();
        let row =
            matching.order_by_asc(entity::film::Column::Id).offset(place).limit(1).all(&database).await?;
        row::with_genres(&database, row).await?.pop().map(Arc::new).ok_or(Error::NoFilm)
    }
}
