//! Where rows go that were read: on to the service, once every column that is asked for has occurred.

use std::collections::HashSet;

use tokio::sync::mpsc;

use super::cell::Cell;
use super::columns::{Columns, Ignored};
use super::mapping::Field;
use super::row::{FileRow, Place};
use super::source::{ReadError, Source};
use super::summary::MOST_IGNORED;

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
    /// Those of the last row.
    columns: Columns,
    /// Columns that were told.
    told: HashSet<String>,
    /// To be told with the next row.
    ignored: Vec<Ignored>,
}

impl Sink {
    pub(super) fn new(source: Source, rows: mpsc::Sender<Result<FileRow, ReadError>>) -> Self {
        let missing = source.mapping.required().map(|(field, column)| (field, column.to_owned())).collect();
        let (held, found, columns, told, ignored) = Default::default();
        Self { source, rows, missing, held, found, columns, told, ignored }
    }

    /// The columns of a file that names them once.
    pub(super) fn header<'a>(
        &mut self,
        columns: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<(), ReadError> {
        self.columns(columns);
        if self.missing.is_empty() { Ok(()) } else { Err(self.no_column()) }
    }

    /// The columns of the rows from here on.
    pub(super) fn columns<'a>(&mut self, names: impl Iterator<Item = &'a str> + Clone) {
        if self.columns.are(names.clone()) {
            return;
        }
        self.columns = Columns::of(names, &self.source.mapping);
        let columns = &self.columns;
        self.missing.retain(|(field, _)| columns.place(*field).is_none());
        for name in columns.names() {
            if self.found.len() < NAMED && !self.found.contains(name) {
                self.found.push(name.clone());
            }
        }
        for ignored in columns.ignored(self.source.keep_ids) {
            // One more than are named, so that it is seen that there are more.
            if self.told.len() <= MOST_IGNORED && self.told.insert(ignored.column.clone()) {
                self.ignored.push(ignored);
            }
        }
    }

    pub(super) fn take(
        &mut self,
        place: Place,
        cell: impl Fn(usize) -> Option<Cell>,
    ) -> Result<(), ReadError> {
        let mut row = FileRow::read(place, &self.source, |field| cell(self.columns.place(field)?));
        row.kept.ignored = std::mem::take(&mut self.ignored);
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

    fn no_column(&self) -> ReadError {
        match self.missing.first() {
            Some((field, column)) => ReadError::NoColumn {
                field: *field,
                column: column.clone(),
                found: self.found.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", "),
                hint: match self.found.as_slice() {
                    [only] if only.contains(';') => "; is it parted by semicolons? --delimiter ';'",
                    [only] if only.contains('\t') => "; is it parted by tabs? --delimiter tab",
                    _ => "",
                },
            },
            None => ReadError::Ended,
        }
    }
}
