//! How a file is to be read, and why it cannot be.

use std::io;
use std::path::Path;

use strum::{EnumString, VariantNames};

use super::mapping::{Defaults, Field, Mapping};
use super::year::Today;

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct Source {
    pub format: Format,
    pub mapping: Mapping,
    pub defaults: Defaults,
    pub today: Today,
    /// Whether ids are read at all.
    pub keep_ids: bool,
}

impl Source {
    /// JSON has lists; a text there is one genre.
    pub(super) fn splits_genres(&self) -> bool {
        self.format == Format::Csv
    }
}

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Nobody knows the columns.
    #[error("the header cannot be read: {0}")]
    Header(String),
    /// Where the next row begins is unknown.
    #[error("row {row} breaks the file: {cause}")]
    Broken { row: u64, cause: String },
    /// Nothing was handed over.
    #[error(
        "no row has the column {column:?} for {field}; the columns are {found}; say --map {field}=COLUMN"
    )]
    NoColumn { field: Field, column: String, found: String },
    /// Nobody wants to hear of it any more.
    #[error("the import has ended")]
    Ended,
}

/// How films stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "lowercase")]
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
