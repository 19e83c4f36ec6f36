//! Hearing of what was committed, by whomever.
//!
//! An event of votes has the counts as they are then: votes that are committed together, or while a subscriber rests, are one.

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::error::{Error, Result};
use crate::service::films::row;
use crate::service::films::service::FilmService;
use crate::service::films::types::FilmId;
use crate::service::policy::authorize;
use crate::service::read_model::topics::Feed;

impl FilmService {
    /// The film with its new counts, when votes for it are committed after this call has returned. Ends when the film is
    /// removed.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`].
    pub async fn film_voted(&self, caller: &Caller, id: FilmId) -> Result<Feed> {
        authorize(caller, Action::ReadFilm)?;
        if let Some(feed) = self.catalogue.listen_to(id.0) {
            return Ok(feed);
        }
        if !self.catalogue.has(id.0) {
            return Err(Error::FilmNotFound);
        }
        // Past the byte budget. In a turn, so that no commit comes between the look and the feed.
        let turn = self.database.turn().await;
        let look = row::find(&self.database.writer, id.0);
        let film = self.database.bounded(look).await?.ok_or(Error::FilmNotFound)?;
        let feed = self.catalogue.listen_to_film(film).ok_or(Error::FilmNotFound);
        drop(turn);
        feed
    }

    /// Every film that is added after this call has returned.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn film_added(&self, caller: &Caller) -> Result<Feed> {
        authorize(caller, Action::ReadFilm)?;
        Ok(self.catalogue.listen_to_added())
    }

    /// Whether nobody hears of anything: then a vote costs nothing more for those who could.
    #[must_use]
    pub fn is_unheard(&self) -> bool {
        self.catalogue.is_unheard()
    }
}
