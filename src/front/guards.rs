//! What stands before every entrance.

use std::sync::Arc;

use axum::body::HttpBody;
use axum::http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};

use crate::front::client_ip::ClientIp;
use crate::front::host::Hosts;
use crate::http::list::{elements, has_any};
use crate::http::log_line::Observers;
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
    pub observers: Observers,
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

/// Refuses a target that is no path: only HTTP/2 lets one through to here (RFC 9113, 8.3.1), and `?like=1` would be taken
/// for `/?like=1`.
pub(super) fn check_target<B>(request: &Request<B>) -> Result<(), Problem> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let is_asterisk = target == "*" && request.method() == Method::OPTIONS;
    // An absolute address of HTTP/1.1 may do without a path.
    let is_absolute = request.version() < Version::HTTP_2 && uri.scheme().is_some();
    if target.starts_with('/') || is_asterisk || is_absolute {
        return Ok(());
    }
    Err(Problem::bad_request("The target of a request begins with a slash."))
}

/// Takes a slash away that stands behind an address: people and clients write one. A page is led to its own address
/// instead, so that its links stay right.
pub(super) fn trim_slash<B>(request: &mut Request<B>) {
    let path = request.uri().path();
    if path.len() < 2 || !path.ends_with('/') || path.ends_with("//") || path.starts_with("/playground") {
        return;
    }
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    let target = format!("{}{query}", &path[..path.len() - 1]);
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = target.parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

const DETAIL: &str = "The body must not be compressed: send it as it is, without Content-Encoding.";

/// Refuses a body in any encoding, with 415, but `identity`; and any transfer coding but `chunked`.
/// A compressed body is never expanded, since a few kilobytes can hold gigabytes.
pub(super) fn check_encoding<B: HttpBody>(request: &Request<B>) -> Result<(), Problem> {
    let headers = request.headers();
    if request.body().is_end_stream() || !has_any(headers, &[CONTENT_ENCODING, TRANSFER_ENCODING]) {
        return Ok(());
    }
    let mut codings = elements(headers, &TRANSFER_ENCODING);
    if codings.next().is_some_and(|coding| !coding.eq_ignore_ascii_case("chunked"))
        || codings.next().is_some()
    {
        // Where it ends could be read in another way too.
        return Err(Problem::bad_request("The transfer coding of a body is chunked, once, or none.")
            .with_header(CONNECTION, HeaderValue::from_static("close")));
    }
    if elements(headers, &CONTENT_ENCODING).any(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", DETAIL)
            // As RFC 9110, 15.5.16 tells a client what would pass.
            .with_header(ACCEPT_ENCODING, HeaderValue::from_static("identity")));
    }
    Ok(())
}
