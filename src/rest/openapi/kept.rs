//! Answers that a client may keep.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{RefOr, Response, ResponseBuilder};

use super::headers::add_header;

/// What a call can meet whose answer may be kept.
pub(in crate::rest) struct KeptResponses;

impl IntoResponses for KeptResponses {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let known = "The client has it already: `If-None-Match` named its tag";
        [("304".to_owned(), ResponseBuilder::new().description(known).build().into())].into()
    }
}

/// Adds the tag to the answers that have one.
pub(super) fn name_tags(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    if responses.contains_key("304") {
        let tagged = responses.iter_mut().filter(|(status, _)| ["200", "304"].contains(&status.as_str()));
        tagged.for_each(|(_, response)| add_header(response, "ETag"));
    }
}
