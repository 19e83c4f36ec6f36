//! JSON as the body of an answer, and what its numbers mean.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Number;

/// Its media type.
pub const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/json");
/// Bytes of a film and of most other answers, so that their text need not grow.
const ROOM: usize = 256;

/// The text of an answer. It ends with a newline, so that a shell writes its prompt on the next line; what is a part of
/// something else, such as an event, is written otherwise.
///
/// What an answer is made of are texts, numbers, lists and objects with texts as keys: writing them cannot fail.
#[must_use]
pub fn text(value: &impl Serialize) -> Vec<u8> {
    let mut text = Vec::with_capacity(ROOM);
    let _ = serde_json::to_writer(&mut text, value);
    ended(text)
}

/// The same of a text that somebody else has written.
#[must_use]
pub fn ended(mut text: Vec<u8>) -> Vec<u8> {
    text.push(b'\n');
    text
}

/// A value as bytes that are the same for every order of its members, which the same request may have when it is written
/// again.
#[must_use]
pub fn canonical(value: &impl Serialize) -> Vec<u8> {
    let mut value = serde_json::to_value(value).unwrap_or_default();
    value.sort_all_objects();
    serde_json::to_vec(&value).unwrap_or_default()
}

/// An answer of JSON.
///
/// Own rather than axum's, whose body has no newline at its end.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        answer(MEDIA_TYPE, text(&self.0))
    }
}

/// A text as an answer.
pub fn answer(media_type: HeaderValue, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// Whole, in JSON, is a number whose fraction is zero: 5.0 is 5.
#[must_use]
pub fn whole(number: &Number) -> Option<i64> {
    /// Up to which every whole number is a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
    (-EXACT..=EXACT).contains(&float).then_some(float as i64)
}
