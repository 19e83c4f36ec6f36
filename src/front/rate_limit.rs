//! `RateLimit-Policy` and `RateLimit` on every answer to what has drawn.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::middleware::Next;
use axum::response::Response;

use crate::http::context::Context;
use crate::limits::{Fields, Limiter};

/// The header that names the policies.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The header that tells what is left.
pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Writes how the call's draws have left its client.
pub async fn headers(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    let context = request.extensions().get::<Arc<Context>>().cloned();
    let mut response = next.run(request).await;
    let fields = context.and_then(|context| limiter.fields(&context.draws()));
    if let Some(Fields { policy, limit }) = fields {
        let headers = response.headers_mut();
        headers.insert(POLICY, policy);
        headers.insert(LIMIT, limit);
    }
    response
}
