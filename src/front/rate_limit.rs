//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers) for every window that applied.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::context::Context;
use crate::limits::Standing;

/// The header that names the policies.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The header that tells what is left.
pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Writes what the call's charges have left behind.
pub async fn headers(request: Request, next: Next) -> Response {
    let context = request.extensions().get::<Arc<Context>>().cloned();
    let mut response = next.run(request).await;
    let Some(context) = context else { return response };
    let record = context.record();
    if record.standings.is_empty() {
        return response;
    }
    let (policy, limit) = fields(&record.standings);
    for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    drop(record);
    response
}

/// Structured fields: a list each, of policy names with parameters.
fn fields(standings: &[Standing]) -> (String, String) {
    let (mut policy, mut limit) = (String::new(), String::new());
    for (place, standing) in standings.iter().enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        let Standing { name, quota, window, remaining, reset, .. } = standing;
        let reset = reset.map(|reset| format!(";t={reset}")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(policy, "{comma}\"{name}\";q={quota};w={window}");
        let _ = write!(limit, "{comma}\"{name}\";r={remaining}{reset}");
    }
    (policy, limit)
}
