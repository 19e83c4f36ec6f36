//! The caller's own votes, page by page.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};

use crate::graphql::schema::date_time::DateTime;
use crate::graphql::schema::film::Film;
use crate::graphql::schema::own_vote::VoteDirection;
use crate::graphql::schema::request_state::state;
use crate::graphql::schema::types::{PageInfo, Total};
use crate::service::page::Listed;
use crate::service::votes::own::OwnVote;

/// A page of votes.
pub(in crate::graphql) struct VoteConnection {
    pub listed: Listed<OwnVote>,
    pub total: Total,
}

/// A page of your own votes (Relay).
#[Object(serial)]
impl VoteConnection {
    async fn edges(&self) -> Vec<VoteEdge<'_>> {
        self.listed.entries.iter().map(|(cursor, vote)| VoteEdge { cursor, vote }).collect()
    }

    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.listed)
    }

    /// How many votes you have, on all pages together.
    async fn total_count(&self, context: &Context<'_>) -> Result<u64> {
        let state = state(context)?;
        self.total.or_count(state.service.count_my_votes(&state.caller, None)).await
    }
}

/// A vote of a page.
struct VoteEdge<'a> {
    cursor: &'a str,
    vote: &'a OwnVote,
}

/// A vote of a page, with its place in the list and the film that it is for.
#[Object(serial)]
impl VoteEdge<'_> {
    /// Its place in this list, for `after`.
    async fn cursor(&self) -> &str {
        self.cursor
    }

    async fn direction(&self) -> VoteDirection {
        self.vote.opinion.into()
    }

    /// When it was cast or last switched.
    async fn voted_at(&self) -> DateTime {
        DateTime(self.vote.voted_at)
    }

    async fn node(&self) -> Film {
        Film::voted_for(Arc::clone(&self.vote.film), self.vote.opinion)
    }
}
