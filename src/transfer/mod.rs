//! Films in files: read row by row, written film by film.
//!
//! A third door, for the operator: it turns rows into drafts as the other two turn requests into them, and the hall
//! judges all three by the same rules. Nothing here knows the database. Memory stays bounded however large a file is:
//! a thread parses and waits where the hall is behind.

mod cell;
mod csv_rows;
mod genres;
mod json_rows;
mod limited;
mod mapping;
mod read;
mod report;
mod row;
mod summary;
mod writer;
mod year;

use std::path::Path;

pub use mapping::{Defaults, Field, Mapping, MappingError};
pub use read::{ReadError, Source, Today, read};
pub use report::{Entry, Kept, REPORT_BEGINS, Report};
pub use row::{FileRow, Place, Shown};
pub use summary::{Summary, Tally};
pub use writer::Writer;

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
