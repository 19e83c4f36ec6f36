//! Reads a request body, which the body limit has already bounded.

use std::error::Error;
use std::iter;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::http::list::{head, parameter};
use crate::http::overload;
use crate::http::problem::Problem;

/// The media type of nearly all bodies.
pub const JSON: &str = "application/json";

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
        Err(error) => Err(problem(&error)),
    }
}

/// The same of a body that has at most so many bytes. No more of it is read.
///
/// # Errors
/// As [`read`].
pub async fn read_at_most(body: Body, most: usize) -> Result<bytes::Bytes, Problem> {
    match Limited::new(body, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        // Its own limit, and not the one of all bodies, whose error has another one around it.
        Err(error) if error.is::<LengthLimitError>() => {
            let detail =
                format!("The request body has more than {most} bytes, which is the most for this call.");
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", detail))
        }
        Err(error) => Err(problem(&*error)),
    }
}

fn problem(error: &(dyn Error + 'static)) -> Problem {
    if is::<LengthLimitError>(error) {
        // The form of the refusal is the surface's: `Context::render` makes it from the status.
        Problem::too_large()
    } else if is::<Late>(error) {
        Problem::late()
    } else if is::<Overloaded>(error) {
        overload::refusal()
    } else {
        Problem::bad_request("The request body could not be read.")
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
    if is_of(headers, JSON) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "The body must be JSON in UTF-8: send the header Content-Type: application/json.",
    ))
}

/// Whether the body is said to be of this media type, in UTF-8, by one header and not by several.
#[must_use]
pub fn is_of(headers: &HeaderMap, media_type: &str) -> bool {
    let mut lines = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return false };
    // As nearly everybody writes it.
    line == media_type || line.to_str().is_ok_and(|line| is_media_type(line, media_type))
}

fn is_media_type(content_type: &str, media_type: &str) -> bool {
    let charset = parameter(content_type, "charset");
    head(content_type).eq_ignore_ascii_case(media_type)
        && charset
            .is_none_or(|charset| ["utf-8", "utf8"].iter().any(|name| charset.eq_ignore_ascii_case(name)))
}
