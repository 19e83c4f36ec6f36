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
    /// What stands between the cells of CSV.
    pub delimiter: u8,
    /// Whether a cell of CSV may stand in quotes; otherwise a quote is a character like others.
    pub quoting: bool,
    /// What stands between the genres of a cell of CSV.
    pub genre_separator: char,
    /// Whether a name that ends with a year in parentheses is a name and a year.
    pub year_in_name: bool,
    /// Texts that stand for no value.
    pub nulls: Vec<String>,
}

impl Source {
    /// Whether all cells are text: JSON has lists, and a text there is one genre.
    pub(super) fn is_of_text(&self) -> bool {
        self.format == Format::Csv
    }
}

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is no text in UTF-8.
    #[error("the file is {is}; {cure}")]
    NoText { is: &'static str, cure: &'static str },
    /// Nobody knows the columns.
    #[error("the header cannot be read: {0}")]
    Header(String),
    /// Where the next row begins is unknown.
    #[error("row {row} breaks the file: {cause}")]
    Broken { row: u64, cause: String },
    /// Nothing was handed over.
    #[error(
        "no row has the column {column:?} for {field}; the columns are {found}; say --map {field}=COLUMN{hint}"
    )]
    NoColumn { field: Field, column: String, found: String, hint: &'static str },
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
        match ending(file)?.as_str() {
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" | "tsv" | "tab" => Some(Self::Csv),
            _ => None,
        }
    }

    /// What stands between the cells of CSV, by the ending of the name.
    #[must_use]
    pub fn delimiter(file: &Path) -> u8 {
        if ending(file).is_some_and(|ending| ending == "tsv" || ending == "tab") { b'\t' } else { b',' }
    }
}

fn ending(file: &Path) -> Option<String> {
    Some(file.extension()?.to_str()?.to_ascii_lowercase())
}
