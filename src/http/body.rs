//! Reads a request body, which the body limit has already bounded.

use std::error::Error;
use std::iter;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError};

use crate::http::list::{head, parameter};
use crate::http::overload;
use crate::http::problem::Problem;

/// The body did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub struct Late;

/// More requests than the bound, when the rest of a body came.
#[derive(Debug, thiserror::Error)]
#[error("too many requests are in work")]
pub struct Overloaded;

/// The whole body.
///
/// # Errors
/// 413 for a body over the limit, 408 for one that is late, 503 when there is no room for its request any more, 400 for
/// one that breaks off.
pub async fn read(body: Body) -> Result<bytes::Bytes, Problem> {
    match body.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        // The form of the refusal is the surface's: `Context::render` makes it from the status.
        Err(error) if is::<LengthLimitError>(&error) => Err(Problem::too_large()),
        Err(error) if is::<Late>(&error) => Err(Problem::late()),
        Err(error) if is::<Overloaded>(&error) => Err(overload::refusal()),
        Err(_) => Err(Problem::bad_request("The request body could not be read.")),
    }
}

/// Whether an error, or one of its causes, is such a one.
fn is<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    iter::successors(Some(error), |&error| error.source()).any(<dyn Error>::is::<E>)
}

/// Refuses a body that is not JSON in UTF-8. A form or plain text needs no leave from the browser to be sent by a
/// page of another site; JSON does.
///
/// # Errors
/// 415.
pub fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let mut lines = headers.get_all(header::CONTENT_TYPE).iter();
    if let (Some(line), None) = (lines.next(), lines.next())
        // As nearly everybody writes it.
        && (line == "application/json" || line.to_str().is_ok_and(|line| is_media_type(line, "application/json")))
    {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "The body must be JSON in UTF-8: send the header Content-Type: application/json.",
    ))
}

/// Whether a content type is this one, in UTF-8.
#[must_use]
pub fn is_media_type(content_type: &str, media_type: &str) -> bool {
    let charset = parameter(content_type, "charset");
    head(content_type).eq_ignore_ascii_case(media_type)
        && charset
            .is_none_or(|charset| ["utf-8", "utf8"].iter().any(|name| charset.eq_ignore_ascii_case(name)))
}
