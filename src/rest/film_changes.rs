//! Changing and removing a film, and taking back a vote.

use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::http::{HeaderName, StatusCode};
use utoipa::ToSchema;

use super::Call;
use super::Result;
use super::dto::{FilmOut, Purpose, read_film};
use super::films::film_id;
use super::json::read_object;
use super::openapi::parameters::{FilmIdParam, OnceParams};
use super::openapi::refusals::{FilmBodyRefusals, FilmNotFound, Refusals, VoteRefusals};
use super::openapi::schemas::genres;
use crate::http::idempotency::Replayed;
use crate::http::json::{MEDIA_TYPE, canonical};
use crate::http::problem::Problem;
use crate::operations;
use crate::service::caller::Caller;

const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// What is to change; what is not given stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the input; it is read member by member, so that all faults are told")]
#[schema(as = UpdateFilmInput, example = json!({"year": 1949, "genres": ["Film noir"]}))]
pub(super) struct UpdateFilmIn {
    /// 1 to 200 characters after trimming.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    name: Option<String>,
    /// 1 to 200 characters after trimming.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    studio: Option<String>,
    /// From 1888 to five years ahead; null when nobody knows it.
    #[schema(minimum = 1888)]
    year: Option<i32>,
    /// Instead of those before.
    #[schema(schema_with = genres, required = false)]
    genres: Option<Vec<String>>,
}

/// Change a film
///
/// What is not given, or null, stays, and so do its votes; only a year that is null is taken away. Draws from `add_film`.
#[utoipa::path(
    patch, path = "/v1/films/{id}", operation_id = "updateFilm", tag = "films",
    params(FilmIdParam, OnceParams),
    request_body(content = UpdateFilmIn, description = "What is to change"),
    responses(
        (status = 200, description = "The film as it is now", body = FilmOut),
        Refusals, FilmNotFound, FilmBodyRefusals,
    )
)]
pub(super) async fn update_film(
    call: Call,
    Path(id): Path<String>,
    request: Request,
) -> Result<(Replayed, FilmOut)> {
    call.begin_change(operations::UPDATE_FILM, request.headers())?;
    let id = film_id(&id, &call.context)?;
    let headers = request.headers().clone();
    // As RFC 5789, 2.2 tells a client what would pass.
    let takes = |problem: Problem| match problem.status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => problem.with_header(ACCEPT_PATCH, MEDIA_TYPE),
        _ => problem,
    };
    let object = read_object(request).await.map_err(takes)?;
    let payload = [&id.0.to_le_bytes()[..], &canonical(&object)];
    let draft = read_film(&object, Purpose::Change);
    let update = async |caller: &Caller| call.rest.service.update_film(caller, id, draft).await;
    let (replayed, film) = call.change(operations::UPDATE_FILM, &headers, &payload, update).await?;
    Ok((replayed, film.into()))
}

/// Remove a film
///
/// With all its votes; its id is never given to another film. Draws from `add_film`.
#[utoipa::path(
    delete, path = "/v1/films/{id}", operation_id = "removeFilm", tag = "films",
    params(FilmIdParam, OnceParams),
    responses(
        (status = 200, description = "The film as it was", body = FilmOut),
        Refusals, VoteRefusals,
    )
)]
pub(super) async fn remove_film(
    call: Call,
    Path(id): Path<String>,
    request: Request,
) -> Result<(Replayed, FilmOut)> {
    let headers = call.begin_change_without_body(operations::REMOVE_FILM, request).await?;
    let id = film_id(&id, &call.context)?;
    let remove = async |caller: &Caller| call.rest.service.remove_film(caller, id).await;
    let payload = [&id.0.to_le_bytes()[..]];
    let (replayed, film) = call.change(operations::REMOVE_FILM, &headers, &payload, remove).await?;
    Ok((replayed, Arc::new(film).into()))
}

/// Take back your vote
///
/// Of who has signed in; where there is none, nothing changes.
#[utoipa::path(
    delete, path = "/v1/films/{id}/vote", operation_id = "removeVote", tag = "films",
    params(FilmIdParam, OnceParams),
    responses(
        (status = 200, description = "The film with its new counts", body = FilmOut),
        Refusals, VoteRefusals,
    )
)]
pub(super) async fn remove_vote(
    call: Call,
    Path(id): Path<String>,
    request: Request,
) -> Result<(Replayed, FilmOut)> {
    let headers = call.begin_change_without_body(operations::REMOVE_VOTE, request).await?;
    let id = film_id(&id, &call.context)?;
    let remove = async |caller: &Caller| call.rest.service.remove_vote(caller, id).await;
    let payload = [&id.0.to_le_bytes()[..]];
    let (replayed, film) = call.change(operations::REMOVE_VOTE, &headers, &payload, remove).await?;
    Ok((replayed, film.into()))
}
