//! What a browser may do with an answer: nothing, unless a page says otherwise.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Header fields of an answer, so that the index of a copy need not grow.
const ROOM: usize = 24;
/// An answer of the API loads nothing and is framed nowhere.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// What every answer carries that does not say otherwise. `hsts`: the value of `Strict-Transport-Security`. None where it
/// must not be said: over plain HTTP, and under a certificate of our own making, since a browser then lets nobody past its
/// warning any more, and for `localhost` that would bar every other server of this machine too.
#[must_use]
pub fn on_every_answer(hsts: Option<HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(ROOM);
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, NOTHING),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // What the CORS headers depend on, also where there are none.
        (VARY, HeaderValue::from_static("Origin")),
    ] {
        headers.insert(name, value);
    }
    if let Some(hsts) = hsts {
        headers.insert(STRICT_TRANSPORT_SECURITY, hsts);
    }
    headers
}
