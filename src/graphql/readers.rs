//! What this surface reads of a request, for fuzzers and tests: the readers themselves are of no use without a handler.

use crate::config::GraphQl;
use crate::graphql::guard::{self, TooMuch};
use crate::graphql::request::{read_get, read_post};
use crate::http::problem::Problem;

pub fn get(query: &str) -> Result<(), Problem> {
    read_get(Some(query), &GraphQl::default()).map(|_| ())
}

pub fn post(body: &[u8]) -> Result<(), Problem> {
    read_post(body, &GraphQl::default()).map(|_| ())
}

/// Whether a document nests too deeply or has too many tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    Passes,
    TooDeep,
    TooManyTokens,
}

#[must_use]
pub fn guard_document(document: &str, max_nesting: usize, max_tokens: usize) -> Guarded {
    guarded(guard::check_document(document, max_nesting, max_tokens))
}

#[must_use]
pub fn guard_json(bytes: &[u8], max_nesting: usize) -> Guarded {
    guarded(guard::check_json(bytes, max_nesting))
}

fn guarded(checked: Result<(), TooMuch>) -> Guarded {
    match checked {
        Ok(()) => Guarded::Passes,
        Err(TooMuch::Nesting) => Guarded::TooDeep,
        Err(TooMuch::Tokens) => Guarded::TooManyTokens,
    }
}
