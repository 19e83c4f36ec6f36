//! Changing and removing a film, and taking back a vote.

use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::http::HeaderMap;
use utoipa::ToSchema;

use super::Call;
use super::dto::{FilmOut, Purpose, read_film};
use super::error::Result;
use super::films::film_id;
use super::json::{bytes, read_object};
use super::openapi::{AddRefusals, IdRefusals, OnceParams, Refusals, VoteRefusals};
use crate::http::idempotency::Replayed;
use crate::operations;
use crate::service::caller::Caller;

/// What is to change; what is not given stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the input; it is read member by member, so that all faults are told")]
#[schema(as = UpdateFilmInput, example = json!({"year": 1949, "genres": ["Film noir"]}))]
pub(super) struct UpdateFilmIn {
    /// 1 to 200 characters after trimming.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// 1 to 200 characters after trimming.
    #[schema(min_length = 1, max_length = 200)]
    studio: Option<String>,
    /// From 1888 to five years ahead; null when nobody knows it.
    year: Option<i32>,
    /// Instead of those before: at most 10, of 1 to 40 characters each.
    #[schema(max_items = 10)]
    genres: Option<Vec<String>>,
}

/// Change a film
///
/// What is not given stays, and so do its votes. Draws from `add_film`.
#[utoipa::path(
    patch, path = "/v1/films/{id}", operation_id = "updateFilm", tag = "films",
    params(("id" = String, Path, description = "Id of a film, in digits", pattern = "^[0-9]+$"), OnceParams),
    request_body = UpdateFilmIn,
    responses(
        (status = 200, description = "The film as it is now", body = FilmOut),
        (status = 404, description = "No such film", body = super::dto::ProblemOut, content_type = "application/problem+json"),
        AddRefusals, Refusals,
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
    let object = read_object(request).await?;
    let payload = [&id.0.to_le_bytes()[..], &bytes(&object)];
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
    params(("id" = String, Path, description = "Id of a film, in digits", pattern = "^[0-9]+$"), OnceParams),
    responses(
        (status = 200, description = "The film as it was", body = FilmOut),
        (status = 403, description = "The role does not allow it", body = super::dto::ProblemOut, content_type = "application/problem+json"),
        IdRefusals, Refusals,
    )
)]
pub(super) async fn remove_film(
    call: Call,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<(Replayed, FilmOut)> {
    call.begin_change(operations::REMOVE_FILM, &headers)?;
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
    params(("id" = String, Path, description = "Id of a film, in digits", pattern = "^[0-9]+$"), OnceParams),
    responses(
        (status = 200, description = "The film with its new counts", body = FilmOut),
        (status = 401, description = "An anonymous vote is nobody's", body = super::dto::ProblemOut, content_type = "application/problem+json"),
        VoteRefusals, Refusals,
    )
)]
pub(super) async fn remove_vote(
    call: Call,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<(Replayed, FilmOut)> {
    call.begin_change(operations::REMOVE_VOTE, &headers)?;
    let id = film_id(&id, &call.context)?;
    let remove = async |caller: &Caller| call.rest.service.remove_vote(caller, id).await;
    let payload = [&id.0.to_le_bytes()[..]];
    let (replayed, film) = call.change(operations::REMOVE_VOTE, &headers, &payload, remove).await?;
    Ok((replayed, film.into()))
}
