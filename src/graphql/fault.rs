//! Why a document does not run: one of its faults, and all of them together.

use async_graphql::{Name, Pos};
use serde_json::{Map, Value, json};

use crate::http::catalogue;

/// The document cannot be read.
pub(super) const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
/// The document, or a variable, is not what the schema asks for.
pub(super) const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";

/// One fault.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub code: &'static str,
    pub message: String,
    pub positions: Vec<Pos>,
    /// The root field that it is of, where something was begun.
    path: Option<Name>,
    /// Beside the code.
    extensions: Map<String, Value>,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        debug_assert!(catalogue::entry(code).is_some(), "{code} is not in the catalogue");
        Self { code, message: message.into(), positions: Vec::new(), path: None, extensions: Map::new() }
    }

    /// A fault that validation found.
    pub(super) fn invalid(message: impl Into<String>, pos: Pos) -> Self {
        Self::new(VALIDATION_FAILED, message).at(vec![pos])
    }

    pub(super) fn at(mut self, positions: Vec<Pos>) -> Self {
        self.positions = positions;
        self
    }

    pub(super) fn of(mut self, root: Name) -> Self {
        self.path = Some(root);
        self
    }

    pub(super) fn with(mut self, name: impl Into<String>, value: Value) -> Self {
        self.extensions.insert(name.into(), value);
        self
    }

    pub(super) fn json(&self) -> Value {
        let locations: Vec<Value> =
            self.positions.iter().map(|pos| json!({ "line": pos.line, "column": pos.column })).collect();
        let mut extensions = Map::from_iter([("code".to_owned(), self.code.into())]);
        extensions.extend(self.extensions.clone());
        let mut error = json!({ "message": self.message, "extensions": extensions });
        if !locations.is_empty() {
            error["locations"] = locations.into();
        }
        if let Some(root) = &self.path {
            error["path"] = json!([root]);
        }
        error
    }
}

/// Faults as they are found: so many are kept, and those after them are counted, so that a body full of mistakes costs
/// no more than a few.
#[derive(Debug)]
pub(super) struct Faults {
    most: usize,
    kept: Vec<Fault>,
    hidden: usize,
}

impl Faults {
    /// None yet.
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Vec::new(), hidden: 0 }
    }

    pub(super) fn add(&mut self, fault: impl FnOnce() -> Fault) {
        if self.kept.len() < self.most {
            self.kept.push(fault());
        } else {
            self.hidden += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.hidden == 0
    }

    /// What the client hears, and `Ok` where there is nothing to hear.
    pub(super) fn finish(mut self) -> Result<(), Vec<Fault>> {
        if self.is_empty() {
            return Ok(());
        }
        if self.hidden > 0 {
            self.kept.push(Fault::new(VALIDATION_FAILED, more(self.hidden)));
        }
        Err(self.kept)
    }
}

/// The last error of an answer that shows no more of them.
pub(super) fn more(hidden: usize) -> String {
    format!("{hidden} more errors are not shown.")
}
