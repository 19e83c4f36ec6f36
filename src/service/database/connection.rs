//! The connections, and what bounds their use.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, QueryResult,
    Statement, TransactionOptions, TransactionTrait as _, Value,
};
use tokio::sync::{Mutex, Notify};

use crate::service::database::file::OpenedFile;
use crate::service::database::open::{GRACE, Missing, OpenError, Opened, Settings};
use crate::service::database::url::names_postgres;
use crate::service::database::{postgres, sqlite};
use crate::service::error::{Error, Result};
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
pub(super) const STEP: &str = "database";

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
    pub(super) async fn in_time<T, E>(&self, read: impl Future<Output = Result<T, E>>) -> Result<T>
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
}

#[expect(clippy::disallowed_methods, reason = "a name needs to be unique, never to be foreseen in a test")]
pub(super) fn instance() -> String {
    format!("filmgate-{:016x}", rand::random::<u64>())
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the connections, whose options hold the password.
        f.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
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
