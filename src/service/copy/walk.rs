//! One table, read in the order of its key, some rows at a time.

use std::collections::VecDeque;

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, QueryResult, Statement, Value};

use crate::service::copy::error::CopyError;
use crate::service::copy::row::{Cell, Key, Row};
use crate::service::copy::table::{Column, Kind, Table};
use crate::service::database::OpenError;
use crate::service::database::connection::Database;
use crate::service::error::Error;

/// Rows in memory at a time, and of one transaction.
pub(super) const BATCH: usize = 5_000;

/// One side of a copy.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    pub database: &'a Database,
    /// What is read sees one state.
    pub view: &'a DatabaseTransaction,
    pub is_source: bool,
}

impl End<'_> {
    fn failed(&self, error: &Error) -> CopyError {
        let error = OpenError::failed(self.database.name(), error);
        if self.is_source { CopyError::Source(error) } else { CopyError::Target(error) }
    }

    async fn query(&self, sql: String, values: Vec<Value>) -> Result<Vec<QueryResult>, CopyError> {
        let statement = Statement::from_sql_and_values(self.database.backend(), sql, values);
        let rows = self.database.bounded(self.view.query_all_raw(statement)).await;
        rows.map_err(|error| self.failed(&error))
    }

    /// How many rows a table has.
    pub(super) async fn count(&self, table: &Table) -> Result<u64, CopyError> {
        let rows = self.query(table.count(), Vec::new()).await?;
        let count = rows.first().map(|row| row.try_get_by_index::<i64>(0)).transpose();
        let count = count.map_err(|error| self.failed(&error.into()))?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }
}

/// A place in a table.
pub(super) struct Walk<'a> {
    end: End<'a>,
    table: &'a Table,
    read: VecDeque<Row>,
    /// The key behind which it goes on.
    behind: Option<Vec<Cell>>,
    has_ended: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(end: End<'a>, table: &'a Table) -> Self {
        Self { end, table, read: VecDeque::new(), behind: None, has_ended: false }
    }

    /// Reads on where nothing is left of what was read.
    pub(super) async fn read_on(&mut self) -> Result<(), CopyError> {
        if !self.read.is_empty() || self.has_ended {
            return Ok(());
        }
        let sql = self.table.select(self.end.database.backend(), self.behind.is_some(), BATCH);
        let behind = self.behind.iter().flatten().map(|cell| match cell {
            Cell::Null => Value::BigInt(None),
            Cell::Number(number) => (*number).into(),
            Cell::Text(text) => text.as_str().into(),
        });
        let rows = self.end.query(sql, behind.collect()).await?;
        self.has_ended = rows.len() < BATCH;
        self.read = rows.iter().map(|row| self.row(row)).collect::<Result<_, _>>()?;
        self.behind = self.read.back().map(|row| self.table.key_of(row));
        Ok(())
    }

    /// The next row, of those that were read.
    pub(super) fn next(&mut self) -> Option<Row> {
        self.read.pop_front()
    }

    /// All that is left of what was read.
    pub(super) fn take(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.read).into()
    }

    /// Whether nothing is left, and nothing comes.
    pub(super) fn is_over(&self) -> bool {
        self.read.is_empty() && self.has_ended
    }

    fn row(&self, row: &QueryResult) -> Result<Row, CopyError> {
        let columns = self.table.columns().enumerate();
        let cell = |(place, column): (usize, Column)| {
            cell(row, place, column.kind).map_err(|fault| self.unfit(row, column.name, fault))
        };
        columns.map(cell).collect()
    }

    fn unfit(&self, row: &QueryResult, column: &'static str, fault: String) -> CopyError {
        let kinds: Vec<Kind> = self.table.columns().map(|column| column.kind).collect();
        let key = self.table.key.iter().map(|place| cell(row, *place, kinds[*place]).unwrap_or(Cell::Null));
        CopyError::Unfit {
            database: self.end.database.name().to_owned(),
            table: self.table.name,
            key: Key(&key.collect::<Vec<_>>()).to_string(),
            column,
            fault,
        }
    }
}

/// SQLite keeps a number of any size, and anything else, wherever somebody has put it.
fn cell(row: &QueryResult, place: usize, kind: Kind) -> Result<Cell, String> {
    match kind {
        Kind::Number(least, most) => match row.try_get_by_index::<Option<i64>>(place) {
            Ok(None) => Ok(Cell::Null),
            Ok(Some(number)) if (least..=most).contains(&number) => Ok(Cell::Number(number)),
            Ok(Some(number)) => Err(format!("is {number}, and must lie between {least} and {most}")),
            Err(_) => Err("is no whole number".to_owned()),
        },
        Kind::Text => match row.try_get_by_index::<Option<String>>(place) {
            Ok(None) => Ok(Cell::Null),
            Ok(Some(text)) if text.contains('\0') => {
                Err("has the character NUL, which PostgreSQL takes in no text".to_owned())
            }
            Ok(Some(text)) => Ok(Cell::Text(text)),
            Err(_) => Err("is no text in UTF-8".to_owned()),
        },
    }
}
