//! Accounts, for admins.

use axum::extract::{Path, Request};
use axum::response::Response;

use super::Result;
use super::account_dto::{AccountOut, AccountPageOut, CreateAccountIn, UpdateAccountIn};
use super::dto::PageInfoOut;
use super::json::{Members, read_object};
use super::openapi::parameters::{AccountIdParam, NextPageParams};
use super::openapi::refusals::{
    AccountExists, AccountNotFound, BodyRefusals, Forbidden, InvalidInput, Refusals,
};
use super::query::Query;
use super::{Call, created, path_id};
use crate::http::json::Json;
use crate::operations;

/// A page of accounts
///
/// By name, for admins.
#[utoipa::path(
    get, path = "/v1/accounts", operation_id = "accounts", tag = "accounts",
    params(NextPageParams),
    responses((status = 200, description = "A page", body = AccountPageOut), Refusals, Forbidden, InvalidInput)
)]
pub(super) async fn accounts(mut query: Query, call: Call) -> Result<Json<AccountPageOut>> {
    call.context.set_action(operations::ACCOUNTS.name);
    let page = query.next_page();
    query.finish_strict()?;
    call.admit(operations::ACCOUNTS).await?;
    let service = call.rest.service.accounts();
    let page = service.accounts(&call.caller, page).await?;
    let total_count = service.count_accounts(&call.caller).await?;
    let page_info = PageInfoOut::of(&page);
    let accounts = page.entries.into_iter().map(|(_, account)| account.into()).collect();
    Ok(Json(AccountPageOut { accounts, page_info, total_count }))
}

/// An account by its id
///
/// For admins; your own is in `/v1/me`.
#[utoipa::path(
    get, path = "/v1/accounts/{id}", operation_id = "account", tag = "accounts",
    params(AccountIdParam),
    responses(
        (status = 200, description = "The account", body = AccountOut),
        Refusals, Forbidden, AccountNotFound,
    )
)]
pub(super) async fn account(call: Call, Path(id): Path<String>) -> Result<Json<AccountOut>> {
    call.context.set_action(operations::ACCOUNT.name);
    let id = path_id(&id, "an account")?;
    call.admit(operations::ACCOUNT).await?;
    Ok(Json(call.rest.service.accounts().account(&call.caller, id).await?.into()))
}

/// Make an account
///
/// For admins. Whoever it is for signs in with name and password.
#[utoipa::path(
    post, path = "/v1/accounts", operation_id = "createAccount", tag = "accounts",
    request_body(content = CreateAccountIn, description = "The account"),
    responses(
        (status = 201, description = "The account", body = AccountOut, headers(("Location" = String))),
        Refusals, AccountExists, BodyRefusals,
    )
)]
pub(super) async fn create_account(call: Call, request: Request) -> Result<Response> {
    call.begin_change(operations::CREATE_ACCOUNT, request.headers())?;
    let input = CreateAccountIn::read(Members::of(read_object(request).await?));
    call.admit(operations::CREATE_ACCOUNT).await?;
    let account = call.rest.service.accounts().create_account(&call.caller, input?).await?;
    Ok(created("accounts", account.id, Json(AccountOut::from(account))))
}

/// Change role or password of an account, or whether it can be used
///
/// What is not given stays.
#[utoipa::path(
    patch, path = "/v1/accounts/{id}", operation_id = "updateAccount", tag = "accounts",
    params(AccountIdParam),
    request_body(content = UpdateAccountIn, description = "What is to change"),
    responses(
        (status = 200, description = "The account as it is now", body = AccountOut),
        Refusals, AccountNotFound, BodyRefusals,
    )
)]
pub(super) async fn update_account(
    call: Call,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<AccountOut>> {
    call.begin_change(operations::UPDATE_ACCOUNT, request.headers())?;
    let id = path_id(&id, "an account")?;
    let input = UpdateAccountIn::read(Members::of(read_object(request).await?));
    call.admit(operations::UPDATE_ACCOUNT).await?;
    Ok(Json(call.rest.service.accounts().update_account(&call.caller, id, input?).await?.into()))
}
