//! Bodies come as they are: a compressed one is refused, never expanded, since a few kilobytes can hold gigabytes.

use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::body::Body as _;

use crate::http::problem::Problem;

const DETAIL: &str = "The body must not be compressed: send it as it is, without Content-Encoding.";

/// Refuses a body in any encoding, with 415. `identity` and `chunked` are none.
pub async fn refuse(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_encoded = names_another(headers, &CONTENT_ENCODING, "identity")
        || names_another(headers, &TRANSFER_ENCODING, "chunked");
    if is_encoded && !request.body().is_end_stream() {
        return Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", DETAIL)
            // As RFC 9110, 15.5.16 tells a client what would pass.
            .with_header(ACCEPT_ENCODING, HeaderValue::from_static("identity"))
            .into_response();
    }
    next.run(request).await
}

/// Whether a list names anything else.
fn names_another(headers: &HeaderMap, name: &HeaderName, harmless: &str) -> bool {
    headers.get_all(name).iter().any(|line| {
        let mut codings = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings.any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(harmless.as_bytes()))
    })
}
