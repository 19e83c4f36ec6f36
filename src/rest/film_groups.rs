//! Genres and studios: the REST twins of the GraphQL operations.

use serde::Serialize;
use utoipa::ToSchema;

use super::Call;
use super::Result;
use super::dto::PageInfoOut;
use super::openapi::cacheable::{CacheableParams, CacheableResponses};
use super::openapi::parameters::PageParams;
use super::openapi::refusals::{InvalidInput, Refusals};
use super::query::Query;
use crate::http::cacheable::Cacheable;
use crate::operations;
use crate::service::films::group::{Group, GroupPage};
use crate::service::page::PageRequest;

/// A genre or a studio.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FilmGroup)]
struct FilmGroupOut {
    /// As the first of its films writes it.
    name: String,
    /// How many films it has.
    films: u64,
}

/// A page of genres, by name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GenrePage)]
#[serde(rename_all = "camelCase")]
pub(super) struct GenrePageOut {
    /// By name.
    genres: Vec<FilmGroupOut>,
    page_info: PageInfoOut,
    /// How many there are, on all pages together.
    total_count: u64,
}

/// A page of studios, by name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StudioPage)]
#[serde(rename_all = "camelCase")]
pub(super) struct StudioPageOut {
    /// By name.
    studios: Vec<FilmGroupOut>,
    page_info: PageInfoOut,
    /// How many there are, on all pages together.
    total_count: u64,
}

/// The genres, each with the number of its films
///
/// By name. Genres that differ in case alone are one.
#[utoipa::path(
    get, path = "/v1/genres", operation_id = "genres", tag = "films",
    params(PageParams, CacheableParams),
    responses(
        (status = 200, description = "A page", body = GenrePageOut, headers(("ETag" = String))),
        CacheableResponses, Refusals, InvalidInput,
    )
)]
pub(super) async fn genres(query: Query, call: Call) -> Result<Cacheable<GenrePageOut>> {
    call.context.set_action(operations::GENRES.name);
    let page = page(query)?;
    call.admit(operations::GENRES).await?;
    let (genres, page_info, total_count) = out(call.rest.service.genres(&call.caller, page).await?);
    Ok(Cacheable(GenrePageOut { genres, page_info, total_count }))
}

/// The studios, each with the number of its films
///
/// By name. Studios that differ in case alone are one.
#[utoipa::path(
    get, path = "/v1/studios", operation_id = "studios", tag = "films",
    params(PageParams, CacheableParams),
    responses(
        (status = 200, description = "A page", body = StudioPageOut, headers(("ETag" = String))),
        CacheableResponses, Refusals, InvalidInput,
    )
)]
pub(super) async fn studios(query: Query, call: Call) -> Result<Cacheable<StudioPageOut>> {
    call.context.set_action(operations::STUDIOS.name);
    let page = page(query)?;
    call.admit(operations::STUDIOS).await?;
    let (studios, page_info, total_count) = out(call.rest.service.studios(&call.caller, page).await?);
    Ok(Cacheable(StudioPageOut { studios, page_info, total_count }))
}

/// Reads which page is meant, where nothing else is asked.
fn page(mut query: Query) -> Result<PageRequest> {
    let page = query.page();
    query.finish_strict()?;
    Ok(page)
}

fn out(page: GroupPage) -> (Vec<FilmGroupOut>, PageInfoOut, u64) {
    let GroupPage { groups, total } = page;
    let page_info = PageInfoOut::of(&groups);
    let out = |(_, Group { name, films }): (_, Group)| FilmGroupOut { name: name.to_string(), films };
    (groups.entries.into_iter().map(out).collect(), page_info, total)
}
