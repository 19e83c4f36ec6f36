//! The caller's own quotas.

use super::Call;
use super::Result;
use super::dto::RateLimitOut;
use super::openapi::refusals::Refusals;
use crate::http::json::Json;
use crate::operations;

/// Your own quotas
///
/// Asking is free: it changes nothing but the `flood` bucket, from which every request draws.
#[utoipa::path(
    get, path = "/v1/rate_limit", operation_id = "rateLimit", tag = "limits",
    responses((status = 200, description = "How the caller stands in every window", body = RateLimitOut), Refusals)
)]
pub(super) async fn rate_limit(call: Call) -> Result<Json<RateLimitOut>> {
    call.admit(operations::RATE_LIMIT).await?;
    let standings = call.context.standings().await;
    Ok(Json(RateLimitOut { limits: standings.into_iter().map(Into::into).collect() }))
}
