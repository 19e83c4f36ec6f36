//! The documented endpoints. They never change shape.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::Rest;
use super::dto::{FilmIn, FilmOut, Strictness};
use super::error::Result;
use super::json::read_object;
use super::openapi::{AddRefusals, Refusals, VoteRefusals};
use super::query::Query;
use crate::http::context::{Context, CurrentContext};
use crate::http::credential::CurrentCaller;
use crate::http::origins::{refuse_foreign_page, refuse_unmeant_vote};
use crate::operations;
use crate::service::Error;
use crate::service::caller::Caller;
use crate::service::films::filter::FilmFilter;
use crate::service::films::types::Film;
use crate::service::votes::types::{Opinion, Vote};

/// A random film
///
/// With `like` or `dislike`, the votes are recorded first: both or neither. HEAD never votes.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "randomFilmOrVote",
    tag = "documented",
    params(
        ("like" = Option<String>, Query, description = "Id of a film to like", pattern = "^[0-9]+$"),
        ("dislike" = Option<String>, Query, description = "Id of a film to dislike", pattern = "^[0-9]+$"),
    ),
    responses(
        (status = 200, description = "A film chosen uniformly at random", body = FilmOut),
        VoteRefusals,
        Refusals,
    )
)]
pub(super) async fn random_film(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<Json<FilmOut>> {
    // A body that nobody reads goes at once: it must not put off the time for the answer.
    let parts = request.into_parts().0;
    let mut operation = operations::RANDOM_FILM;
    context.set_action(operation.name);
    let votes = votes(parts.uri.query())?;
    let votes = if parts.method == Method::HEAD { Vec::new() } else { votes };
    if let Some(vote) = votes.first() {
        refuse_unmeant_vote(&parts.headers, &rest.origins)?;
        operation = match (vote.opinion, votes.len()) {
            (Opinion::Like, 1) => operations::LIKE,
            (Opinion::Dislike, 1) => operations::DISLIKE,
            _ => operations::LIKE_AND_DISLIKE,
        };
        context.record().film_id = Some(vote.film.0);
    }
    rest.admit(&context, &caller, operation)?;
    let has_voted = !votes.is_empty();
    if has_voted {
        rest.service.vote(&caller, votes).await?;
    }
    let film =
        rest.service.random_film(&caller, &FilmFilter::default(), &[]).await.map_err(
            |error| match error {
                // The vote is recorded: nobody may be told to try again.
                Error::Unavailable if has_voted => Error::internal(error),
                error => error,
            },
        )?;
    context.record().film_id.get_or_insert(film.id);
    Ok(Json(film.into()))
}

fn votes(query: Option<&str>) -> Result<Vec<Vote>> {
    let mut query = Query::new(query);
    let mut votes = Vec::new();
    for (name, opinion) in [("like", Opinion::Like), ("dislike", Opinion::Dislike)] {
        if let Some(film) = query.film_id(name) {
            votes.push(Vote { film, opinion });
        }
    }
    query.finish()?;
    Ok(votes)
}

/// Add a film
///
/// Members that the server owns and unknown members are ignored.
#[utoipa::path(
    post,
    path = "/add_film",
    operation_id = "addFilmDocumented",
    tag = "documented",
    request_body = FilmIn,
    responses(
        (status = 201, description = "The stored film", body = FilmOut, headers(("Location" = String))),
        AddRefusals,
        Refusals,
    )
)]
pub(super) async fn add_film(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<Response> {
    read_and_add(&rest, &context, &caller, request, Strictness::Lenient).await
}

/// Ask whether films can be added
///
/// Headers only; adds nothing, and costs as much as adding.
#[utoipa::path(
    head,
    path = "/add_film",
    operation_id = "headAddFilm",
    tag = "documented",
    responses((status = 200, description = "Headers only"), (status = 429, description = "Over quota"))
)]
pub(super) async fn head_add_film(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
) -> Result<StatusCode> {
    rest.admit(&context, &caller, operations::HEAD_ADD_FILM)?;
    Ok(StatusCode::OK)
}

/// What `/add_film` and `POST /v1/films` have in common: all but the strictness.
pub(super) async fn read_and_add(
    rest: &Rest,
    context: &Context,
    caller: &Caller,
    request: Request,
    strictness: Strictness,
) -> Result<Response> {
    context.set_action(operations::ADD_FILM.name);
    refuse_foreign_page(request.headers(), &rest.origins)?;
    let object = read_object(request).await?;
    rest.admit(context, caller, operations::ADD_FILM)?;
    let film = rest.service.add_film(caller, FilmIn::draft(&object, strictness)).await?;
    context.record().film_id = Some(film.id);
    Ok(created(film))
}

fn created(film: Arc<Film>) -> Response {
    let location = HeaderValue::from_str(&format!("/v1/films/{}", film.id));
    let mut response = (StatusCode::CREATED, Json(FilmOut::from(film))).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
