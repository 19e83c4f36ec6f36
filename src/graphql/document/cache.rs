//! Documents that were found to be valid, by their text and its hash, so that they are neither parsed nor validated again.
//!
//! Those that are asked for again are kept before those that came once: whoever sends many documents does not wash out
//! those of others. What is not valid is not kept.

use std::sync::Arc;

use apollo_compiler::executable::Operation;
use apollo_compiler::{ExecutableDocument, Node};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::coerce::Defined;
use super::normalise::Opening;
use super::prepared::Prepared;

/// Bytes of a small document with its tree, for the number of places that are made at the start.
const SMALL: usize = 4 * 1024;
/// Parts of the cache, each with its own lock and its own share of the bytes.
const SHARDS: usize = 4;
/// Bytes of a tree of apollo-compiler for each byte of its text, as it was measured on documents of 33 to 3,300 bytes.
const TREE: usize = 90;

/// A valid document.
pub(super) struct Known {
    pub text: Box<str>,
    pub operations: Vec<KnownOperation>,
    /// Lexical tokens of the text.
    pub tokens: usize,
}

/// One operation of it.
pub(super) struct KnownOperation {
    pub name: Option<Box<str>>,
    pub variables: Vec<Defined>,
    pub form: Form,
}

/// What is to be done for each request.
pub(super) enum Form {
    /// Nothing: the same for all variables.
    Ready(Prepared),
    /// Some arguments are filled in.
    Open(Prepared, Vec<Opening>),
    /// All of it: a variable stands in a condition, or below the root.
    Anew(Arc<ExecutableDocument>, Node<Operation>),
}

impl Known {
    fn weight(&self, key: &str) -> usize {
        let text = &self.text;
        let mut weight = size_of::<Self>() + key.len() + text.len();
        let mut has_tree = false;
        for operation in &self.operations {
            weight += size_of::<KnownOperation>();
            // They keep what the tree says of them, though nothing else of it may be kept.
            has_tree |= !operation.variables.is_empty();
            match &operation.form {
                Form::Ready(prepared) => weight += prepared.weight(),
                Form::Open(prepared, _) => {
                    weight += prepared.weight();
                    has_tree = true;
                }
                Form::Anew(..) => has_tree = true,
            }
        }
        weight + if has_tree { text.len() * TREE } else { 0 }
    }
}

/// Documents within a budget of bytes.
pub(super) struct Kept(Cache<Box<str>, Arc<Known>, Bytes>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Box<str>, Arc<Known>> for Bytes {
    fn weight(&self, key: &Box<str>, known: &Arc<Known>) -> u64 {
        known.weight(key) as u64
    }
}

impl Kept {
    /// Nothing yet. `bytes`: how much may be kept, keys and trees together; 0 keeps nothing.
    pub(super) fn new(bytes: usize) -> Self {
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity((bytes / SMALL).max(SHARDS))
            .weight_capacity(bytes as u64)
            .build();
        // The options are whole, so there is nothing that could be wrong with them.
        Self(options.map_or_else(
            |_| Cache::with_weighter(SHARDS, bytes as u64, Bytes),
            |options| {
                Cache::with_options(
                    options,
                    Bytes,
                    DefaultHashBuilder::default(),
                    DefaultLifecycle::default(),
                )
            },
        ))
    }

    /// By its text, or by the hash of that, which is no document.
    pub(super) fn find(&self, key: &str) -> Option<Arc<Known>> {
        self.0.get(key)
    }

    pub(super) fn keep(&self, key: &str, known: Arc<Known>) {
        self.0.insert(key.into(), known);
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Kept, Known, KnownOperation};

    impl Known {
        /// Fields of all trees that are made already.
        pub(in crate::graphql::document) fn selections(&self) -> usize {
            let of = |operation: &KnownOperation| match &operation.form {
                Form::Ready(prepared) | Form::Open(prepared, _) => prepared.selections(),
                Form::Anew(..) => 0,
            };
            self.operations.iter().map(of).sum()
        }
    }

    impl Kept {
        /// Bytes that are taken.
        pub(in crate::graphql::document) fn weight(&self) -> u64 {
            self.0.weight()
        }
    }
}
