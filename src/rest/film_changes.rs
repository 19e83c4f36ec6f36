//! Changing and removing a film, and taking back a vote.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Rest;
use super::dto::{FilmOut, OWNED, escape, read_genres};
use super::error::Result;
use super::films::film_id;
use super::json::read_object;
use super::openapi::{AddRefusals, IdRefusals, Refusals, VoteRefusals};
use crate::http::context::CurrentContext;
use crate::http::credential::CurrentCaller;
use crate::http::origins::refuse_foreign_page;
use crate::operations;
use crate::service::FieldFault;
use crate::service::films::update::FilmChange;

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

impl UpdateFilmIn {
    /// Reads the members as far as they are of their type; what is not goes into the faults, so that the service can tell all
    /// of them at once.
    fn read(object: &Map<String, Value>) -> FilmChange {
        let mut change = FilmChange::default();
        for (name, value) in object {
            let pointer = format!("/{}", escape(name));
            let mut fault = |detail: &str| change.faults.push(FieldFault::new(pointer.clone(), detail));
            match (name.as_str(), value) {
                ("name", Value::String(text)) => change.name = Some(text.clone()),
                ("studio", Value::String(text)) => change.studio = Some(text.clone()),
                ("name" | "studio" | "genres", Value::Null) => {}
                ("name" | "studio", _) => fault("must be a string"),
                ("year", Value::Null) => change.year = Some(None),
                ("year", Value::Number(number)) if number.is_i64() => change.year = Some(number.as_i64()),
                ("year", _) => fault("must be a whole number"),
                ("genres", Value::Array(genres)) => {
                    change.genres = Some(read_genres(genres, &mut change.faults));
                }
                ("genres", _) => fault("must be a list of strings"),
                (name, _) if OWNED.contains(&name) => fault("is set by the server"),
                _ => fault("is not a member of a film"),
            }
        }
        change
    }
}

/// Change a film
///
/// What is not given stays, and so do its votes. Draws from `add_film`.
#[utoipa::path(
    patch,
    path = "/v1/films/{id}",
    operation_id = "updateFilm",
    tag = "films",
    params(("id" = String, Path, description = "Id of a film, in digits", pattern = "^[0-9]+$")),
    request_body = UpdateFilmIn,
    responses(
        (status = 200, description = "The film as it is now", body = FilmOut),
        (status = 404, description = "No such film", body = super::dto::ProblemOut, content_type = "application/problem+json"),
        AddRefusals,
        Refusals,
    )
)]
pub(super) async fn update_film(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<FilmOut>> {
    context.set_action(operations::UPDATE_FILM.name);
    refuse_foreign_page(request.headers(), &rest.origins)?;
    let id = film_id(&id, &context)?;
    let object = read_object(request).await?;
    rest.admit(&context, &caller, operations::UPDATE_FILM)?;
    let film = rest.service.update_film(&caller, id, UpdateFilmIn::read(&object)).await?;
    Ok(Json(film.into()))
}

/// Remove a film
///
/// With all its votes; its id is never given to another film. Draws from `add_film`.
#[utoipa::path(
    delete,
    path = "/v1/films/{id}",
    operation_id = "removeFilm",
    tag = "films",
    params(("id" = String, Path, description = "Id of a film, in digits", pattern = "^[0-9]+$")),
    responses(
        (status = 200, description = "The film as it was", body = FilmOut),
        (status = 403, description = "The role does not allow it", body = super::dto::ProblemOut, content_type = "application/problem+json"),
        IdRefusals,
        Refusals,
    )
)]
pub(super) async fn remove_film(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<FilmOut>> {
    context.set_action(operations::REMOVE_FILM.name);
    refuse_foreign_page(&headers, &rest.origins)?;
    let id = film_id(&id, &context)?;
    rest.admit(&context, &caller, operations::REMOVE_FILM)?;
    let film = rest.service.remove_film(&caller, id).await?;
    Ok(Json(Arc::new(film).into()))
}

/// Take back your vote
///
/// Of who has signed in; where there is none, nothing changes.
#[utoipa::path(
    delete,
    path = "/v1/films/{id}/vote",
    operation_id = "removeVote",
    tag = "films",
    params(("id" = String, Path, description = "Id of a film, in digits", pattern = "^[0-9]+$")),
    responses(
        (status = 200, description = "The film with its new counts", body = FilmOut),
        (status = 401, description = "An anonymous vote is nobody's", body = super::dto::ProblemOut, content_type = "application/problem+json"),
        VoteRefusals,
        Refusals,
    )
)]
pub(super) async fn remove_vote(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<FilmOut>> {
    context.set_action(operations::REMOVE_VOTE.name);
    refuse_foreign_page(&headers, &rest.origins)?;
    let id = film_id(&id, &context)?;
    rest.admit(&context, &caller, operations::REMOVE_VOTE)?;
    let film = rest.service.remove_vote(&caller, id).await?;
    Ok(Json(film.into()))
}
