//! Accounts, for admins.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::Rest;
use super::account_dto::{AccountOut, AccountsOut, CreateAccountIn, UpdateAccountIn};
use super::error::Result;
use super::json::{Members, read_object};
use super::openapi::{BodyRefusals, ForbiddenRefusals, NamedRefusals, Refusals, TakenRefusals};
use super::path_id;
use crate::http::context::CurrentContext;
use crate::http::credential::CurrentCaller;
use crate::http::origins::refuse_foreign_page;
use crate::operations;

/// All accounts
#[utoipa::path(
    get,
    path = "/v1/accounts",
    operation_id = "accounts",
    tag = "accounts",
    responses((status = 200, description = "By name", body = AccountsOut), ForbiddenRefusals, Refusals)
)]
pub(super) async fn accounts(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
) -> Result<Json<AccountsOut>> {
    rest.admit(&context, &caller, operations::ACCOUNTS)?;
    let accounts = rest.service.accounts().accounts(&caller).await?;
    Ok(Json(AccountsOut { accounts: accounts.into_iter().map(Into::into).collect() }))
}

/// An account by its id
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}",
    operation_id = "account",
    tag = "accounts",
    params(("id" = String, Path, description = "Id of an account, in digits", pattern = "^[0-9]+$")),
    responses(
        (status = 200, description = "The account", body = AccountOut),
        ForbiddenRefusals,
        NamedRefusals,
        Refusals,
    )
)]
pub(super) async fn account(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    Path(id): Path<String>,
) -> Result<Json<AccountOut>> {
    context.set_action(operations::ACCOUNT.name);
    let id = path_id(&id, "an account")?;
    rest.admit(&context, &caller, operations::ACCOUNT)?;
    Ok(Json(rest.service.accounts().account(&caller, id).await?.into()))
}

/// Make an account
#[utoipa::path(
    post,
    path = "/v1/accounts",
    operation_id = "createAccount",
    tag = "accounts",
    request_body = CreateAccountIn,
    responses(
        (status = 201, description = "The account", body = AccountOut, headers(("Location" = String))),
        ForbiddenRefusals,
        TakenRefusals,
        BodyRefusals,
        Refusals,
    )
)]
pub(super) async fn create_account(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<Response> {
    context.set_action(operations::CREATE_ACCOUNT.name);
    refuse_foreign_page(request.headers(), &rest.origins)?;
    let input = CreateAccountIn::read(Members::of(read_object(request).await?));
    rest.admit(&context, &caller, operations::CREATE_ACCOUNT)?;
    let account = AccountOut::from(rest.service.accounts().create_account(&caller, input?).await?);
    let location = HeaderValue::from_str(&format!("/v1/accounts/{}", account.id));
    let mut response = (StatusCode::CREATED, Json(account)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Change role or password of an account, or whether it can be used
///
/// What is not given stays.
#[utoipa::path(
    patch,
    path = "/v1/accounts/{id}",
    operation_id = "updateAccount",
    tag = "accounts",
    params(("id" = String, Path, description = "Id of an account, in digits", pattern = "^[0-9]+$")),
    request_body = UpdateAccountIn,
    responses(
        (status = 200, description = "The account as it is now", body = AccountOut),
        ForbiddenRefusals,
        NamedRefusals,
        BodyRefusals,
        Refusals,
    )
)]
pub(super) async fn update_account(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<AccountOut>> {
    context.set_action(operations::UPDATE_ACCOUNT.name);
    refuse_foreign_page(request.headers(), &rest.origins)?;
    let id = path_id(&id, "an account")?;
    let input = UpdateAccountIn::read(Members::of(read_object(request).await?));
    rest.admit(&context, &caller, operations::UPDATE_ACCOUNT)?;
    Ok(Json(rest.service.accounts().update_account(&caller, id, input?).await?.into()))
}
