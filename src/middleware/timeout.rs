//! Nobody waits forever.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

/// Answers for a request that takes too long. A vote that was handed to the writer is still written: the client may
/// count it as unknown.
pub async fn limit(State(most): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("This took too long and was given up.").into_response(),
    }
}
