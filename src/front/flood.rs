//! The `flood` bucket: every request draws from it before anything is parsed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::body::Body as _;

use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::limits::{Bucket, Limiter, Price};

/// For what must be answered although its client comes too fast: it draws while there is something to draw.
pub async fn note(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    let _ = draw(&limiter, &request);
    next.run(request).await
}

/// Refuses who comes too fast. What is drawn here stays drawn, whatever another bucket says afterwards.
pub async fn charge(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    match draw(&limiter, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn draw(limiter: &Limiter, request: &Request) -> Result<(), Problem> {
    let Some(context) = request.extensions().get::<Arc<Context>>() else { return Ok(()) };
    if request.body().is_end_stream() {
        // Nobody else sets it.
        let _ = context.came.set(limiter.now());
    }
    context.charge(limiter, Price::of(Bucket::Flood, 1))
}
