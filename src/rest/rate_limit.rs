//! The caller's own quotas.

use axum::Json;
use axum::extract::State;

use super::Rest;
use super::dto::RateLimitOut;
use super::error::Result;
use crate::http::context::CurrentContext;
use crate::http::credential::CurrentCaller;
use crate::operations;

/// Your own quotas
///
/// Asking is free: it changes nothing but the `flood` bucket, from which every request draws.
#[utoipa::path(
    get,
    path = "/v1/rate_limit",
    operation_id = "rateLimit",
    tag = "limits",
    responses((status = 200, description = "How the caller stands in every window", body = RateLimitOut))
)]
pub(super) async fn rate_limit(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
) -> Result<Json<RateLimitOut>> {
    rest.admit(&context, &caller, operations::RATE_LIMIT)?;
    let standings = context.standings(&rest.limiter);
    Ok(Json(RateLimitOut { limits: standings.into_iter().map(Into::into).collect() }))
}
