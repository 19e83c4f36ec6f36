//! Nobody waits forever.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

const DETAIL: &str = "This took too long and was given up. A change may have been made all the same: look before you repeat it.";

/// Answers for a request that takes too long. A change that was begun is still finished, so nobody is told to try
/// again.
pub async fn limit(State(most): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", DETAIL).into_response(),
    }
}
