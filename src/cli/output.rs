//! What a command writes.

use std::io::{self, ErrorKind, Write as _, stderr, stdout};

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::service::Error;
use crate::service::database::{OpenError, told_of};
use crate::service::text::is_plain;

/// Writes a line to standard error: what a person should read beside what a program takes from standard output.
///
/// Where nobody reads it, it is lost, and what was to be done is done all the same.
pub(super) fn note(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Writes to standard output. A closed pipe (`filmgate schema | head`) is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// For whom a command tells what it found or did.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Output {
    /// For people, or for programs
    #[arg(long, global = true, default_value = "text")]
    format: Format,
    /// What `--format json` was called
    #[arg(long, global = true, hide = true)]
    json: bool,
}

/// Commands of one kind, each of which tells something.
#[derive(Debug, Args)]
pub(super) struct Group<C: Subcommand> {
    #[command(flatten)]
    pub output: Output,
    #[command(subcommand)]
    pub command: C,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Output {
    /// Writes one thing: for people as the text.
    pub(super) fn tell(self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
        print(&if self.is_json() { json(value)? + "\n" } else { text() })
    }

    /// Writes many: for programs one object a line, within an array.
    pub(super) fn list<T: Serialize>(
        self,
        rows: impl IntoIterator<Item = T>,
        text: impl FnOnce(Vec<T>) -> String,
    ) -> Result<(), Failure> {
        let rows: Vec<T> = rows.into_iter().collect();
        if !self.is_json() {
            return print(&text(rows));
        }
        let rows: Vec<String> = rows.iter().map(json).collect::<Result<_, _>>()?;
        print(&format!("[{}]\n", rows.join(",\n")))
    }

    pub(super) fn is_json(self) -> bool {
        self.json || self.format == Format::Json
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
            Error::Failing(cause) => Self::failed(&told_of(&cause)),
            Error::InvalidInput(faults) => {
                Self::failed(&faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
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

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::failed(&error))
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
