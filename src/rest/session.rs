//! Signing in and out, and who one is.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};

use super::Rest;
use super::account_dto::{ChangePasswordIn, MeOut, SignInIn, SignedInOut};
use super::error::Result;
use super::json::{Members, read_object};
use super::openapi::{BodyRefusals, LoginRefusals, Refusals, SessionRefusals};
use crate::http::context::CurrentContext;
use crate::http::credential::CurrentCaller;
use crate::http::origins::refuse_foreign_page;
use crate::operations;

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
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<(StatusCode, Json<SignedInOut>)> {
    context.set_action(operations::SIGN_IN.name);
    refuse_foreign_page(request.headers(), &rest.origins)?;
    let input = SignInIn::read(Members::of(read_object(request).await?));
    match &input {
        Ok(sign_in) => rest.admit_attempt(&context, &caller, operations::SIGN_IN, &sign_in.name).await?,
        // There is no name to try anything on.
        Err(_) => rest.admit(&context, &caller, operations::SIGN_IN)?,
    }
    let signed_in = rest.service.accounts().sign_in(&caller, input?).await?;
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
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    headers: HeaderMap,
) -> Result<StatusCode> {
    context.set_action(operations::SIGN_OUT.name);
    refuse_foreign_page(&headers, &rest.origins)?;
    rest.admit(&context, &caller, operations::SIGN_OUT)?;
    rest.service.accounts().sign_out(&caller).await?;
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
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
) -> Result<Json<MeOut>> {
    rest.admit(&context, &caller, operations::ME)?;
    Ok(Json(rest.service.accounts().me(&caller).await?.into()))
}

/// Change your own password
///
/// Ends all your other sessions. Draws from `login`, as a sign-in does.
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
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<StatusCode> {
    context.set_action(operations::CHANGE_PASSWORD.name);
    refuse_foreign_page(request.headers(), &rest.origins)?;
    let input = ChangePasswordIn::read(Members::of(read_object(request).await?));
    let name = caller.account_name().unwrap_or_default();
    // Whoever has the session of another may try to find out the password too.
    rest.admit_attempt(&context, &caller, operations::CHANGE_PASSWORD, name).await?;
    let (current, new) = input?;
    rest.service.accounts().change_password(&caller, current, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
