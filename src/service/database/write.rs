//! Writes: begun in turn, committed or not.

use std::ops::Deref;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::TryFutureExt as _;
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, QueryResult, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _, Value,
};
use tokio::sync::OwnedMutexGuard;

use crate::service::database::connection::{Database, STEP, assert_in_place, instance, query};
use crate::service::database::file::OpenedFile;
use crate::service::database::open::TRIES;
use crate::service::error::{Error, Result, driver_error};
use crate::telemetry;

/// Names the lock that first starts and migrations take on PostgreSQL, so that of several only one does the work.
pub(super) const START_LOCK: &str = "SELECT pg_advisory_xact_lock(5136942075306771)";
const NAMES_LOCK: &str = "SELECT pg_advisory_xact_lock(5136942075306772)";
/// Of all modes the weakest that keeps votes from locking their films first and then waiting in a circle.
const HOLD_FILMS: &str = "LOCK TABLE film IN EXCLUSIVE MODE";
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
    /// Where it goes to, on SQLite.
    file: Option<Arc<OpenedFile>>,
}

/// The right to write. Held from the beginning of a write until what was committed is in the read model: so the read
/// model hears of commits in their order, and of none twice.
pub(in crate::service) type Turn = OwnedMutexGuard<()>;

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
    /// [`Error::Unconfirmed`] when the connection was lost on the way, or the file went away, so that nobody knows;
    /// otherwise nothing was written.
    pub(in crate::service) async fn commit(self) -> Result<Turn> {
        match self.transaction.commit().await {
            // Before anybody is told: a file that was removed takes what is written, and has no name any more.
            Ok(()) => {
                assert_in_place(self.file.as_deref()).map(|()| self.turn).map_err(|_| Error::Unconfirmed)
            }
            Err(error) => Err(doubted(error)),
        }
    }

    pub(in crate::service) async fn rollback(self) -> Result<(), DbErr> {
        self.transaction.rollback().await
    }

    /// Takes it back, and is refused for this reason.
    pub(in crate::service) async fn refuse<T>(self, reason: Error) -> Result<T> {
        self.rollback().await?;
        Err(reason)
    }
}

impl Database {
    /// Makes a change, which commits its write or takes it back; bounded likewise. Whether it was committed is unknown
    /// then. Made again, so often, where another write was in its way.
    pub(in crate::service) async fn write<T, F>(&self, change: impl Fn(Write) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.write_in_tries(TRIES, change).await
    }

    /// The same, made so often at most.
    pub(in crate::service) async fn write_in_tries<T, F>(
        &self,
        tries: u32,
        change: impl Fn(Write) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.repeated(tries, || async {
            let write = self.begin_write().await?;
            // Boxed, so that who asks for no change does not hold the room of one.
            self.attempt(Box::pin(change(write))).await
        })
        .await
    }

    /// The same, made once, for a change of one statement on PostgreSQL, which commits it by itself: one round trip, where a
    /// write that is begun takes four. What it returns; drop the turn when the read model has been told.
    pub(in crate::service) async fn write_at_once<const N: usize>(
        &self,
        sql: &'static str,
        values: [Value; N],
    ) -> Result<(Vec<QueryResult>, Turn)> {
        self.repeated(1, || async {
            let turn = self.turn_in_time().await?;
            let written = query(&self.writer, sql, values.clone()).map_err(|error| match error {
                // Of a connection that was not had.
                error @ (DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) => error.into(),
                error => doubted(error),
            });
            Ok((self.attempt(written).await?, turn))
        })
        .await
    }

    async fn repeated<T, F>(&self, tries: u32, attempt: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let written = telemetry::step(STEP, async {
            let mut written = attempt().await;
            for _ in 1..tries {
                if !matches!(written, Err(Error::Overtaken)) {
                    break;
                }
                written = attempt().await;
            }
            if tries == TRIES && matches!(written, Err(Error::Overtaken)) {
                tracing::warn!(tries, "other writes were in the way of this one each time");
            }
            written
        });
        let written = written.await;
        self.note_write(&written);
        written
    }

