//! The work: what the target has and should not is removed, what it lacks is added, and both are compared.
//!
//! Each batch is a transaction, and all of it may be done again: a run that was killed leaves nothing that the next one
//! does not find.

use std::ops::ControlFlow;

use sea_orm::{ConnectionTrait as _, Statement};
use serde::Serialize;
use sqlx::error::ErrorKind;
use sqlx::postgres::PgDatabaseError;

use crate::service::copy::counters::state;
use crate::service::copy::error::CopyError;
use crate::service::copy::pairs::Pairs;
use crate::service::copy::row::{Cell, Key, Row, Sum};
use crate::service::copy::table::{Table, tables};
use crate::service::copy::target::{self, Found};
use crate::service::copy::walk::{BATCH, End, Walk};
use crate::service::copy::watch::Watch;
use crate::service::database::OpenError;
use crate::service::database::connection::{Database, is_postgres};
use crate::service::database::mark::Mark;
use crate::service::database::write::Write;
use crate::service::error::{Error, Result, driver_error};

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// What was broken off or was there before is looked through.
    Clearing,
    Copying,
    Comparing,
}

/// How far it is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub step: Step,
    pub table: &'static str,
    /// Of the source, in this step.
    pub rows: u64,
    /// All rows of the source.
    pub of: u64,
}

/// What has come of it.
#[derive(Debug, Clone)]
pub struct Copied {
    pub tables: Vec<Compared>,
    /// An earlier run has copied, and this one has compared.
    pub was_finished: bool,
}

/// A table, as both databases have it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    pub table: &'static str,
    pub source: Side,
    pub target: Side,
    /// The key of the first row that only one of them has, or has otherwise.
    pub first_difference: Option<String>,
}

/// What one database has of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    pub rows: u64,
    /// Over all rows in the order of their keys, in hexadecimal digits.
    pub checksum: String,
}

/// Copies every row of a database, the source, into the target and compares both, and is told after each batch whether to go on. The
/// source gets `new_id` where it has no id yet, by which the target knows it again. A copy that has come to its end before
/// is compared alone: it may be in use.
///
/// # Errors
/// When it cannot be done, or was told to stop. A difference is none.
pub async fn copy(
    database: &Database,
    target: &Database,
    new_id: &str,
    told: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Copied, CopyError> {
    let tables = tables();
    let found = target::begin(database, target, &tables, new_id).await?;
    let in_source = |error: Error| CopyError::Source(OpenError::failed(database.name(), &error));
    let watch = Watch::begin(database).await.map_err(|error| in_source(Error::internal(error)))?;
    let view = database.begin_read().await.map_err(|error| in_source(error.into()))?;
    let before = state(&view, &tables).await.map_err(|error| in_source(error.into()))?;
    let source = End { database, view: &view, is_source: true };
    let mut rows = 0;
    for table in &tables {
        rows += source.count(table).await?;
    }
    let mut work = Work { source, target, told, step: Step::Clearing, rows: 0, of: rows };
    let was_finished = found == Found::Finished;
    if !was_finished {
        work.clear(&tables).await?;
        work.fill(&tables).await?;
    }
    let compared = work.compare(&tables).await?;
    view.rollback().await.map_err(|error| in_source(error.into()))?;
    // A server that was started meanwhile, by itself perhaps, has written what is not in the copy.
    let has_changed = watch.has_changed().await.map_err(|error| in_source(Error::internal(error)))?;
    let after = state(&database.reader, &tables).await.map_err(|error| in_source(error.into()))?;
    if has_changed || after != before {
        return Err(CopyError::Written(database.name().to_owned()));
    }
    if !was_finished && compared.iter().all(|table| table.first_difference.is_none()) {
        finish(target).await.map_err(|error| CopyError::Target(OpenError::failed(target.name(), &error)))?;
    }
    Ok(Copied { tables: compared, was_finished })
}

/// From now on it is a database like others.
async fn finish(target: &Database) -> Result<()> {
    if is_postgres(&target.writer) {
        // Or lists would be slow until it has been looked through by itself.
        target.bounded(target.writer.execute_unprepared("ANALYZE")).await?;
    }
    let write = target.begin_write().await?;
    if let Some(mark) = Mark::read(&*write).await? {
        Mark { is_finished: true, ..mark }.write(&*write).await?;
    }
    write.commit().await.map(drop)
}

struct Work<'a, F> {
    source: End<'a>,
    target: &'a Database,
    told: F,
    step: Step,
    rows: u64,
    of: u64,
}

