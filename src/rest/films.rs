//! Films as resources: the REST twins of the GraphQL operations.

use axum::extract::{Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use super::Result;
use super::documented::read_and_add;
use super::dto::{FilmIn, FilmOut, FilmPageOut, Purpose};
use super::openapi::cacheable::{CacheableParams, CacheableResponses};
use super::openapi::parameters::{
    ExcludeParams, FilmIdParam, FilterParams, OnceParams, OrderParams, PageParams,
};
use super::openapi::refusals::{FilmBodyRefusals, FilmNotFound, InvalidInput, Refusals, VoteRefusals};
use super::query::Query;
use super::{Call, path_id};
use crate::admission::admit_unseen;
use crate::http::body::{read_to_end, require_json};
use crate::http::cacheable::Cacheable;
use crate::http::context::Context;
use crate::http::idempotency::Replayed;
use crate::http::problem::Problem;
use crate::http::query_method::QueryMethod;
use crate::operations;
use crate::service::Error;
use crate::service::caller::Caller;
use crate::service::films::filter::FilmFilter;
use crate::service::films::types::{FilmId, FilmOrder};
use crate::service::votes::types::Opinion;

/// `/v1/films`, which takes QUERY too.
pub(super) const FILMS: QueryMethod = QueryMethod {
    allow: "GET,HEAD,POST,QUERY",
    media_types: "application/x-www-form-urlencoded, application/json",
};

/// A page of films
///
/// Those that match every parameter that is given, in the order that is asked for. QUERY (RFC 10008), for which OpenAPI 3.1 has no
/// place, takes the same parameters in a body: as a form, or as an object of JSON.
#[utoipa::path(
    get, path = "/v1/films", operation_id = "films", tag = "films",
    params(FilterParams, OrderParams, PageParams, CacheableParams),
    responses(
        (status = 200, description = "A page", body = FilmPageOut, headers(("ETag" = String), ("Accept-Query" = String))),
        CacheableResponses, Refusals, InvalidInput,
    )
)]
pub(super) async fn films(
    query: Query,
    call: Call,
) -> Result<([(HeaderName, HeaderValue); 1], Cacheable<FilmPageOut>)> {
    call.context.set_action(operations::FILMS.name);
    Ok(([FILMS.header()], page_of_films(query, call).await?))
}

/// The films that parameters ask for, from wherever they were read.
pub(super) async fn page_of_films(mut query: Query, call: Call) -> Result<Cacheable<FilmPageOut>> {
    let filter = filter(&mut query);
    let order = order(&mut query, filter.text.is_some());
    let seed = query.text("seed");
    let page = query.page();
    query.finish_strict()?;
    call.admit(operations::FILMS).await?;
    let page = call.rest.service.films(&call.caller, &filter, order, seed.as_deref(), page).await;
    let page = page.map_err(as_named_here)?;
    let total = match page.total {
        Some(total) => total,
        None => call.rest.service.count_films(&call.caller, &filter, page.highest).await?,
    };
    Ok(Cacheable(FilmPageOut::of(page, total)))
}

/// Add a film
///
/// Members that the server owns and unknown members are refused by name.
#[utoipa::path(
    post, path = "/v1/films", operation_id = "addFilm", tag = "films",
    params(OnceParams),
    request_body(content = FilmIn, description = "The film"),
    responses(
        (status = 201, description = "The stored film", body = FilmOut, headers(("Location" = String))),
        Refusals, FilmBodyRefusals,
    )
)]
pub(super) async fn add_film(call: Call, request: Request) -> Result<Response> {
    read_and_add(call, request, Purpose::Add).await
}

/// A random film among those that match
///
/// Each of them is as likely as any other.
#[utoipa::path(
    get, path = "/v1/films/random", operation_id = "randomFilm", tag = "films",
    params(FilterParams, ExcludeParams),
    responses(
        (status = 200, description = "A film chosen uniformly among those that match", body = FilmOut),
        Refusals, FilmNotFound, InvalidInput,
    )
)]
pub(super) async fn random_film(mut query: Query, call: Call) -> Result<FilmOut> {
    call.context.set_action(operations::RANDOM_FILM.name);
    let filter = filter(&mut query);
    let exclude = query.film_ids("exclude");
    let unseen = query.flag("unseen");
    query.finish_strict()?;
    if unseen {
        admit_unseen(&call.caller)?;
    }
    call.admit(operations::RANDOM_FILM).await?;
    let film = call.rest.service.random_film(&call.caller, &filter, &exclude, unseen).await;
    let film = film.map_err(as_named_here)?;
    call.context.record().film_id = Some(film.id);
    Ok(film.into())
}