    /// Makes a change that may be committed on the way.
    async fn attempt<T>(&self, change: impl Future<Output = Result<T>>) -> Result<T> {
        let changed = self.in_time(async { Ok::<_, Error>(change.await) }).await;
        let changed = changed.unwrap_or(Err(Error::Unconfirmed));
        if matches!(changed, Err(Error::Unconfirmed)) {
            self.rename();
            self.doubts.notify_one();
        }
        changed
    }

    /// From now on, what was written under the old name is heard like what others write: a commit in doubt may yet come,
    /// long after the read model was made anew.
    fn rename(&self) {
        if self.backend() != DbBackend::Postgres {
            return;
        }
        let name = instance();
        let pool = self.writer.get_postgres_connection_pool();
        pool.set_connect_options(pool.connect_options().as_ref().clone().application_name(&name));
        *self.instance.write().unwrap_or_else(PoisonError::into_inner) = name.into();
    }

    /// The right to write, once everybody before has had it.
    pub(in crate::service) async fn turn(&self) -> Turn {
        Arc::clone(&self.turns).lock_owned().await
    }

    async fn turn_in_time(&self) -> Result<Turn> {
        tokio::time::timeout(TURN, self.turn()).await.map_err(|_| Error::Unavailable)
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
        self.in_time(async {
            let turn = self.turn_in_time().await?;
            let transaction = self.writer.begin_with_options(options).await?;
            // Not before: a connection that is opened anew may make the log anew.
            let file = self.file.clone();
            assert_in_place(file.as_deref())?;
            Ok::<_, Error>(Write { transaction, turn, file })
        })
        .await
    }

    /// For writes that only one process may make, whichever comes first, such as filling a new database.
    pub(in crate::service) async fn begin_start(&self) -> Result<Write> {
        let write = self.begin_write().await?;
        if self.backend() == DbBackend::Postgres {
            write.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
            write.execute_unprepared(START_LOCK).await?;
        }
        Ok(write)
    }

    /// To be called before anything else in a write that gives ids by hand, or changes tables: until it ends nobody draws
    /// an id, so that the counter cannot be set back behind one that was drawn meanwhile, and nobody votes.
    pub(in crate::service) async fn hold_films(&self, write: &Write) -> Result<(), DbErr> {
        if self.backend() == DbBackend::Postgres {
            write.execute_unprepared(HOLD_FILMS).await?;
        }
        Ok(())
    }

    /// To be called before anything else in a write that makes an account: until it ends nobody makes another one, whose name
    /// could look like this one's.
    pub(in crate::service) async fn hold_account_names(&self, write: &Write) -> Result<(), DbErr> {
        if self.backend() == DbBackend::Postgres {
            write.execute_unprepared(NAMES_LOCK).await?;
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

/// What a commit that failed means.
fn doubted(error: DbErr) -> Error {
    if is_unknown(&error) {
        tracing::error!(%error, "whether a write was committed is unknown");
        return Error::Unconfirmed;
    }
    error.into()
}

/// Whether the commit may have happened: whoever would have told us is gone. What the database itself answers is
/// known, except that it was shut down meanwhile, or that SQLite could not read back or sync what it had written.
fn is_unknown(error: &DbErr) -> bool {
    let Some(cause) = driver_error(error) else { return true };
    let is_unknown = |code: &str| code.starts_with("57P") || code.starts_with("08") || is_sqlite_io(code);
    cause.as_database_error().is_none_or(|answer| answer.code().is_some_and(|code| is_unknown(&code)))
}

/// `SQLITE_IOERR`; its extended codes have more in their upper bytes. PostgreSQL's codes have five places.
fn is_sqlite_io(code: &str) -> bool {
    const IOERR: i32 = 10;
    code.len() < 5 && code.parse::<i32>().is_ok_and(|code| code & 0xFF == IOERR)
}
