//! What became of each row, one JSON object a line.

use std::io::{self, Write};

use serde::Serialize;

use super::row::{Excerpt, FileRow, Place};
use crate::service::FieldFault;
use crate::service::import::batch::{Draft, Outcome};

/// How every report begins that is not empty.
pub const REPORT_BEGINS: &[u8; 7] = b"{\"row\":";

/// A row and what became of it.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
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
    /// The film that it is now, or that it is equal to.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    /// What was there.
    film: Excerpt,
}

/// What is kept of a row while the service has its draft.
#[derive(Debug)]
pub struct Kept {
    place: Place,
    excerpt: Excerpt,
    correction: Option<String>,
}

impl FileRow {
    /// Parts what the service is asked from what a report needs.
    pub fn part(self) -> (Kept, Result<Draft, FieldFault>) {
        (Kept { place: self.place, excerpt: self.excerpt, correction: self.correction }, self.draft)
    }
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
            id,
            film: kept.excerpt,
        }
    }

    fn is_simply_added(&self) -> bool {
        self.outcome == "added" && self.reason.is_none()
    }
}

/// `name is required; year is not a date`.
fn sentence(faults: &[FieldFault]) -> String {
    let clause = |fault: &FieldFault| format!("{} {}", fault.pointer.trim_start_matches('/'), fault.detail);
    faults.iter().map(|fault| clause(fault).trim_start().to_owned()).collect::<Vec<_>>().join("; ")
}

/// Writes the rows that were not simply added.
pub struct Report<W: Write>(W);

impl<W: Write> Report<W> {
    pub fn new(output: W) -> Self {
        Self(output)
    }

    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, entry: &Entry) -> io::Result<()> {
        if entry.is_simply_added() {
            return Ok(());
        }
        serde_json::to_writer(&mut self.0, entry)?;
        self.0.write_all(b"\n")
    }

    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
