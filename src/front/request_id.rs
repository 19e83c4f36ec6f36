//! The id by which a request is found in the log.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::telemetry::new_request_id;

/// The header that carries it, both ways.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 64;

/// Takes over the client's id if it is well-formed (at most 64 letters, digits, `.`, `_`, `-`), otherwise draws one:
/// an id from outside ends up in logs and answers.
#[must_use]
pub(super) fn read(headers: &HeaderMap) -> HeaderValue {
    let mut given = headers.get_all(HEADER).iter();
    match (given.next(), given.next()) {
        (Some(only), None) if is_well_formed(only) => only.clone(),
        _ => new_request_id(),
    }
}

fn is_well_formed(id: &HeaderValue) -> bool {
    let id = id.as_bytes();
    (1..=LONGEST).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}
