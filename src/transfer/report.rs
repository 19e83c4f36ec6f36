//! What became of each row, one JSON object a line.

use std::io::{self, Write};

use serde::Serialize;

use super::columns::Ignored;
use super::row::{Excerpt, Kept};
use crate::service::FieldFault;
use crate::service::import::batch::Outcome;

/// How every report begins that is not empty.
pub const REPORT_BEGINS: &[u8; 7] = b"{\"row\":";

/// A row and what became of it.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    /// `added`, `updated`, `duplicate` or `refused`.
    pub outcome: &'static str,
    /// Why it was not simply added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same without what was put right, which differs from row to row.
    #[serde(skip)]
    pub(super) fault: Option<String>,
    #[serde(skip)]
    pub(super) corrected: bool,
    #[serde(skip)]
    pub(super) ignored: Vec<Ignored>,
    /// The film that it is now, or that it is equal to.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    /// What was there.
    film: Excerpt,
}

impl Entry {
    #[must_use]
    pub fn new(kept: Kept, outcome: &Outcome) -> Self {
        let corrected = kept.correction.is_some();
        let (outcome, id, reason) = match outcome {
            Outcome::Added { id, instead_of: None } => ("added", *id, None),
            Outcome::Added { id, instead_of: Some(taken) } => {
                ("added", *id, Some(format!("id {taken} is taken, so it has another")))
            }
            Outcome::Updated { id } => ("updated", *id, None),
            Outcome::Duplicate { id } => ("duplicate", *id, Some("is already there".to_owned())),
            Outcome::Refused(faults) => ("refused", None, Some(sentence(faults))),
        };
        let reasons: Vec<String> = reason.iter().cloned().chain(kept.correction).collect();
        Self {
            row: kept.place.row,
            line: kept.place.line,
            outcome,
            reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
            fault: reason,
            corrected,
            ignored: kept.ignored,
            id,
            film: kept.excerpt,
        }
    }

    /// As people find it: `row 7 (line 12)`.
    #[must_use]
    pub fn place(&self) -> String {
        let line = self.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        format!("row {}{line}", self.row)
    }

    /// Writes the row, unless it was simply added.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn report(&self, output: &mut impl Write) -> io::Result<()> {
        if self.outcome == "added" && self.reason.is_none() {
            return Ok(());
        }
        serde_json::to_writer(&mut *output, self)?;
        output.write_all(b"\n")
    }
}

/// `name is required; year is not a date`.
fn sentence(faults: &[FieldFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
