//! What stands before every entrance.

use std::sync::Arc;

use axum::body::HttpBody;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};

use crate::front::client_ip::ClientIp;
use crate::front::host::Hosts;
use crate::http::origins::Origins;
use crate::http::problem::Problem;
use crate::limits::Limiter;
use crate::service::audit::Refusals;

/// What stands before every entrance.
#[derive(Clone)]
pub struct Guards {
    pub client_ip: Arc<ClientIp>,
    pub limiter: Arc<Limiter>,
    pub hosts: Arc<Hosts>,
    pub origins: Arc<Origins>,
    /// Bytes.
    pub max_header: usize,
    /// On every answer.
    pub headers: HeaderMap,
    pub refusals: Arc<Refusals>,
}

/// Header fields of a request.
const MOST_FIELDS: usize = 100;

/// Refuses what is over the cap, in bytes. The connection's own buffer is the first wall; this one answers in our
/// form, and holds for every transport.
pub(super) fn check_size<B>(most: usize, request: &Request<B>) -> Result<(), Problem> {
    let uri = request.uri();
    let line = uri.path().len() + uri.query().map_or(0, str::len);
    if line > most / 2 {
        return Err(Problem::new(
            StatusCode::URI_TOO_LONG,
            "URI_TOO_LONG",
            format!("The address is longer than {} bytes.", most / 2),
        ));
    }
    // As HTTP/1.1 writes it: name, colon, space, value, line end.
    let fields: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if line + fields > most || request.headers().len() > MOST_FIELDS {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "HEADER_TOO_LARGE",
            format!("The header is larger than {most} bytes or {MOST_FIELDS} fields."),
        ));
    }
    Ok(())
}

const DETAIL: &str = "The body must not be compressed: send it as it is, without Content-Encoding.";

/// Refuses a body in any encoding, with 415. `identity` and `chunked` are none.
/// A compressed body is never expanded, since a few kilobytes can hold gigabytes.
pub(super) fn check_encoding<B: HttpBody>(request: &Request<B>) -> Result<(), Problem> {
    if request.body().is_end_stream() {
        return Ok(());
    }
    let headers = request.headers();
    if names_another(headers, &CONTENT_ENCODING, "identity")
        || names_another(headers, &TRANSFER_ENCODING, "chunked")
    {
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