/// A film by its id
///
/// With its votes as they are now.
#[utoipa::path(
    get, path = "/v1/films/{id}", operation_id = "film", tag = "films",
    params(FilmIdParam, CacheableParams),
    responses(
        (status = 200, description = "The film", body = FilmOut, headers(("ETag" = String))),
        CacheableResponses, Refusals, FilmNotFound,
    )
)]
pub(super) async fn film(call: Call, Path(id): Path<String>) -> Result<Cacheable<FilmOut>> {
    call.context.set_action(operations::FILM.name);
    let id = film_id(&id, &call.context)?;
    call.admit(operations::FILM).await?;
    let film = call.rest.service.film(&call.caller, id).await?;
    Ok(Cacheable(film.into()))
}

/// Like a film
///
/// An anonymous like counts each time; who has signed in has one vote for each film, and the last one counts.
#[utoipa::path(
    post, path = "/v1/films/{id}/like", operation_id = "like", tag = "films",
    params(FilmIdParam, OnceParams),
    responses(
        (status = 200, description = "The film with its new counts", body = FilmOut),
        Refusals, VoteRefusals,
    )
)]
pub(super) async fn like(
    call: Call,
    Path(id): Path<String>,
    request: Request,
) -> Result<(Replayed, FilmOut)> {
    vote(call, request, &id, Opinion::Like).await
}

/// Dislike a film
///
/// An anonymous dislike counts each time; who has signed in has one vote for each film, and the last one counts.
#[utoipa::path(
    post, path = "/v1/films/{id}/dislike", operation_id = "dislike", tag = "films",
    params(FilmIdParam, OnceParams),
    responses(
        (status = 200, description = "The film with its new counts", body = FilmOut),
        Refusals, VoteRefusals,
    )
)]
pub(super) async fn dislike(
    call: Call,
    Path(id): Path<String>,
    request: Request,
) -> Result<(Replayed, FilmOut)> {
    vote(call, request, &id, Opinion::Dislike).await
}

async fn vote(call: Call, request: Request, id: &str, opinion: Opinion) -> Result<(Replayed, FilmOut)> {
    let operation = match opinion {
        Opinion::Like => operations::LIKE,
        Opinion::Dislike => operations::DISLIKE,
    };
    let (Parts { headers, .. }, body) = request.into_parts();
    call.begin_change(operation, &headers)?;
    // It has no body; one of a form is of a page that has not asked.
    if headers.contains_key(CONTENT_TYPE) {
        require_json(&headers)?;
    }
    read_to_end(body).await?;
    let id = film_id(id, &call.context)?;
    let service = &call.rest.service;
    let vote = async |caller: &Caller| match opinion {
        Opinion::Like => service.like(caller, id).await,
        Opinion::Dislike => service.dislike(caller, id).await,
    };
    let (replayed, film) = call.change(operation, &headers, &[&id.0.to_le_bytes()], vote).await?;
    Ok((replayed, film.into()))
}

pub(super) fn film_id(text: &str, context: &Context) -> Result<FilmId, Problem> {
    let id = path_id(text, "a film")?;
    context.record().film_id = Some(id);
    Ok(FilmId(id))
}

fn filter(query: &mut Query) -> FilmFilter {
    FilmFilter {
        text: query.text("q"),
        genre: query.text("genre"),
        studio: query.text("studio"),
        year_from: query.number("yearFrom"),
        year_to: query.number("yearTo"),
        min_votes: query.number::<i32>("minVotes").map(i64::from),
    }
}

/// What is wrong with a text that is looked for, under the name that it has here.
fn as_named_here(mut error: Error) -> Error {
    if let Error::InvalidInput(faults) = &mut error {
        for fault in faults.iter_mut().filter(|fault| fault.pointer == "/text") {
            "/q".clone_into(&mut fault.pointer);
        }
    }
    error
}

fn order(query: &mut Query, has_text: bool) -> FilmOrder {
    let known = "must be name, year, newest, likes, rating, relevance or shuffled";
    let sort = query.text("sort").and_then(|sort| sort.parse().ok().or_else(|| query.refuse("sort", known)));
    let descends = query.text("order").and_then(|order| match order.as_str() {
        "asc" => Some(false),
        "desc" => Some(true),
        _ => query.refuse("order", "must be asc or desc"),
    });
    FilmOrder::asked(sort, descends, has_text)
}
