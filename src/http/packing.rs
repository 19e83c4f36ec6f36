//! Packed answers (RFC 9110, 8.4): which may be packed, and how.
//!
//! Packed is what is the same for everybody, and what a query of GraphQL tells somebody who has not signed in. All else stays
//! as it is: in an answer that holds a secret beside a text that somebody else chose, the length tells of the secret
//! (BREACH), and what belongs to a caller is short or rare.

use std::convert::Infallible;
use std::future::ready;

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::{BodyExt as _, Full};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::http::json;

/// Bytes from which on it pays: below, the way takes one packet anyhow.
const LEAST: usize = 1_000;
/// Bytes up to which it is done, so that no answer takes more than 5 ms of CPU: some 6 us a kB were measured.
const MOST: usize = 512 * 1024;
/// Of gzip, brotli and zstd: a page of 100 films is 13 kB, and 3 kB after 30 to 60 us. Higher ones save a tenth of that and
/// take twice as long.
const LEVEL: CompressionLevel = CompressionLevel::Precise(3);

/// The text of an answer that may be packed, among the extensions of that.
#[derive(Clone)]
pub struct Packable(pub Bytes);

/// A text as an answer that may be packed, if it is worth it.
#[must_use]
pub fn answer(media_type: HeaderValue, text: Bytes) -> Response {
    let mut response = json::answer(media_type, Body::empty());
    carry(&mut response, text);
    response
}

/// Makes it the text of this answer, likewise.
pub fn carry(response: &mut Response, text: Bytes) {
    if (LEAST..=MOST).contains(&text.len()) {
        response.extensions_mut().insert(Packable(text.clone()));
    }
    *response.body_mut() = text.into();
}

/// The text in the encoding that the client likes best, and the name of that; `None` where it is plain. `accepted`: its
/// `Accept-Encoding`.
///
/// tower-http's layer is put around one answer and not around the router: it would be in the way of every small one.
#[must_use]
pub fn pack(text: &Bytes, accepted: HeaderValue) -> Option<(HeaderValue, Bytes)> {
    let mut request = Request::new(());
    request.headers_mut().insert(ACCEPT_ENCODING, accepted);
    let whole =
        service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(Full::new(text.clone())))));
    let layer = CompressionLayer::new().quality(LEVEL);
    // All of it is there, so nothing in it waits.
    let packed = layer.layer(whole).oneshot(request).now_or_never()?.ok()?;
    let encoding = packed.headers().get(CONTENT_ENCODING)?.clone();
    let bytes = packed.into_body().collect().now_or_never()?.ok()?.to_bytes();
    Some((encoding, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_packable(size: usize) -> bool {
        let response = answer(json::MEDIA_TYPE, vec![b'1'; size].into());
        response.extensions().get::<Packable>().is_some()
    }

    #[test]
    fn what_is_small_is_not_packed() {
        assert!(!is_packable(0) && !is_packable(LEAST - 1) && is_packable(LEAST));
    }

    #[test]
    fn what_is_very_large_is_not_packed() {
        assert!(is_packable(MOST) && !is_packable(MOST + 1));
    }
}
