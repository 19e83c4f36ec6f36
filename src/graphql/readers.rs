//! What this surface reads of a request, for fuzzers and tests: the readers themselves are of no use without a handler.

use crate::config::GraphQl;
use crate::graphql::document::{self, Refused};
use crate::graphql::guard;
use crate::graphql::request::{read_get, read_post};
use crate::http::problem::Problem;

pub fn get(query: &str) -> Result<(), Problem> {
    read_get(Some(query), &GraphQl::default()).map(|_| ())
}

pub fn post(body: &[u8]) -> Result<(), Problem> {
    read_post(body, &GraphQl::default()).map(|_| ())
}

/// What a look at brackets and tokens finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    Passes,
    /// It nests too deeply, or has too many tokens.
    TooLarge,
    /// It does not keep to the grammar.
    NotADocument,
}

#[must_use]
pub fn guard_document(document: &str, max_nesting: usize, max_tokens: usize) -> Guarded {
    let limits = GraphQl { max_nesting, max_tokens, ..GraphQl::default() };
    match document::scan(document, &limits) {
        Ok(()) => Guarded::Passes,
        Err(Refused::TooLarge(_)) => Guarded::TooLarge,
        Err(Refused::Invalid(_)) => Guarded::NotADocument,
    }
}

#[must_use]
pub fn guard_json(bytes: &[u8], max_nesting: usize) -> Guarded {
    match guard::check_json(bytes, max_nesting) {
        Ok(()) => Guarded::Passes,
        Err(_) => Guarded::TooLarge,
    }
}
