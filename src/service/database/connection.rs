//! The connections, what bounds their use, and writes: begun in turn, committed or not.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _, Value,
};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

use crate::service::database::file::OpenedFile;
use crate::service::database::open::{GRACE, Missing, OpenError, Opened, Settings};
use crate::service::database::url::names_postgres;
use crate::service::database::{postgres, sqlite};
use crate::service::error::{Error, Result, driver_error};
use crate::telemetry;

/// The database, opened and migrated.
#[derive(Clone)]
pub struct Database {
    /// For single reads.
    pub(in crate::service) reader: DatabaseConnection,
    /// The connection that writes; whoever uses it for more than a look holds the turn.
    pub(in crate::service) writer: DatabaseConnection,
    pub(super) turns: Arc<Mutex<()>>,
    /// For people: the file, or the database and its host.
    pub(super) name: Arc<str>,
    /// Told to PostgreSQL by each connection, so that notifications of our own commits can be told from others'.
    pub(super) instance: Arc<RwLock<Arc<str>>>,
    /// How often SQLite's connection that writes was made: another one counts versions anew.
    pub(in crate::service) openings: Arc<AtomicU64>,
    pub(super) statement_timeout: Duration,
    /// Told when a write has ended in doubt, so that the read model may be wrong.
    pub(in crate::service) doubts: Arc<Notify>,
    /// SQLite's file, as it was opened.
    pub(super) file: Option<Arc<OpenedFile>>,
    /// Raised by a write that failed, lowered by a probe that did not.
    pub(super) writes_fail: Arc<AtomicBool>,
}

/// How work of the database is called in traces.
const STEP: &str = "database";

/// Time for connections that are in use to come back at the end, and for SQLite's log to be folded in.
const CLOSE: Duration = Duration::from_millis(1_500);

