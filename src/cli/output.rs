//! What a command writes.

use std::fmt::Write as _;

use crate::service::text::is_plain;

/// Writes a line to standard error: what a person should read beside what a program takes from standard output.
pub(super) fn note(text: &str) -> Result<(), Failure> {
    use std::io::{Write as _, stderr};
    writeln!(stderr(), "{text}").map_err(|error| Failure::failed(&error))
}

/// Writes to standard output. A closed pipe (`filmgate schema | head`) is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write as _, stdout};
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::failed(&error)),
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

/// One line a row, each column as wide as its widest cell.
pub(super) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut table = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    table
}

/// Text from outside, made harmless for a terminal.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if is_plain(character) {
            plain.push(character);
        } else {
            plain.extend(character.escape_unicode());
        }
    }
    plain
}
