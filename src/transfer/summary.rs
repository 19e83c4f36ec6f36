//! What became of a file, for the person who imported it.

use std::collections::BTreeMap;
use std::fmt;

use super::columns::Ignored;
use super::mapping::Field;
use super::report::Entry;
use crate::service::text::counted;

/// Rows that are told one by one; the report has all of them.
const TOLD: usize = 20;
/// Reasons that are counted one by one.
const REASONS: usize = 40;
/// Ignored columns that are named.
pub(super) const MOST_IGNORED: usize = 50;

/// Counts of rows; each row is in one of the first four.
#[derive(Debug, Default)]
pub struct Tally {
    pub added: u64,
    pub updated: u64,
    pub duplicates: u64,
    pub refused: u64,
    /// Rows that were added or updated with a year put right.
    corrected: u64,
    /// How often, and in which words, by the words without their numbers.
    reasons: BTreeMap<String, (u64, String)>,
    ignored: Vec<Ignored>,
    told: Vec<String>,
    untold: u64,
}

impl Tally {
    pub fn count(&mut self, entry: &Entry) {
        self.ignored.extend_from_slice(&entry.ignored);
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
            let key = key(fault);
            let is_counted = self.reasons.contains_key(&key) || self.reasons.len() < REASONS;
            let (key, fault) = if is_counted { (key, fault) } else { (String::new(), "other reasons") };
            let (count, words) = self.reasons.entry(key).or_insert_with(|| (0, fault.to_owned()));
            *count += 1;
            if words != fault {
                *words = common(words, fault);
            }
        }
        let Some(reason) = &entry.reason else { return };
        if entry.outcome == "duplicate" && !entry.corrected {
            return;
        }
        if self.told.len() < TOLD {
            self.told.push(format!("{}: {}: {reason}", entry.place(), entry.outcome));
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
        writeln!(f, "{} of {}{dry}", counted(tally.rows(), "row"), self.file)?;
        for (count, what) in [
            (tally.added, "added"),
            (tally.updated, "updated"),
            (tally.duplicates, "duplicates"),
            (tally.refused, "refused"),
        ] {
            writeln!(f, "{count:>9} {what}")?;
        }
        for (count, words) in tally.reasons.values() {
            writeln!(f, "{count:>19} {words}")?;
        }
        if tally.corrected > 0 {
            let was = if tally.corrected == 1 {
                "year of added or updated rows was"
            } else {
                "years of added or updated rows were"
            };
            writeln!(f, "{:>9} {was} corrected", tally.corrected)?;
        }
        if !tally.ignored.is_empty() {
            let named: Vec<String> = tally.ignored.iter().take(MOST_IGNORED).map(ignored).collect();
            let more = if tally.ignored.len() > MOST_IGNORED { ", and more" } else { "" };
            writeln!(f, "ignored columns: {}{more}", named.join(", "))?;
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

fn ignored(Ignored { column, meant }: &Ignored) -> String {
    match meant {
        None => format!("{column:?}"),
        Some(Field::Id) => format!("{column:?} (kept by --keep-ids)"),
        Some(field) => format!("{column:?} (is it the {field}? --map {field}={column:?})"),
    }
}

/// A text in runs of digits, of what stands for them, and of everything else.
fn runs(text: &str) -> Vec<&str> {
    let is_number = |character: char| character.is_ascii_digit() || character == '…';
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|next| is_number(next) != is_number(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        runs.push(run);
        rest = after;
    }
    runs
}

/// Without its numbers.
fn key(text: &str) -> String {
    let word =
        |run: &str| if run.starts_with(|first: char| first.is_ascii_digit()) { "…" } else { run }.to_owned();
    runs(text).into_iter().map(word).collect()
}

/// Of two texts with the same key, the words and the numbers that both have.
fn common(one: &str, other: &str) -> String {
    let both = runs(one).into_iter().zip(runs(other));
    both.map(|(one, other)| if one == other { one } else { "…" }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_differ_are_left_out() {
        let fault = |has: u64| format!("name must have at most 200 characters, has {has}");
        assert_eq!(common(&fault(201), &fault(4_000)), "name must have at most 200 characters, has …");
        assert_eq!(common(&fault(201), &fault(201)), fault(201));
        assert_eq!(key(&fault(201)), "name must have at most … characters, has …");
        let fields = |has: u64| format!("fields: {has}, where the header has 4");
        assert_eq!(common(&common(&fields(2), &fields(3)), &fields(5)), "fields: …, where the header has 4");
    }
}