impl Database {
    /// Opens the database and leaves its tables as they are.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn connect(url: &str, settings: &Settings, missing: Missing) -> Result<Self, OpenError> {
        let instance = instance();
        let openings = Arc::default();
        let Opened { name, reader, writer, file } = if names_postgres(url) {
            postgres::connect(url, settings, &instance).await?
        } else {
            sqlite::connect(url, settings, missing, &openings).await?
        };
        Ok(Self {
            reader,
            writer,
            turns: Arc::default(),
            name: name.into(),
            instance: Arc::new(RwLock::new(instance.into())),
            openings,
            statement_timeout: settings.statement_timeout,
            doubts: Arc::default(),
            file,
            writes_fail: Arc::default(),
        })
    }

    /// Closes every connection, so that SQLite's log is folded into the file and gone. Bounded: a connection that does
    /// not come back in time leaves the log to the next start.
    pub async fn close(&self) {
        let close = async {
            // One after the other: of two that close together, each may take the other for somebody who still reads.
            self.reader.close_by_ref().await?;
            self.writer.close_by_ref().await
        };
        match tokio::time::timeout(CLOSE, close).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the database was not closed"),
            Err(_) => tracing::warn!("the database was still in use at the end, and is not closed"),
        }
        match self.file.as_deref().map(OpenedFile::set_log_aside) {
            Some(Ok(Some(log))) => tracing::error!(
                log = %log.display(),
                "the file of the database was removed or replaced while it was open; its log is kept there, so that it damages no other file"
            ),
            Some(Err(error)) => {
                tracing::error!(%error, "the log of a file that was removed is still there, and damages the next one");
            }
            _ => {}
        }
    }

    /// Returns once it is being closed: for what would use it for ever.
    pub(in crate::service) fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        match self.backend() {
            DbBackend::Postgres => self.reader.get_postgres_connection_pool().close_event(),
            _ => self.reader.get_sqlite_connection_pool().close_event(),
        }
    }

    /// Which of the two it is.
    pub(in crate::service) fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// For people: the file, or the database and its host, without user and password.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How this process is called in the database.
    pub(in crate::service) fn instance(&self) -> Arc<str> {
        Arc::clone(&self.instance.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A pool for a connection that listens to PostgreSQL.
    pub(in crate::service) fn listening(&self) -> sqlx::PgPool {
        let pool = self.writer.get_postgres_connection_pool();
        postgres::listening(pool, pool.options().get_acquire_timeout())
    }

    /// For reads that must see one state.
    pub(in crate::service) async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        // Every transaction of SQLite sees one state.
        let isolation_level = is_postgres(&self.reader).then_some(IsolationLevel::RepeatableRead);
        let options = TransactionOptions { isolation_level, ..TransactionOptions::default() };
        self.reader.begin_with_options(options).await
    }

    /// Bounds a read by the time for a statement. PostgreSQL keeps that time itself, unless it is frozen or behind a
    /// network that has gone: then nobody else would notice.
    pub(in crate::service) fn bounded<T, E>(
        &self,
        read: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T>>
    where
        Error: From<E>,
    {
        telemetry::step(STEP, self.in_time(read))
    }

    /// The same within a step.
    async fn in_time<T, E>(&self, read: impl Future<Output = Result<T, E>>) -> Result<T>
    where
        Error: From<E>,
    {
        if self.backend() == DbBackend::Sqlite {
            return read.await.map_err(Error::from);
        }
        let Ok(read) = tokio::time::timeout(self.statement_timeout + GRACE, read).await else {
            tracing::warn!("the database did not answer in time");
            return Err(Error::Unavailable);
        };
        read.map_err(Error::from)
    }

    /// Makes a change, which commits its write or takes it back; bounded likewise. Whether it was committed is unknown
    /// then. Made again, so often, where another write was in its way.
    pub(in crate::service) async fn write<T, F>(&self, change: impl Fn(Write) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let written = telemetry::step(STEP, async {
            let mut written = self.attempt(&change).await;
            for _ in 1..TRIES {
                if !matches!(written, Err(Error::Overtaken)) {
                    break;
                }
                written = self.attempt(&change).await;
            }
            written
        });
        let written = written.await;
        self.note_write(&written);
        written
    }

    async fn attempt<T, F>(&self, change: &impl Fn(Write) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let write = self.begin_write().await?;
        // Boxed, so that who asks for no change does not hold the room of one.
        let change = Box::pin(change(write));
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
}

#[expect(clippy::disallowed_methods, reason = "a name needs to be unique, never to be foreseen in a test")]
fn instance() -> String {
    format!("filmgate-{:016x}", rand::random::<u64>())
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the connections, whose options hold the password.
        f.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Names the lock that first starts and migrations take on PostgreSQL, so that of several only one does the work.
pub(super) const START_LOCK: &str = "SELECT pg_advisory_xact_lock(5136942075306771)";
/// Of all modes the weakest that keeps votes from locking their films first and then waiting in a circle.
const HOLD_FILMS: &str = "LOCK TABLE film IN EXCLUSIVE MODE";
/// Moves the counter of ids past every id that was given by hand: an id is never used twice, and never counted down.
const IDS_TAKEN: &str = "SELECT setval(pg_get_serial_sequence('film', 'id'), GREATEST(\
     (SELECT MAX(id) FROM film), (SELECT last_value FROM pg_sequences \
     WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence('film', 'id')), 1))";

/// How often a change is made that other writes are in the way of.
const TRIES: u32 = 5;

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

    /// Takes it back, and is refused for this reason.
    pub(in crate::service) async fn refuse<T>(self, reason: Error) -> Result<T> {
        self.rollback().await?;
        Err(reason)
    }
}

impl Database {
    /// The right to write, once everybody before has had it.
    pub(in crate::service) async fn turn(&self) -> Turn {
        Arc::clone(&self.turns).lock_owned().await
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
            let turn = tokio::time::timeout(TURN, self.turn()).await.map_err(|_| Error::Unavailable)?;
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
            write.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
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

    /// To be called in a write that gave ids by hand. SQLite keeps count by itself (`AUTOINCREMENT`).
    pub(in crate::service) async fn ids_taken(&self, write: &Write) -> Result<(), DbErr> {
        if self.backend() == DbBackend::Postgres {
            write.execute_unprepared(IDS_TAKEN).await?;
        }
        Ok(())
    }
}

pub(super) fn assert_in_place(file: Option<&OpenedFile>) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    if !file.is_in_place() {
        tracing::error!(
            "the file of the database was removed or replaced while it was in use: nothing can be kept; put it back, or start anew"
        );
    } else if !file.has_its_log() {
        tracing::error!(
            "the log of the database (-wal, -shm) was removed or replaced while it was in use: nothing more is taken; stop the server by SIGTERM, which keeps what it was told, and start it anew"
        );
    } else {
        return Ok(());
    }
    Err(Error::Unavailable)
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

/// Connections of a pool: how many there are, how many of them nobody uses, and how many there may be.
pub(in crate::service) fn counts(connection: &DatabaseConnection) -> (usize, usize, usize) {
    let (all, idle, most) = if is_postgres(connection) {
        let pool = connection.get_postgres_connection_pool();
        (pool.size(), pool.num_idle(), pool.options().get_max_connections())
    } else {
        let pool = connection.get_sqlite_connection_pool();
        (pool.size(), pool.num_idle(), pool.options().get_max_connections())
    };
    (all as usize, idle, most as usize)
}

pub(in crate::service) fn is_postgres(database: &impl ConnectionTrait) -> bool {
    database.get_database_backend() == DbBackend::Postgres
}

/// Runs a statement that has one text, so that it stays prepared.
pub(in crate::service) async fn query<const N: usize>(
    database: &impl ConnectionTrait,
    sql: &'static str,
    values: [Value; N],
) -> Result<Vec<QueryResult>, DbErr> {
    database.query_all_raw(Statement::from_sql_and_values(database.get_database_backend(), sql, values)).await
}