impl<F: FnMut(Progress) -> ControlFlow<()>> Work<'_, F> {
    /// Removes what is not in the source, or otherwise; what pointed to it goes with it.
    async fn clear(&mut self, tables: &[Table]) -> Result<(), CopyError> {
        self.begin(Step::Clearing);
        for table in tables {
            let view = self.target.begin_read().await.map_err(|error| self.failed(&error.into()))?;
            let target = End { database: self.target, view: &view, is_source: false };
            let mut pairs = Pairs::new(self.source, target, table);
            let delete = table.delete(self.target.backend());
            let mut stale: Vec<Vec<Cell>> = Vec::new();
            while let Some((ours, theirs)) = pairs.next().await? {
                let is_stale = |row: &&Row| ours.as_ref() != Some(*row);
                stale.extend(theirs.as_ref().filter(is_stale).map(|row| table.key_of(row)));
                if stale.len() == BATCH {
                    self.write(table, &delete, &std::mem::take(&mut stale)).await?;
                }
                self.pass(table, ours.is_some())?;
                if pairs.target_is_over() {
                    break;
                }
            }
            self.write(table, &delete, &stale).await?;
            view.rollback().await.map_err(|error| self.failed(&error.into()))?;
        }
        Ok(())
    }

    /// Adds what is missing.
    async fn fill(&mut self, tables: &[Table]) -> Result<(), CopyError> {
        self.begin(Step::Copying);
        for table in tables {
            let insert = table.insert(self.target.backend());
            let mut walk = Walk::new(self.source, table);
            walk.read_on().await?;
            while !walk.is_over() {
                let rows = walk.take();
                tokio::try_join!(self.write(table, &insert, &rows), walk.read_on())?;
                self.rows += rows.len() as u64;
                self.tell(table)?;
            }
        }
        Ok(())
    }

    async fn compare(&mut self, tables: &[Table]) -> Result<Vec<Compared>, CopyError> {
        self.begin(Step::Comparing);
        let view = self.target.begin_read().await.map_err(|error| self.failed(&error.into()))?;
        let target = End { database: self.target, view: &view, is_source: false };
        let mut compared = Vec::with_capacity(tables.len());
        for table in tables {
            let mut pairs = Pairs::new(self.source, target, table);
            let (mut ours_all, mut theirs_all) = (Sum::default(), Sum::default());
            let mut first_difference = None;
            while let Some((ours, theirs)) = pairs.next().await? {
                if first_difference.is_none() && ours != theirs {
                    let row = ours.as_ref().or(theirs.as_ref());
                    first_difference = row.map(|row| Key(&table.key_of(row)).to_string());
                }
                self.pass(table, ours.is_some())?;
                ours_all.add(ours.as_ref());
                theirs_all.add(theirs.as_ref());
            }
            let (source, target) = (ours_all.into(), theirs_all.into());
            compared.push(Compared { table: table.name, source, target, first_difference });
        }
        view.rollback().await.map_err(|error| self.failed(&error.into()))?;
        Ok(compared)
    }

    /// Runs a statement over rows or keys.
    async fn write(&self, table: &Table, sql: &str, rows: &[Row]) -> Result<(), CopyError> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = serde_json::to_string(rows).map_err(|error| self.failed(&Error::internal(error)))?;
        let change = async |write: Write| {
            let statement =
                Statement::from_sql_and_values(self.target.backend(), sql, [rows.as_str().into()]);
            write.execute_raw(statement).await?;
            write.commit().await.map(drop)
        };
        self.target.write(change).await.map_err(|error| match broken_rule(&error) {
            Some(cause) => CopyError::Refused {
                target: self.target.name().to_owned(),
                table: table.name,
                cause,
                database: self.source.database.name().to_owned(),
            },
            None => self.failed(&error),
        })
    }

    fn failed(&self, error: &Error) -> CopyError {
        CopyError::Target(OpenError::failed(self.target.name(), error))
    }

    fn begin(&mut self, step: Step) {
        (self.step, self.rows) = (step, 0);
    }

    /// After each row; told of where it was one of the source, and a batch is full.
    fn pass(&mut self, table: &Table, is_of_source: bool) -> Result<(), CopyError> {
        self.rows += u64::from(is_of_source);
        if is_of_source && self.rows.is_multiple_of(BATCH as u64) { self.tell(table) } else { Ok(()) }
    }

    fn tell(&mut self, table: &Table) -> Result<(), CopyError> {
        let progress = Progress { step: self.step, table: table.name, rows: self.rows, of: self.of };
        match (self.told)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(CopyError::Interrupted),
        }
    }
}

/// What the database says of rows that go against a rule of its tables. PostgreSQL names them beside.
fn broken_rule(error: &Error) -> Option<String> {
    let Error::Internal(source) = error else { return None };
    let answer = driver_error(source.downcast_ref()?)?.as_database_error()?;
    if !matches!(
        answer.kind(),
        ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation | ErrorKind::NotNullViolation
    ) {
        return None;
    }
    let detail = answer.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::detail);
    Some(
        detail
            .map_or_else(|| answer.message().to_owned(), |detail| format!("{} ({detail})", answer.message())),
    )
}

impl From<Sum> for Side {
    fn from(sum: Sum) -> Self {
        Self { rows: sum.rows, checksum: sum.hasher.finalize().to_hex().to_string() }
    }
}
