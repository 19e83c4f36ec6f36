//! The beginning of a request under a key, and the answer to who asks for it again.

use std::sync::Arc;

use crate::service::caller::Caller;
use crate::service::error::{Error, Result};
use crate::service::films::row;
use crate::service::films::service::FilmService;
use crate::service::films::types::Film;
use crate::service::idempotency::once::{Made, Once};
use crate::service::idempotency::rows;
use crate::service::idempotency::running::Running;

impl FilmService {
    /// Begins a request under a key: it is told what was made of it before. Hold on to what is returned until it is
    /// answered.
    ///
    /// # Errors
    /// [`Error::KeyInUse`] while the same is on its way, [`Error::KeyReused`] when the key came with another request.
    pub async fn begin_once(&self, once: &mut Once) -> Result<Running> {
        let running = self.requests.begin(&once.request).ok_or(Error::KeyInUse)?;
        once.made = Arc::new(self.database.bounded(rows::find(&self.database.reader, once)).await??);
        Ok(running)
    }

    /// The film that a change was about, as it is now: the answer to who asks for the change again.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`] when it was removed since.
    pub(in crate::service) async fn film_made(&self, made: Made) -> Result<Arc<Film>> {
        let id = made.film_id.ok_or(Error::FilmNotFound)?;
        if let Some(film) = self.read_film(id).await? {
            return Ok(film);
        }
        // Another server may have made it a moment ago.
        let film = self.database.bounded(row::find(&self.database.reader, id)).await?;
        film.map(Arc::new).ok_or(Error::FilmNotFound)
    }

    /// What was made; where another server was quicker with the same, what that one made.
    pub(in crate::service) async fn or_made(
        &self,
        caller: &Caller,
        made: Result<Arc<Film>>,
    ) -> Result<Arc<Film>> {
        let (Err(Error::Repeated | Error::FilmExists { .. }), Some(once)) = (&made, &caller.once) else {
            return made;
        };
        match self.database.bounded(rows::find_made(&self.database.reader, once)).await? {
            Some(quicker) => self.film_made(quicker).await,
            None => made,
        }
    }
}
