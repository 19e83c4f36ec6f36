//! Signing in and out, and who one is.

use axum::extract::Request;
use axum::http::StatusCode;

use super::Call;
use super::Result;
use super::account_dto::{ChangePasswordIn, MeOut, SignInIn, SignedInOut};
use super::json::{Members, read_object};
use super::openapi::refusals::{BodyRefusals, Forbidden, Refusals, Unavailable};
use crate::http::json::Json;
use crate::operations;

/// Sign in
///
/// Draws from `login`, and one attempt from the name too. An unknown name and a wrong password are one refusal.
#[utoipa::path(
    post, path = "/v1/session", operation_id = "signIn", tag = "accounts",
    request_body(content = SignInIn, description = "A name and its password"),
    responses(
        (status = 201, description = "A new session", body = SignedInOut),
        Refusals, BodyRefusals, Unavailable,
    )
)]
pub(super) async fn sign_in(call: Call, request: Request) -> Result<(StatusCode, Json<SignedInOut>)> {
    call.begin_change(operations::SIGN_IN, request.headers())?;
    let input = SignInIn::read(Members::of(read_object(request).await?));
    let sign_in = match input {
        Ok(sign_in) => sign_in,
        Err(error) => {
            // There is no name to try anything on.
            call.admit(operations::SIGN_IN).await?;
            return Err(error.into());
        }
    };
    let _waiting = call.admit_attempt(operations::SIGN_IN, &sign_in.name).await?;
    let signed_in = call.rest.service.accounts().sign_in(&call.caller, sign_in).await?;
    Ok((StatusCode::CREATED, Json(signed_in.into())))
}

/// Sign out
///
/// Ends the session that the request came with, at once and everywhere. Free.
#[utoipa::path(
    delete, path = "/v1/session", operation_id = "signOut", tag = "accounts",
    responses((status = 204, description = "The session has ended"), Refusals, Forbidden)
)]
pub(super) async fn sign_out(call: Call, request: Request) -> Result<StatusCode> {
    call.begin_change_without_body(operations::SIGN_OUT, request).await?;
    call.admit(operations::SIGN_OUT).await?;
    call.rest.service.accounts().sign_out(&call.caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who you are to this server
///
/// Asking is free: it changes nothing but the `flood` bucket, from which every request draws.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "me", tag = "accounts",
    responses((status = 200, description = "The caller", body = MeOut), Refusals)
)]
pub(super) async fn me(call: Call) -> Result<Json<MeOut>> {
    call.admit(operations::ME).await?;
    Ok(Json(call.rest.service.accounts().me(&call.caller).await?.into()))
}

/// Change your own password
///
/// Ends all your other sessions. Draws from `login`, as a sign-in does.
#[utoipa::path(
    put, path = "/v1/me/password", operation_id = "changePassword", tag = "accounts",
    request_body(content = ChangePasswordIn, description = "The password of today, and the one of tomorrow"),
    responses(
        (status = 204, description = "The password is changed"),
        Refusals, BodyRefusals, Unavailable,
    )
)]
pub(super) async fn change_password(call: Call, request: Request) -> Result<StatusCode> {
    call.begin_change(operations::CHANGE_PASSWORD, request.headers())?;
    let input = ChangePasswordIn::read(Members::of(read_object(request).await?));
    let name = call.caller.account_name().unwrap_or_default();
    // Whoever has the session of another may try to find out the password too.
    let _waiting = call.admit_attempt(operations::CHANGE_PASSWORD, name).await?;
    let (current, new) = input?;
    call.rest.service.accounts().change_password(&call.caller, current, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
