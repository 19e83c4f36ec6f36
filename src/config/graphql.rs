//! `[graphql]`: what a document may ask. Each limit is inclusive: N passes, N + 1 is refused before anything runs.

use serde::{Deserialize, Serialize};

use super::error::Error;

/// `[graphql]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraphQl {
    /// Levels of `{`, `[` and `(` in a document, and of `{` and `[` in its JSON request.
    pub max_nesting: usize,
    /// Bytes of a document.
    pub max_document: usize,
    /// Lexical tokens of a document.
    pub max_tokens: usize,
    /// Levels of fields, introspection aside.
    pub max_depth: usize,
    /// Fields after fragments are expanded.
    pub max_fields: usize,
    /// Aliases after fragments are expanded.
    pub max_aliases: usize,
    /// Directives of a document.
    pub max_directives: usize,
    /// Errors in an answer.
    pub max_errors: usize,
    /// Requests in a batch.
    pub max_batch: usize,
    /// Films on a page, through both surfaces.
    pub max_page: u32,
    /// Bytes that documents may take in memory once they were found to be valid.
    pub document_cache: usize,
}

impl Default for GraphQl {
    fn default() -> Self {
        Self {
            max_nesting: 32,
            max_document: 65_536,
            max_tokens: 2_000,
            max_depth: 12,
            max_fields: 1_000,
            max_aliases: 100,
            max_directives: 50,
            max_errors: 20,
            max_batch: 10,
            max_page: 100,
            document_cache: 16 * 1024 * 1024,
        }
    }
}

impl GraphQl {
    pub(super) fn check(&self) -> Result<(), Error> {
        // The parser of async-graphql overflows the stack, which ends the process, from about 1,600 levels.
        if self.max_nesting > 256 {
            return Err(Error::value("graphql.max_nesting", "must be at most 256"));
        }
        if self.max_page > 1_000 {
            return Err(Error::value("graphql.max_page", "must be at most 1000"));
        }
        for (key, value) in [
            ("graphql.max_nesting", self.max_nesting),
            ("graphql.max_document", self.max_document),
            ("graphql.max_tokens", self.max_tokens),
            ("graphql.max_depth", self.max_depth),
            ("graphql.max_fields", self.max_fields),
            ("graphql.max_errors", self.max_errors),
            ("graphql.max_batch", self.max_batch),
            ("graphql.max_page", self.max_page as usize),
        ] {
            if value == 0 {
                return Err(Error::value(key, "must be at least 1"));
            }
        }
        Ok(())
    }
}
