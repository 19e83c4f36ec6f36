//! What a command writes.

use std::io::{self, ErrorKind, Write as _, stderr, stdout};

use serde::Serialize;

use crate::service::database::OpenError;
use crate::service::text::is_plain;
use crate::service::{Error, FieldFault};

/// Writes a line to standard error: what a person should read beside what a program takes from standard output.
pub(super) fn note(text: &str) -> Result<(), Failure> {
    Ok(writeln!(stderr(), "{text}")?)
}

/// Writes to standard output. A closed pipe (`filmgate schema | head`) is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// It could not be done.
const FAILED: u8 = 1;
/// It was asked for in a wrong way.
const WRONG_USE: u8 = 2;

/// Why a command did not do what was asked, in one line for the person who asked.
pub(super) struct Failure {
    pub code: u8,
    pub message: String,
}

impl Failure {
    pub(super) fn failed(message: &impl ToString) -> Self {
        Self { code: FAILED, message: message.to_string() }
    }

    pub(super) fn wrong_use(message: &impl ToString) -> Self {
        Self { code: WRONG_USE, message: message.to_string() }
    }
}

/// For the operator, who may see what no client may.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Internal(source) => Self::failed(&source),
            Error::InvalidInput(faults) => {
                let clause = |fault: &FieldFault| {
                    format!("{} {}", fault.pointer.trim_start_matches('/'), fault.detail)
                };
                Self::failed(&faults.iter().map(clause).collect::<Vec<_>>().join("; "))
            }
            other => Self::failed(&other),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::failed(&error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::failed(&error)
    }
}

/// For programs.
pub(super) fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::failed(&error))
}

/// Likewise, one object a line.
pub(super) fn array(rows: impl IntoIterator<Item = impl Serialize>) -> Result<String, Failure> {
    let rows: Vec<String> = rows.into_iter().map(|row| json(&row)).collect::<Result<_, _>>()?;
    Ok(format!("[{}]\n", rows.join(",\n")))
}

/// For people: one line a row, each column as wide as its widest cell.
pub(super) fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let rows: Vec<_> = [header.map(str::to_owned)].into_iter().chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut table = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        table.push_str(cells.join("  ").trim_end());
        table.push('\n');
    }
    table
}

/// Text from outside, made harmless for a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if is_plain(letter) { letter.to_string() } else { letter.escape_unicode().to_string() })
        .collect()
}
