//! A handler's panic is that request's failure, not an outage.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

/// For `CatchPanicLayer`: the text goes into the log, the client hears nothing of it.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn caught(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = text, "a handler panicked");
    Problem::internal().into_response()
}
