//! The documented endpoints. They never change shape.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, StatusCode};
use axum::response::Response;

use super::Result;
use super::dto::{FilmOut, Purpose, ignored, read_film};
use super::json::read_object;
use super::openapi::parameters::{OnceParams, VoteParams};
use super::openapi::refusals::{FilmBodyRefusals, Refusals, VoteRefusals};
use super::query::Query;
use super::{Call, created};
use crate::http::body::read_to_end;
use crate::http::idempotency::Replayed;
use crate::http::json::canonical;
use crate::http::origins::refuse_unmeant_vote;
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
    get, path = "/", operation_id = "randomFilmOrVote", tag = "documented",
    params(VoteParams, OnceParams),
    responses(
        (status = 200, description = "A film chosen uniformly at random", body = FilmOut),
        Refusals, VoteRefusals,
    )
)]
pub(super) async fn random_film(call: Call, request: Request) -> Result<(Replayed, FilmOut)> {
    let (parts, body) = request.into_parts();
    call.context.set_action(operations::RANDOM_FILM.name);
    let votes = votes(parts.uri.query())?;
    if !votes.is_empty() && parts.method != Method::HEAD {
        // Boxed, so that who only asks for a film does not hold the room of votes.
        return Box::pin(vote(call, parts, body, votes)).await;
    }
    // One that nobody reads goes at once: it must not put off the time for the answer.
    drop(body);
    call.admit(operations::RANDOM_FILM).await?;
    Ok((Replayed(false), pick(&call).await?.into()))
}

async fn pick(call: &Call) -> Result<Arc<Film>, Error> {
    let film = call.rest.service.random_film(&call.caller, &FilmFilter::default(), &[], false).await?;
    call.context.record().film_id.get_or_insert(film.id);
    Ok(film)
}

async fn vote(call: Call, parts: Parts, body: Body, votes: Vec<Vote>) -> Result<(Replayed, FilmOut)> {
    refuse_unmeant_vote(&parts.headers, &call.context.origins)?;
    read_to_end(body).await?;
    let operation = match votes[..] {
        [Vote { opinion: Opinion::Like, .. }] => operations::LIKE,
        [Vote { opinion: Opinion::Dislike, .. }] => operations::DISLIKE,
        _ => operations::LIKE_AND_DISLIKE,
    };
    let film_id = votes.first().map(|vote| vote.film.0);
    call.context.record().film_id = film_id;
    let payload = parts.uri.query().unwrap_or_default().as_bytes();
    let vote = async |caller: &Caller| {
        call.rest.service.vote(caller, votes).await?;
        Ok(caller.once.clone())
    };
    let (replayed, once) = call.change(operation, &parts.headers, &[payload], vote).await?;
    let film = match once {
        Some(once) => call.rest.service.film_of_key(&once).await,
        None => pick(&call).await,
    };
    let film = match (film, film_id) {
        // Another process has added the first film, of which this one has not heard yet.
        (Err(Error::NoFilm), Some(voted_for)) => call.rest.service.film_made(voted_for).await,
        (film, _) => film,
    };
    let film = film.map_err(|error| match error {
        // The vote is recorded: nobody may be told to try again.
        Error::Unavailable | Error::Failing(_) | Error::Overtaken => Error::internal(error),
        error => error,
    })?;
    Ok((replayed, film.into()))
}

fn votes(query: Option<&str>) -> Result<Vec<Vote>> {
    let Some(query) = query else { return Ok(Vec::new()) };
    let mut query = Query::new(Some(query));
    let both = [("like", Opinion::Like), ("dislike", Opinion::Dislike)];
    let vote = |(name, opinion)| query.film_id(name).map(|film| Vote { film, opinion });
    let votes = both.into_iter().filter_map(vote).collect();
    query.finish()?;
    Ok(votes)
}

/// Which members of a body were ignored.
const FILMGATE_IGNORED: HeaderName = HeaderName::from_static("filmgate-ignored");

/// Add a film
///
/// Members that the server owns and unknown members are ignored; `Filmgate-Ignored` names them.
#[utoipa::path(
    post, path = "/add_film", operation_id = "addFilmDocumented", tag = "documented",
    params(OnceParams),
    request_body(content = ref("#/components/schemas/DocumentedNewFilm"), description = "The film"),
    responses(
        (status = 201, description = "The stored film", body = FilmOut,
            headers(("Location" = String), ("Filmgate-Ignored" = String))),
        Refusals, FilmBodyRefusals,
    )
)]
pub(super) async fn add_film(call: Call, request: Request) -> Result<Response> {
    read_and_add(call, request, Purpose::DocumentedAdd).await
}

/// The headers of adding a film
///
/// Adds nothing, says nothing of the right to add, and costs as much as adding.
#[utoipa::path(
    head, path = "/add_film", operation_id = "headAddFilm", tag = "documented",
    responses(
        (status = 200, description = "Headers only, whoever asks"),
        (status = 401, description = "The credential is not valid; headers only", headers(("WWW-Authenticate" = String))),
        (status = 429, description = "Over quota; headers only", headers(("Retry-After" = u64))),
        (status = "default", description = "Any other refusal; headers only", headers(("Retry-After" = u64))),
    )
)]
pub(super) async fn head_add_film(call: Call) -> Result<StatusCode> {
    call.admit(operations::HEAD_ADD_FILM).await?;
    Ok(StatusCode::OK)
}

/// What `/add_film` and `POST /v1/films` have in common: all but what is ignored.
pub(super) async fn read_and_add(call: Call, request: Request, purpose: Purpose) -> Result<Response> {
    call.begin_change(operations::ADD_FILM, request.headers())?;
    let headers = request.headers().clone();
    let object = read_object(request).await?;
    // Whatever becomes of it: what was ignored may be why.
    let names = (purpose == Purpose::DocumentedAdd).then(|| ignored(&object)).flatten();
    let names = names.map(|names| (FILMGATE_IGNORED, names));
    let draft = read_film(&object, purpose);
    let add = async |caller: &Caller| call.rest.service.add_film(caller, draft).await;
    let added = call.change(operations::ADD_FILM, &headers, &[&canonical(&object)], add).await;
    let (replayed, film) = added.map_err(|refused| refused.with_headers(names.clone()))?;
    call.context.record().film_id = Some(film.id);
    let mut answer = created("films", film.id, FilmOut::from(film));
    answer.headers_mut().extend(names.into_iter().chain(replayed.header()));
    Ok(answer)
}
