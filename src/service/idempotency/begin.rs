//! The beginning of a request under a key, and the answer to who asks for it again.

use std::sync::Arc;

use crate::service::caller::Caller;
use crate::service::error::{Error, Result};
use crate::service::films::row;
use crate::service::films::service::FilmService;
use crate::service::films::types::Film;
use crate::service::idempotency::once::Once;
use crate::service::idempotency::rows;

impl FilmService {
    /// Begins a request under a key: it is told what was made of it before.
    ///
    /// # Errors
    /// [`Error::KeyInUse`] while the same is on its way, [`Error::KeyReused`] when the key came with another request.
    pub async fn begin_once(&self, once: &mut Once) -> Result<()> {
        once.running = Some(Arc::new(self.requests.begin(&once.request).ok_or(Error::KeyInUse)?));
        once.made = Arc::new(self.database.bounded(rows::find(&self.database.reader, once)).await?);
        Ok(())
    }

    /// The film with which a documented vote is answered that was made before: one for each key, or a key would give random
    /// films for nothing.
    ///
    /// # Errors
    /// [`Error::NoFilm`].
    pub async fn film_of_key(&self, once: &Once) -> Result<Arc<Film>> {
        let films = self.catalogue.len();
        if films == 0 {
            return Err(Error::NoFilm);
        }
        match self.catalogue.at(once.place(films)) {
            Some((_, Some(film))) => Ok(film),
            Some((id, None)) => self.read_film(id).await?.ok_or(Error::NoFilm),
            None => Err(Error::NoFilm),
        }
    }

    /// The film that a change was about, as it is now: the answer to who asks for the change again.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`] when it was removed since.
    pub async fn film_made(&self, id: i64) -> Result<Arc<Film>> {
        // Not from memory: another server may have made it a moment ago.
        let film = self.database.bounded(row::find(&self.database.reader, id)).await?;
        film.map(Arc::new).ok_or(Error::FilmNotFound)
    }

    /// The film of this very change, where another server was quicker with it.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when it made another one under this key.
    pub(in crate::service) async fn made_elsewhere(&self, caller: &Caller) -> Result<Option<i64>> {
        let Some(once) = &caller.once else { return Ok(None) };
        self.database.bounded(rows::find_made(&self.database.reader, once)).await
    }

    /// What was made; where another server was quicker with the same, what that one made.
    pub(in crate::service) async fn or_made(
        &self,
        caller: &Caller,
        made: Result<Arc<Film>>,
    ) -> Result<Arc<Film>> {
        match made {
            Err(refusal @ (Error::Repeated | Error::FilmExists { .. })) => {
                match self.made_elsewhere(caller).await? {
                    Some(quicker) => self.film_made(quicker).await,
                    None => Err(refusal),
                }
            }
            made => made,
        }
    }
}
