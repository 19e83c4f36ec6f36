//! The forms of a file.

use std::path::Path;

/// How films stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An array of objects, or objects one after the other.
    Json,
    /// One object a line.
    Ndjson,
    /// A header, then one film a record.
    Csv,
}

impl Format {
    /// By the ending of the name.
    #[must_use]
    pub fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}
