//! Keys for programs.

use axum::extract::{Path, Request};
use axum::http::StatusCode;

use super::Result;
use super::account_dto::{ApiKeyOut, ApiKeyPageOut, CreateKeyIn, NewKeyOut};
use super::dto::PageInfoOut;
use super::json::{Members, read_object};
use super::openapi::parameters::{KeyIdParam, NextPageParams, OwnerParam};
use super::openapi::refusals::{
    AccountNotFound, BodyRefusals, Forbidden, InvalidInput, KeyNotFound, Refusals,
};
use super::query::Query;
use super::{Call, path_id};
use crate::admission::admit_key_limits;
use crate::http::json::Json;
use crate::http::problem::Problem;
use crate::operations;
use crate::service::accounts::key_owner;
use crate::service::caller::Caller;

/// Whose keys are meant, if the caller may see to them.
fn owner(caller: &Caller, mut query: Query) -> Result<i64, Problem> {
    let account = query.id("account", "an account");
    query.finish_strict()?;
    Ok(key_owner(caller, account)?)
}

/// A page of the keys of an account
///
/// The newest first, without what makes them keys.
#[utoipa::path(
    get, path = "/v1/keys", operation_id = "keys", tag = "accounts",
    params(OwnerParam, NextPageParams),
    responses(
        (status = 200, description = "A page", body = ApiKeyPageOut),
        Refusals, Forbidden, InvalidInput,
    )
)]
pub(super) async fn keys(mut query: Query, call: Call) -> Result<Json<ApiKeyPageOut>> {
    call.context.set_action(operations::KEYS.name);
    let page = query.next_page();
    let owner = owner(&call.caller, query)?;
    call.admit(operations::KEYS).await?;
    let service = call.rest.service.accounts();
    let page = service.keys(&call.caller, owner, page).await?;
    let total_count = service.count_keys(&call.caller, owner).await?;
    let page_info = PageInfoOut::of(&page);
    let keys = page.entries.into_iter().map(|(_, key)| key.into()).collect();
    Ok(Json(ApiKeyPageOut { keys, page_info, total_count }))
}

/// Make a key
///
/// It is told this once: only a hash of it is kept.
#[utoipa::path(
    post, path = "/v1/keys", operation_id = "createKey", tag = "accounts",
    params(OwnerParam),
    request_body(content = CreateKeyIn, description = "The key"),
    responses(
        (status = 201, description = "The key", body = NewKeyOut),
        Refusals, AccountNotFound, BodyRefusals,
    )
)]
pub(super) async fn create_key(
    query: Query,
    call: Call,
    request: Request,
) -> Result<(StatusCode, Json<NewKeyOut>)> {
    call.begin_change(operations::CREATE_KEY, request.headers())?;
    let members = Members::of(read_object(request).await?);
    let has_limits = members.has("limits");
    let input = CreateKeyIn::read(members);
    let owner = owner(&call.caller, query)?;
    if has_limits {
        admit_key_limits(&call.caller)?;
    }
    call.admit(operations::CREATE_KEY).await?;
    let new = call.rest.service.accounts().create_key(&call.caller, owner, input?).await?;
    Ok((StatusCode::CREATED, Json(new.into())))
}

/// Revoke a key
///
/// At once and everywhere; to revoke it again changes nothing.
#[utoipa::path(
    delete, path = "/v1/keys/{id}", operation_id = "revokeKey", tag = "accounts",
    params(KeyIdParam),
    responses(
        (status = 200, description = "The key as it is now", body = ApiKeyOut),
        Refusals, Forbidden, KeyNotFound,
    )
)]
pub(super) async fn revoke_key(
    call: Call,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<ApiKeyOut>> {
    call.begin_change_without_body(operations::REVOKE_KEY, request).await?;
    let id = path_id(&id, "a key")?;
    call.admit(operations::REVOKE_KEY).await?;
    Ok(Json(call.rest.service.accounts().revoke_key(&call.caller, id).await?.into()))
}
