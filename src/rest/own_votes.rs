//! What a caller has voted for, and how.

use serde::Serialize;
use utoipa::ToSchema;

use super::Call;
use super::Result;
use super::dto::{FilmOut, PageInfoOut};
use super::openapi::parameters::{AskedParams, NextPageParams};
use super::openapi::refusals::{InvalidInput, Refusals};
use super::query::Query;
use crate::http::json::Json;
use crate::operations;
use crate::service::text::moment_text;
use crate::service::votes::own::OwnVote;
use crate::service::votes::types::Opinion;

/// A vote of the caller's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Vote)]
#[serde(rename_all = "camelCase")]
struct VoteOut {
    direction: Opinion,
    /// When it was cast or last switched: RFC 3339, in UTC.
    #[schema(format = DateTime)]
    voted_at: String,
    film: FilmOut,
}

impl From<OwnVote> for VoteOut {
    fn from(OwnVote { film, opinion, voted_at }: OwnVote) -> Self {
        Self { direction: opinion, voted_at: moment_text(voted_at), film: film.into() }
    }
}

/// A page of the caller's votes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VotePage)]
#[serde(rename_all = "camelCase")]
pub(super) struct VotePageOut {
    /// The latest first.
    votes: Vec<VoteOut>,
    page_info: PageInfoOut,
    /// How many there are, on all pages together.
    total_count: u64,
}

/// Your own votes, the latest first
///
/// Of who has signed in. With `film`, only those for the films that are named: of a page of films, which of them have your vote.
#[utoipa::path(
    get, path = "/v1/me/votes", operation_id = "myVotes", tag = "films",
    params(AskedParams, NextPageParams),
    responses((status = 200, description = "A page", body = VotePageOut), Refusals, InvalidInput)
)]
pub(super) async fn my_votes(mut query: Query, call: Call) -> Result<Json<VotePageOut>> {
    call.context.set_action(operations::MY_VOTES.name);
    let films = query.film_ids("film");
    let page = query.next_page();
    query.finish_strict()?;
    call.admit(operations::MY_VOTES).await?;
    let (service, films) = (&call.rest.service, (!films.is_empty()).then_some(&*films));
    let page = service.my_votes(&call.caller, films, page).await?;
    let total_count = service.count_my_votes(&call.caller, films).await?;
    let page_info = PageInfoOut::of(&page);
    let votes = page.entries.into_iter().map(|(_, vote)| vote.into()).collect();
    Ok(Json(VotePageOut { votes, page_info, total_count }))
}
