//! Reads the body of a request, which `front` holds to its bounds.

use std::error::Error;
use std::iter;

use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::http::list::{head, parameter};
use crate::http::overload;
use crate::http::problem::Problem;

/// The media type of nearly all bodies.
pub const JSON: &str = "application/json";

/// The body has more than so many bytes.
#[derive(Debug, thiserror::Error)]
#[error("the body has more than {0} bytes")]
pub struct TooLarge(pub usize);

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
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::too_large(most)),
        Err(error) => Err(problem(&*error)),
    }
}

/// The end of a body that a change has no use for. Waited for before it is made: what is malformed, or breaks off, is no
/// request.
///
/// # Errors
/// As [`read`].
pub async fn read_to_end(mut body: Body) -> Result<(), Problem> {
    while !body.is_end_stream()
        && let Some(frame) = body.frame().await
    {
        frame.map_err(|error| problem(&error))?;
    }
    Ok(())
}

fn problem(error: &(dyn Error + 'static)) -> Problem {
    if let Some(TooLarge(most)) = cause(error) {
        Problem::too_large(*most)
    } else if cause::<Late>(error).is_some() {
        Problem::late()
    } else if cause::<Overloaded>(error).is_some() {
        overload::refusal()
    } else {
        Problem::bad_request("The request body could not be read.")
    }
}

/// What an error is of this type, or one of its causes.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    iter::successors(Some(error), |&error| error.source()).find_map(<dyn Error>::downcast_ref)
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
