//! Which web pages may read answers.
//!
//! Own rather than tower-http's layer, which answers a preflight before `flood` is drawn from, takes every OPTIONS
//! for a preflight, and exposes headers without an `Origin`.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::http::origins::{Allowed, Origins};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, QUERY");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Accept-Query, ETag, Filmgate-Ignored, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
);
/// Seconds for which a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Adds the headers for a page that is trusted; nothing without an `Origin`.
pub(super) fn add(origins: &Origins, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    if let Some(origin) = origin
        && origin.to_str().is_ok_and(|origin| origins.trust(origin))
    {
        let is_any = origins.allowed == Allowed::Any;
        let allowed = if is_any { HeaderValue::from_static("*") } else { origin.clone() };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// The answer to a preflight, which runs nothing. Comes after `flood`, which preflights draw from too.
pub(super) fn preflight<B>(origins: &Origins, request: &Request<B>) -> Option<Response> {
    let headers = request.headers();
    if request.method() != Method::OPTIONS || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let origin = headers.get(ORIGIN)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if origin.to_str().is_ok_and(|origin| origins.trust(origin)) {
        // Whatever headers it asks for: none carries what the browser knows of its user, and tracing and clients have
        // ever more of their own.
        let asked = headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().cloned();
        let allowed: Vec<_> = asked.map(|names| (ACCESS_CONTROL_ALLOW_HEADERS, names)).collect();
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.extend(allowed);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    Some(response)
}
