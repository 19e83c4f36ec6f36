//! Where rows go that were read: on to the service, once every column that is asked for has occurred.

use tokio::sync::mpsc;

use super::cell::Cell;
use super::mapping::Field;
use super::row::{FileRow, Place};
use super::source::{ReadError, Source};

/// Rows in which every column that is asked for must have occurred. A misspelt one is told before anything is written.
const FIRST_ROWS: usize = 250;
/// Columns that an error names.
const NAMED: usize = 30;

/// Where rows go.
pub(super) struct Sink {
    pub(super) source: Source,
    rows: mpsc::Sender<Result<FileRow, ReadError>>,
    /// Columns that must occur and have not yet.
    missing: Vec<(Field, String)>,
    /// Held back until every column has occurred.
    held: Vec<FileRow>,
    found: Vec<String>,
}

impl Sink {
    pub(super) fn new(source: Source, rows: mpsc::Sender<Result<FileRow, ReadError>>) -> Self {
        let missing = source.mapping.required().map(|(field, column)| (field, column.to_owned())).collect();
        Self { source, rows, missing, held: Vec::new(), found: Vec::new() }
    }

    /// The columns of a file that names them once.
    pub(super) fn header<'a>(&mut self, columns: impl Iterator<Item = &'a str>) -> Result<(), ReadError> {
        self.found(columns.map(str::to_owned));
        let found = &self.found;
        self.missing.retain(|(_, column)| !found.contains(column));
        if self.missing.is_empty() { Ok(()) } else { Err(self.no_column()) }
    }

    pub(super) fn take(
        &mut self,
        place: Place,
        cell: impl Fn(&str) -> Option<Cell>,
        columns: impl FnOnce() -> Vec<String>,
    ) -> Result<(), ReadError> {
        if !self.missing.is_empty() {
            self.missing.retain(|(_, column)| cell(column).is_none());
            self.found(columns().into_iter());
        }
        let row = FileRow::read(place, &self.source, cell);
        self.hand_over(row)
    }

    pub(super) fn refuse(&mut self, place: Place, fault: String) -> Result<(), ReadError> {
        self.hand_over(FileRow::unreadable(place, fault))
    }

    fn hand_over(&mut self, row: FileRow) -> Result<(), ReadError> {
        self.held.push(row);
        if self.missing.is_empty() {
            return self.release();
        }
        if self.held.len() < FIRST_ROWS { Ok(()) } else { Err(self.no_column()) }
    }

    pub(super) fn end(&mut self) -> Result<(), ReadError> {
        // In a file without a single row that can be read, no column is to blame.
        if self.missing.is_empty() || self.found.is_empty() { self.release() } else { Err(self.no_column()) }
    }

    fn release(&mut self) -> Result<(), ReadError> {
        for row in self.held.drain(..) {
            self.rows.blocking_send(Ok(row)).map_err(|_| ReadError::Ended)?;
        }
        Ok(())
    }

    fn found(&mut self, columns: impl Iterator<Item = String>) {
        for column in columns {
            if self.found.len() < NAMED && !self.found.contains(&column) {
                self.found.push(column);
            }
        }
    }

    fn no_column(&self) -> ReadError {
        match self.missing.first() {
            Some((field, column)) => ReadError::NoColumn {
                field: *field,
                column: column.clone(),
                found: self.found.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", "),
            },
            None => ReadError::Ended,
        }
    }
}
