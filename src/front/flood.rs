//! The `flood` bucket: every request draws from it before anything is parsed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::http::context::Context;
use crate::limits::{Bucket, Limiter, Price};

/// For what must be answered although its client comes too fast: it draws while there is something to draw.
pub async fn note(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    if let Some(context) = request.extensions().get::<Arc<Context>>() {
        let _ = context.charge(&limiter, Price::of(Bucket::Flood, 1));
    }
    next.run(request).await
}

/// Refuses who comes too fast.
pub async fn charge(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    if let Some(context) = request.extensions().get::<Arc<Context>>()
        && let Err(problem) = context.charge(&limiter, Price::of(Bucket::Flood, 1))
    {
        return problem.into_response();
    }
    next.run(request).await
}
