//! Signing in and out, and who one is.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};

use super::Rest;
use super::account_dto::{ChangePasswordIn, MeOut, SignInIn, SignedInOut};
use super::error::Result;
use super::json::read_object;
use super::members::Members;
use super::openapi::{BodyRefusals, LoginRefusals, Refusals, SessionRefusals};
use crate::limits::{Bucket, Price};
use crate::middleware::call::CurrentCall;
use crate::middleware::cross_site::refuse_foreign_page;
use crate::middleware::identity::CurrentCaller;
use crate::middleware::login;
use crate::service::policy::Action;

/// Sign in
///
/// Draws from `login`, and one attempt from the name too. An unknown name and a wrong password are one refusal.
#[utoipa::path(
    post,
    path = "/v1/session",
    operation_id = "signIn",
    tag = "accounts",
    request_body = SignInIn,
    responses(
        (status = 201, description = "A new session", body = SignedInOut),
        LoginRefusals,
        BodyRefusals,
        Refusals,
    )
)]
pub(super) async fn sign_in(
    State(rest): State<Rest>,
    CurrentCall(call): CurrentCall,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<(StatusCode, Json<SignedInOut>)> {
    call.acts("sign_in");
    refuse_foreign_page(request.headers(), &rest.origins)?;
    let input = SignInIn::read(Members::of(read_object(request).await?));
    let (accounts, price) = (rest.hall.accounts(), Price::of(Bucket::Login, 1));
    match &input {
        Ok(sign_in) => {
            login::charge(&call, &caller, &rest.limiter, accounts, price, &sign_in.name).await?;
        }
        // There is no name to try anything on.
        Err(_) => call.charge(&rest.limiter, price)?,
    }
    let signed_in = accounts.sign_in(&caller, input?).await?;
    Ok((StatusCode::CREATED, Json(signed_in.into())))
}

/// Sign out
///
/// Ends the session that the request came with, at once and everywhere. Free.
#[utoipa::path(
    delete,
    path = "/v1/session",
    operation_id = "signOut",
    tag = "accounts",
    responses((status = 204, description = "The session has ended"), SessionRefusals, Refusals)
)]
pub(super) async fn sign_out(
    State(rest): State<Rest>,
    CurrentCall(call): CurrentCall,
    CurrentCaller(caller): CurrentCaller,
    headers: HeaderMap,
) -> Result<StatusCode> {
    call.acts("sign_out");
    refuse_foreign_page(&headers, &rest.origins)?;
    rest.admit(&call, &caller, Action::UseSession, Price::default())?;
    rest.hall.accounts().sign_out(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who you are to this server
///
/// Asking is free: it changes nothing but the `flood` bucket, from which every request draws.
#[utoipa::path(
    get,
    path = "/v1/me",
    operation_id = "me",
    tag = "accounts",
    responses((status = 200, description = "The caller", body = MeOut), Refusals)
)]
pub(super) async fn me(
    State(rest): State<Rest>,
    CurrentCall(call): CurrentCall,
    CurrentCaller(caller): CurrentCaller,
) -> Result<Json<MeOut>> {
    call.acts("me");
    Ok(Json(rest.hall.accounts().me(&caller).await?.into()))
}

/// Change your own password
///
/// Ends all your other sessions. Draws from `login`.
#[utoipa::path(
    put,
    path = "/v1/me/password",
    operation_id = "changePassword",
    tag = "accounts",
    request_body = ChangePasswordIn,
    responses(
        (status = 204, description = "The password is changed"),
        LoginRefusals,
        BodyRefusals,
        Refusals,
    )
)]
pub(super) async fn change_password(
    State(rest): State<Rest>,
    CurrentCall(call): CurrentCall,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<StatusCode> {
    call.acts("change_password");
    refuse_foreign_page(request.headers(), &rest.origins)?;
    let input = ChangePasswordIn::read(Members::of(read_object(request).await?));
    rest.admit(&call, &caller, Action::UseSession, Price::of(Bucket::Login, 1))?;
    let (current, new) = input?;
    rest.hall.accounts().change_password(&caller, current, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
