//! Casting and withdrawing votes.

use std::sync::Arc;

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::error::{Error, Result};
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmId};
use crate::service::policy::authorize;
use crate::service::votes::types::{Choice, Opinion, Vote};

impl FilmService {
    /// Records a like and returns the film with its new counts.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`]; nothing is recorded then.
    pub async fn like(&self, caller: &Caller, film: FilmId) -> Result<Arc<Film>> {
        self.vote_for(caller, film, Some(Opinion::Like)).await
    }

    /// Records a dislike and returns the film with its new counts.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`]; nothing is recorded then.
    pub async fn dislike(&self, caller: &Caller, film: FilmId) -> Result<Arc<Film>> {
        self.vote_for(caller, film, Some(Opinion::Dislike)).await
    }

    /// Takes back the caller's vote and returns the film with its new counts. Where there is none, nothing changes.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for an anonymous caller, whose votes are nobody's; [`Error::FilmNotFound`].
    pub async fn remove_vote(&self, caller: &Caller, film: FilmId) -> Result<Arc<Film>> {
        authorize(caller, Action::RemoveVote)?;
        self.vote_for(caller, film, None).await
    }

    async fn vote_for(&self, caller: &Caller, film: FilmId, opinion: Option<Opinion>) -> Result<Arc<Film>> {
        self.choose(caller, vec![Choice { film, opinion }]).await?;
        if let Some(made) = caller.made() {
            return self.film_made(made).await;
        }
        let read = match self.read_film(film.0).await {
            Ok(Some(film)) => return Ok(film),
            // Added by another process, of which this one has not heard yet; or removed since.
            Ok(None) => self.film_made(film.0).await,
            Err(error) => Err(error),
        };
        read.map_err(|error| match error {
            Error::FilmNotFound => error,
            // The vote is recorded: nobody may be told to try again.
            error => Error::internal(error),
        })
    }

    /// Records all votes of a call, or none. When it returns, they are on disk.
    ///
    /// An anonymous vote is an entry of its own. Who has signed in has one vote for a film: the same again is no change,
    /// the other way switches it.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`] when one of the films does not exist; nothing is recorded then.
    pub async fn vote(&self, caller: &Caller, votes: Vec<Vote>) -> Result<()> {
        let choices = votes.into_iter().map(|Vote { film, opinion }| Choice { film, opinion: Some(opinion) });
        self.choose(caller, choices.collect()).await
    }

    async fn choose(&self, caller: &Caller, choices: Vec<Choice>) -> Result<()> {
        authorize(caller, Action::Vote)?;
        if caller.made().is_some() {
            return Ok(());
        }
        match self.votes.record(caller.voter(), choices, self.now_ms(), caller.once.clone()).await {
            // Another server was quicker, if it was with the same.
            Err(Error::Repeated) => self.made_elsewhere(caller).await?.map(drop).ok_or(Error::Unavailable),
            recorded => recorded,
        }
    }
}
