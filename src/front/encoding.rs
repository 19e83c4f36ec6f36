//! Bodies come as they are: a compressed one is refused, never expanded, since a few kilobytes can hold gigabytes.

use axum::body::HttpBody;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};

use crate::http::problem::Problem;

const DETAIL: &str = "The body must not be compressed: send it as it is, without Content-Encoding.";

/// Refuses a body in any encoding, with 415. `identity` and `chunked` are none.
pub(super) fn check<B: HttpBody>(request: &Request<B>) -> Result<(), Problem> {
    let headers = request.headers();
    let is_encoded = names_another(headers, &CONTENT_ENCODING, "identity")
        || names_another(headers, &TRANSFER_ENCODING, "chunked");
    if is_encoded && !request.body().is_end_stream() {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", DETAIL)
            // As RFC 9110, 15.5.16 tells a client what would pass.
            .with_header(ACCEPT_ENCODING, HeaderValue::from_static("identity")));
    }
    Ok(())
}

/// Whether a list names anything else.
fn names_another(headers: &HeaderMap, name: &HeaderName, harmless: &str) -> bool {
    headers.get_all(name).iter().any(|line| {
        let mut codings = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings.any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(harmless.as_bytes()))
    })
}
