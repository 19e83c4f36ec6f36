//! Writes: begun in turn, committed or not.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};
use tokio::sync::OwnedMutexGuard;

use crate::service::database::connection::Database;
use crate::service::error::{Error, Result};

/// Names the lock that first starts and migrations take on PostgreSQL, so that of several only one does the work.
pub(super) const START_LOCK: &str = "SELECT pg_advisory_xact_lock(5136942075306771)";
/// Of all modes the weakest that keeps votes from locking their films first and then waiting in a circle.
const RESERVE_IDS: &str = "LOCK TABLE film IN EXCLUSIVE MODE";
/// Moves the counter of ids past every id that was given by hand: an id is never used twice, and never counted down.
const IDS_TAKEN: &str = "SELECT setval(pg_get_serial_sequence('film', 'id'), GREATEST(\
     (SELECT MAX(id) FROM film), (SELECT last_value FROM pg_sequences \
     WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence('film', 'id')), 1))";

/// How long a write waits for those before it. While somebody locks the database, each of them takes its time to fail:
/// whoever stands far behind would be answered too late, and might be written after all.
const TURN: Duration = Duration::from_secs(5);

/// A write that has begun.
pub(in crate::service) struct Write {
    transaction: DatabaseTransaction,
    turn: Turn,
}

/// The right to write. Held from the beginning of a write until what was committed is in the read model: so the read
/// model hears of commits in their order, and of none twice.
pub(in crate::service) struct Turn {
    _guard: OwnedMutexGuard<()>,
}

impl Deref for Write {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

impl Write {
    /// Puts it on disk. Drop the turn when the read model has been told.
    ///
    /// # Errors
    /// [`Error::Unconfirmed`] when the connection was lost on the way, so that nobody knows; otherwise nothing was
    /// written.
    pub(in crate::service) async fn commit(self) -> Result<Turn> {
        match self.transaction.commit().await {
            Ok(()) => Ok(self.turn),
            Err(error) if is_unknown(&error) => {
                tracing::error!(%error, "whether a write was committed is unknown");
                Err(Error::Unconfirmed)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(in crate::service) async fn rollback(self) -> Result<(), DbErr> {
        self.transaction.rollback().await
    }
}

impl Database {
    /// The right to write, once everybody before has had it.
    pub(in crate::service) async fn turn(&self) -> Turn {
        Turn { _guard: Arc::clone(&self.turns).lock_owned().await }
    }

    /// For writes. One at a time in this process: SQLite has one writer anyway, and waiting for a turn is fair, where
    /// waiting for a lock is not; on PostgreSQL it keeps the order of commits.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the turn or the database is not had in time.
    pub(in crate::service) async fn begin_write(&self) -> Result<Write> {
        // Takes SQLite's write lock at once: a transaction that first reads and then writes would be refused if
        // another process had written in between.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.bounded(async {
            let turn = tokio::time::timeout(TURN, self.turn()).await.map_err(|_| Error::Unavailable)?;
            Ok(Write { transaction: self.writer.begin_with_options(options).await?, turn })
        })
        .await
    }

    /// For writes that only one process may make, whichever comes first, such as filling a new database.
    pub(in crate::service) async fn begin_start(&self) -> Result<Write> {
        let write = self.begin_write().await?;
        if self.backend() == DbBackend::Postgres {
            write.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
            write.execute_unprepared(START_LOCK).await?;
        }
        Ok(write)
    }

    /// To be called in a write that will give ids by hand, before anything else: until it ends nobody draws an id, so
    /// that the counter cannot be set back behind one that was drawn meanwhile.
    pub(in crate::service) async fn reserve_ids(&self, write: &Write) -> Result<(), DbErr> {
        if self.backend() == DbBackend::Postgres {
            write.execute_unprepared(RESERVE_IDS).await?;
        }
        Ok(())
    }

    /// To be called in a write that gave ids by hand. SQLite keeps count by itself (`AUTOINCREMENT`).
    pub(in crate::service) async fn ids_taken(&self, write: &Write) -> Result<(), DbErr> {
        if self.backend() == DbBackend::Postgres {
            write.execute_unprepared(IDS_TAKEN).await?;
        }
        Ok(())
    }
}

/// Whether the commit may have happened: whoever would have told us is gone. What the database itself answers is
/// known, except that it was shut down meanwhile, or that SQLite could not read back or sync what it had written.
fn is_unknown(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return true;
    };
    cause.as_database_error().is_none_or(|answer| {
        answer
            .code()
            .is_some_and(|code| code.starts_with("57P") || code.starts_with("08") || is_sqlite_io(&code))
    })
}

/// `SQLITE_IOERR`; its extended codes have more in their upper bytes. PostgreSQL's codes have five places.
fn is_sqlite_io(code: &str) -> bool {
    const IOERR: i32 = 10;
    code.len() < 5 && code.parse::<i32>().is_ok_and(|code| code & 0xFF == IOERR)
}
