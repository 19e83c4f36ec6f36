//! Reads a JSON object from a body.

use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::http::body::{read, require_json};
use crate::http::problem::Problem;

/// The body as an object.
///
/// # Errors
/// 415 for another content type, 413 for a body over the limit, 400 for what does not parse, 422 for JSON that is no
/// object.
pub(super) async fn read_object(request: Request) -> Result<Map<String, Value>, Problem> {
    require_json(request.headers())?;
    let body = read(request.into_body()).await?;
    match serde_json::from_slice(&body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "INVALID_INPUT",
            "The body must be a JSON object.",
        )),
        // serde_json tells kind and place, and nothing of the body itself.
        Err(error) => Err(Problem::bad_request(format!("The body is not valid JSON: {error}."))),
    }
}
