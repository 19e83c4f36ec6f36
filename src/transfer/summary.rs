//! What became of a file, for the person who imported it.

use std::collections::BTreeMap;
use std::fmt;

use super::report::Entry;

/// Rows that are told one by one; the report has all of them.
const TOLD: usize = 20;
/// Reasons that are counted one by one.
const REASONS: usize = 40;

/// Counts of rows; each row is in one of the first four.
#[derive(Debug, Default)]
pub struct Tally {
    pub added: u64,
    pub updated: u64,
    pub duplicates: u64,
    pub refused: u64,
    /// Rows that were added or updated with a year put right.
    corrected: u64,
    reasons: BTreeMap<String, u64>,
    told: Vec<String>,
    untold: u64,
}

impl Tally {
    pub fn count(&mut self, entry: &Entry) {
        *match entry.outcome {
            "added" => &mut self.added,
            "updated" => &mut self.updated,
            "duplicate" => &mut self.duplicates,
            _ => &mut self.refused,
        } += 1;
        if entry.corrected && matches!(entry.outcome, "added" | "updated") {
            self.corrected += 1;
        }
        if let Some(fault) = entry.fault.as_deref().filter(|_| entry.outcome == "refused") {
            let is_counted = self.reasons.contains_key(fault) || self.reasons.len() < REASONS;
            let fault = if is_counted { fault } else { "other reasons" };
            *self.reasons.entry(fault.to_owned()).or_default() += 1;
        }
        let Some(reason) = &entry.reason else { return };
        if entry.outcome == "duplicate" && !entry.corrected {
            return;
        }
        if self.told.len() < TOLD {
            self.told.push(format!("row {}: {}: {reason}", entry.row, entry.outcome));
        } else {
            self.untold += 1;
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.added + self.updated + self.duplicates + self.refused
    }
}

/// The tally as a text.
pub struct Summary<'a> {
    pub tally: &'a Tally,
    pub file: &'a str,
    pub dry_run: bool,
    /// Whether a report has what is left out here.
    pub reported: bool,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tally = self.tally;
        let dry = if self.dry_run { " (dry run: nothing was written)" } else { "" };
        writeln!(f, "{} rows of {}{dry}", tally.rows(), self.file)?;
        for (count, what) in [
            (tally.added, "added"),
            (tally.updated, "updated"),
            (tally.duplicates, "duplicates"),
            (tally.refused, "refused"),
        ] {
            writeln!(f, "{count:>9} {what}")?;
        }
        for (reason, count) in &tally.reasons {
            writeln!(f, "{count:>19} {reason}")?;
        }
        if tally.corrected > 0 {
            writeln!(f, "{:>9} years of added or updated rows were corrected", tally.corrected)?;
        }
        for line in &tally.told {
            writeln!(f, "{line}")?;
        }
        match tally.untold {
            0 => Ok(()),
            more if self.reported => writeln!(f, "and {more} more, in the report"),
            more => writeln!(f, "and {more} more; --report FILE writes all of them"),
        }
    }
}
