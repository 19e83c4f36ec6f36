//! Compressed answers (RFC 9110, 8.4): which may be compressed, and how.
//!
//! Compressed is what is the same for everybody, and what a query of GraphQL tells somebody who has not signed in. All else stays
//! as it is: in an answer that holds a secret beside a text that somebody else chose, the length tells of the secret
//! (BREACH), and what belongs to a caller is short or rare.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, HeaderValue, Request};
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::{BodyExt as _, Full};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::http::encoding::choose;
use crate::http::json;

/// Bytes from which on it pays: below, the way takes one packet anyhow.
const LEAST: usize = 1_000;
/// Bytes up to which it is done, so that no answer takes more than 5 ms of CPU: some 6 us a kB were measured.
const MOST: usize = 512 * 1024;
/// Of gzip, brotli and zstd: a page of 100 films is 13 kB, and 3 kB after 30 to 60 us. Higher ones save a tenth of that and
/// take twice as long.
const LEVEL: CompressionLevel = CompressionLevel::Precise(3);

/// The text of an answer that may be compressed, among the extensions of that.
#[derive(Debug, Clone)]
pub struct Compressible {
    text: Bytes,
    /// What is made of a text that stays, by encoding.
    made: Option<Arc<[OnceLock<Option<Bytes>>; 4]>>,
}

impl From<Vec<u8>> for Compressible {
    fn from(text: Vec<u8>) -> Self {
        Self { text: text.into(), made: None }
    }
}

impl Compressible {
    /// A text that stays: each of its encodings is made once, for the first who takes it.
    #[must_use]
    pub fn constant(text: Bytes) -> Self {
        Self { text, made: Some(Arc::default()) }
    }

    /// The text as an answer, which is compressed if it is worth it.
    #[must_use]
    pub fn answer(self, media_type: HeaderValue) -> Response {
        let mut response = json::answer(media_type, Body::empty());
        self.put_into(&mut response);
        response
    }

    /// Makes it the text of this answer, likewise.
    pub fn put_into(self, response: &mut Response) {
        if (LEAST..=MOST).contains(&self.text.len()) {
            response.extensions_mut().insert(self.clone());
        }
        *response.body_mut() = self.text.into();
    }

    /// The text in the encoding that the client likes best, and the name of that; `None` where it is plain. `accepted`: its
    /// `Accept-Encoding`.
    #[must_use]
    pub fn compressed(&self, accepted: HeaderValue) -> Option<(&'static str, Bytes)> {
        let accepted = HeaderMap::from_iter([(ACCEPT_ENCODING, accepted)]);
        let encoding = choose(&accepted, |_| true)?;
        let token = encoding.token()?;
        let compressed = match &self.made {
            Some(made) => made[encoding as usize].get_or_init(|| compress(&self.text, token)).clone(),
            None => compress(&self.text, token),
        };
        compressed.map(|compressed| (token, compressed))
    }
}

/// tower-http's layer is put around one answer and not around the router: it would be in the way of every small one.
fn compress(text: &Bytes, token: &'static str) -> Option<Bytes> {
    let mut request = Request::new(());
    request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(token));
    let whole =
        service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(Full::new(text.clone())))));
    let layer = CompressionLayer::new().quality(LEVEL);
    // All of it is there, so nothing in it waits.
    let compressed = layer.layer(whole).oneshot(request).now_or_never()?.ok()?;
    Some(compressed.into_body().collect().now_or_never()?.ok()?.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_compressible(size: usize) -> bool {
        let response = Compressible::from(vec![b'1'; size]).answer(json::MEDIA_TYPE);
        response.extensions().get::<Compressible>().is_some()
    }

    #[test]
    fn what_is_small_is_not_compressed() {
        assert!(!is_compressible(0) && !is_compressible(LEAST - 1) && is_compressible(LEAST));
    }

    #[test]
    fn what_is_very_large_is_not_compressed() {
        assert!(is_compressible(MOST) && !is_compressible(MOST + 1));
    }

    #[test]
    fn what_stays_is_compressed_once() {
        let accepted = || HeaderValue::from_static("br");
        let text = Bytes::from(vec![b'1'; LEAST]);
        let constant = Compressible::constant(text.clone());
        let place = |compressible: &Compressible| {
            let (token, compressed) = compressible.clone().compressed(accepted()).expect("it is compressed");
            assert_eq!((token, compressed.is_empty()), ("br", false));
            compressed
        };
        let (first, again) = (place(&constant), place(&constant));
        assert_eq!(first.as_ptr(), again.as_ptr());
        let (other, gzip) =
            (place(&text.to_vec().into()), constant.compressed(HeaderValue::from_static("gzip")));
        assert_eq!(first, other);
        assert_ne!(first.as_ptr(), other.as_ptr());
        assert_eq!(gzip.map(|(token, _)| token), Some("gzip"));
    }
}
