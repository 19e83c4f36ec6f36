//! What the caller has voted for a film, when somebody asks.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use async_graphql::Enum;
use tokio::sync::OnceCell;

use crate::graphql::schema::request_state::RequestState;
use crate::service::error::{Error, Result};
use crate::service::films::list::FilmPage;
use crate::service::votes::types::Opinion;

/// Which way a vote goes.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Opinion")]
pub(in crate::graphql) enum VoteDirection {
    Like,
    Dislike,
}

/// What was found, or why nothing was: in the form that can be copied, so that nobody looks again for who asks again.
pub(super) type Found<T> = Result<T, Box<async_graphql::Error>>;

/// A page of films, whose own votes are looked up together, when the first of them is asked for.
pub(super) struct Listed {
    pub page: FilmPage,
    votes: OnceCell<Found<HashMap<i64, Opinion>>>,
}

impl Listed {
    pub(super) fn new(page: FilmPage) -> Self {
        Self { page, votes: OnceCell::new() }
    }

    async fn vote_for(&self, state: &RequestState, film: i64) -> Found<Option<Opinion>> {
        let look = async || {
            let ids = self.page.films.entries.iter().map(|(_, film)| film.id);
            state.service.votes_for(&state.caller, ids).await.map_err(boxed)
        };
        let votes = self.votes.get_or_init(look).await;
        votes.as_ref().map(|votes| votes.get(&film).copied()).map_err(Clone::clone)
    }
}

/// The caller's vote for a film: known once it was asked for, under however many names.
pub(super) enum OwnVote {
    Alone(OnceLock<Found<Option<Opinion>>>),
    OfPage(Arc<Listed>),
}

impl OwnVote {
    pub(super) fn unknown() -> Self {
        Self::Alone(OnceLock::new())
    }

    pub(super) fn known(opinion: Opinion) -> Self {
        Self::Alone(Ok(Some(opinion)).into())
    }

    /// None of who has not signed in.
    pub(super) async fn of(&self, state: &RequestState, film: i64) -> Found<Option<Opinion>> {
        if !state.caller.is_signed_in() {
            return Ok(None);
        }
        let known = match self {
            Self::Alone(known) => known,
            Self::OfPage(listed) => return listed.vote_for(state, film).await,
        };
        // The fields of one film are told one after the other.
        if let Some(found) = known.get() {
            return found.clone();
        }
        let found = look(state, film).await.map_err(boxed);
        known.get_or_init(|| found).clone()
    }
}

async fn look(state: &RequestState, film: i64) -> Result<Option<Opinion>> {
    state.confirm().await?;
    let votes = state.service.votes_for(&state.caller, std::iter::once(film)).await?;
    Ok(votes.get(&film).copied())
}

pub(super) fn boxed(error: Error) -> Box<async_graphql::Error> {
    Box::new(error.into())
}
