//! Answers that a client may cache: what is the same for everybody, whoever asks. It asks each time whether its copy still
//! holds, by the tag of that, and is told so in a few bytes. Everything else is `no-store`.

use std::hash::{BuildHasher as _, Hasher as _};

use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use foldhash::quality::FixedState;
use serde::Serialize;

use crate::http::compression::Compressible;
use crate::http::json;
use crate::http::list::elements_of;

/// JSON that may be cached.
#[derive(Debug)]
pub struct Cacheable<T>(pub T);

impl<T: Serialize> IntoResponse for Cacheable<T> {
    fn into_response(self) -> Response {
        let text = json::text(&self.0);
        let tag = tag(&text);
        answer(json::MEDIA_TYPE, text.into(), tag)
    }
}

/// A text that stays as long as the server runs, and may be cached. Its tag is made with it.
#[derive(Debug, Clone)]
pub struct Constant {
    media_type: HeaderValue,
    text: Compressible,
    tag: Option<HeaderValue>,
}

impl Constant {
    #[must_use]
    pub fn new(media_type: HeaderValue, text: impl Into<Bytes>) -> Self {
        let text = text.into();
        Self { media_type, tag: tag(&text), text: Compressible::constant(text) }
    }
}

impl IntoResponse for Constant {
    fn into_response(self) -> Response {
        answer(self.media_type, self.text, self.tag)
    }
}

fn answer(media_type: HeaderValue, text: Compressible, tag: Option<HeaderValue>) -> Response {
    let mut response = text.answer(media_type);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(tag) = tag {
        headers.insert(ETAG, tag);
    }
    response
}

/// A weak tag: it stands for the text, in whatever encoding that is sent. It is the same on every server of one build.
///
/// Nobody gains by two texts with one tag, so a quick hash will do: that of the standard library takes 300 instructions more
/// for a film.
fn tag(text: &[u8]) -> Option<HeaderValue> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(text);
    let mut tag = *b"W/\"0000000000000000\"";
    // Digit by digit, without the machinery of formatting: each film has one.
    for (digits, byte) in tag[3..19].chunks_exact_mut(2).zip(hasher.finish().to_be_bytes()) {
        digits[0] = DIGITS[usize::from(byte >> 4)];
        digits[1] = DIGITS[usize::from(byte & 15)];
    }
    HeaderValue::from_bytes(&tag).ok()
}

/// Whether a list of tags (`If-None-Match`) has the one in these headers. They are compared weakly (RFC 9110, 13.1.2).
#[must_use]
pub fn is_known(known: &HeaderValue, headers: &HeaderMap) -> bool {
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    tag.is_some_and(|tag| elements_of(known).any(|known| known == "*" || opaque(known) == opaque(tag)))
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Takes away what says something of a body: a 304 has none, and its client has what it said before.
pub fn without_body(headers: &mut HeaderMap) {
    for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
        headers.remove(name);
    }
}
