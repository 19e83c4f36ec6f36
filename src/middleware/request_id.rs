//! The id by which a request is found in the log.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 64;
const DRAWN_BITS: u32 = 128;

/// Takes over the client's id if it is well-formed (at most 64 letters, digits, `.`, `_`, `-`), otherwise draws one:
/// an id from outside ends up in logs and answers.
#[must_use]
pub(super) fn read(headers: &HeaderMap) -> HeaderValue {
    let mut given = headers.get_all(HEADER).iter();
    match (given.next(), given.next()) {
        (Some(only), None) if is_well_formed(only) => only.clone(),
        _ => draw(),
    }
}

fn is_well_formed(id: &HeaderValue) -> bool {
    let id = id.as_bytes();
    (1..=LONGEST).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}

#[expect(clippy::disallowed_methods, reason = "an id needs to be unique, never to be foreseen in a test")]
fn draw() -> HeaderValue {
    let digits = (DRAWN_BITS / 4) as usize;
    HeaderValue::from_str(&format!("{:0digits$x}", rand::random::<u128>()))
        .unwrap_or(HeaderValue::from_static("unknown"))
}
