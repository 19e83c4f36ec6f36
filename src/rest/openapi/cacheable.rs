//! Answers that a client may cache, and asks for by their tag.

use std::collections::BTreeMap;

use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses};

use super::headers::add_header;

/// The name of the answer among the components.
pub(super) const NOT_MODIFIED: &str = "NotModified";

/// What a client has cached.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header, which `http::cacheable` reads")]
pub(in crate::rest) struct CacheableParams {
    /// The tag of the answer that you have: where it is the one of now, there is no answer to read, and the call costs the same
    #[param(rename = "If-None-Match", nullable = false, example = "W/\"5d41402abc4b2a76\"")]
    if_none_match: Option<String>,
}

/// What a call can meet whose answer may be cached.
pub(in crate::rest) struct CacheableResponses;

impl IntoResponses for CacheableResponses {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [("304".to_owned(), Ref::from_response_name(NOT_MODIFIED).into())].into()
    }
}

pub(super) fn not_modified() -> RefOr<Response> {
    let known = "The client has it already: `If-None-Match` named its tag";
    let mut response = ResponseBuilder::new().description(known).build().into();
    add_header(&mut response, "Accept-Query");
    add_header(&mut response, "ETag");
    response
}
