//! Votes.

use std::sync::Arc;

use super::caller::Caller;
use super::error::{Error, Result};
use super::film::{Film, FilmId};
use super::hall::Hall;
use super::policy::{Action, authorize};

/// One vote of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    pub film: FilmId,
    pub opinion: Opinion,
}

/// Which way a vote goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opinion {
    Like,
    Dislike,
}

impl Hall {
    /// Records a like and returns the film with its new counts.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`]; nothing is recorded then.
    pub async fn like(&self, caller: &Caller, film: FilmId) -> Result<Arc<Film>> {
        self.vote_for(caller, film, Opinion::Like).await
    }

    /// Records a dislike and returns the film with its new counts.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`]; nothing is recorded then.
    pub async fn dislike(&self, caller: &Caller, film: FilmId) -> Result<Arc<Film>> {
        self.vote_for(caller, film, Opinion::Dislike).await
    }

    async fn vote_for(&self, caller: &Caller, film: FilmId, opinion: Opinion) -> Result<Arc<Film>> {
        self.vote(caller, vec![Vote { film, opinion }]).await?;
        match self.read_film(film.0).await {
            Ok(film) => film.ok_or(Error::FilmNotFound),
            // The vote is recorded: nobody may be told to try again.
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Records all votes of a call, or none. When it returns, they are on disk.
    ///
    /// # Errors
    /// [`Error::FilmNotFound`] when one of the films does not exist; nothing is recorded then.
    pub async fn vote(&self, caller: &Caller, votes: Vec<Vote>) -> Result<()> {
        authorize(caller, Action::Vote)?;
        self.votes.record(votes, self.now_ms()).await
    }
}
