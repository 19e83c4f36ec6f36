//! The database: an embedded SQLite file, or PostgreSQL. Migrated before anybody reads.

mod migrate;
mod postgres;
mod sqlite;
mod write;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, TransactionOptions,
    TransactionTrait as _,
};
use tokio::sync::{Mutex, Notify};

pub use migrate::{Migration, down, status, up};
pub use sqlite::file;

use super::error::{Error, Result};

/// The database, opened and migrated.
#[derive(Clone)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    turns: Arc<Mutex<()>>,
    /// For people: the file, or the database and its host.
    name: Arc<str>,
    /// Told to PostgreSQL by each connection, so that notifications of our own commits can be told from others'.
    instance: Arc<RwLock<Arc<str>>>,
    /// How often SQLite's connection that writes was made.
    openings: Arc<AtomicU64>,
    statement_timeout: Duration,
    doubts: Arc<Notify>,
}

/// What the database is told by the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long a use case waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement may take. PostgreSQL only.
    pub statement_timeout: Duration,
    /// Connections that read; three more write and listen.
    pub max_connections: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            acquire_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(5),
            max_connections: 8,
        }
    }
}

/// Why a database cannot be used, for the operator. No text has the URL: it may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL has a form that nobody knows.
    #[error(
        "database_url names neither a SQLite file nor a PostgreSQL database; use sqlite://FILE, such as sqlite://filmgate.db, or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Unsupported,
    /// The folder of the file is missing.
    #[error("the folder {0:?} of the database does not exist; create it or change database_url")]
    NoFolder(String),
    /// The file is missing, and this command does not create it.
    #[error("the database file {0:?} does not exist; start the server once, or change database_url")]
    NoFile(String),
    /// The file cannot be opened.
    #[error(
        "the database file {file:?} cannot be opened for writing ({cause}); check that the file and its folder belong to the user that runs filmgate, or change database_url"
    )]
    CannotOpen { file: String, cause: String },
    /// The server does not answer, or refuses us.
    #[error(
        "the PostgreSQL database {database} cannot be reached ({cause}); check that the server runs, that the database and the user exist, and database_url"
    )]
    CannotConnect { database: String, cause: String },
    /// A later filmgate has migrated it.
    #[error(
        "the database was written by a newer filmgate (it knows the migration {0:?}, this binary does not); start the newer binary, or use another database_url"
    )]
    Newer(String),
    /// Anything else.
    #[error("the database {database} cannot be used: {cause}; restore a backup, or use another database_url")]
    Failed { database: String, cause: String },
}

impl Database {
    /// Opens the database (a SQLite file is created where it is missing) and brings its tables up to date.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn open(url: &str, settings: &Settings) -> Result<Self, OpenError> {
        let database = Self::connect(url, settings, Missing::Create).await?;
        up(&database).await?;
        Ok(database)
    }

    /// Opens the database and leaves its tables as they are.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn connect(url: &str, settings: &Settings, missing: Missing) -> Result<Self, OpenError> {
        let instance = instance();
        let openings = Arc::default();
        let Opened { name, reader, writer } =
            if url.starts_with("postgres://") || url.starts_with("postgresql://") {
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
        })
    }

    /// Which of the two it is.
    pub(super) fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// For single reads.
    pub(super) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connection that writes; whoever uses it for more than a look holds the turn.
    pub(super) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// How often the connection that writes to SQLite was made: another one counts versions anew.
    pub(super) fn openings(&self) -> u64 {
        self.openings.load(Ordering::SeqCst)
    }

    /// For people: the file, or the database and its host, without user and password.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How this process is called in the database.
    pub(super) fn instance(&self) -> Arc<str> {
        Arc::clone(&self.instance.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A pool for a connection that listens to PostgreSQL.
    pub(super) fn listening(&self) -> sqlx::PgPool {
        let pool = self.writer.get_postgres_connection_pool();
        postgres::listening(pool, pool.options().get_acquire_timeout())
    }

    /// For reads that must see one state.
    pub(super) async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        let isolation_level = match self.backend() {
            DbBackend::Postgres => Some(IsolationLevel::RepeatableRead),
            // Every transaction of SQLite sees one state.
            _ => None,
        };
        self.reader
            .begin_with_options(TransactionOptions { isolation_level, ..TransactionOptions::default() })
            .await
    }

    /// Bounds a read by the time for a statement. PostgreSQL keeps that time itself, unless it is frozen or behind a
    /// network that has gone: then nobody else would notice.
    pub(super) async fn bounded<T>(&self, read: impl Future<Output = Result<T>>) -> Result<T> {
        if self.backend() == DbBackend::Sqlite {
            return read.await;
        }
        tokio::time::timeout(self.statement_timeout + GRACE, read).await.unwrap_or_else(|_| {
            tracing::warn!("the database did not answer in time");
            Err(Error::Unavailable)
        })
    }

    /// Bounds a write that has begun, likewise. Whether it was committed is unknown then.
    pub(super) async fn bounded_write<T>(&self, write: impl Future<Output = Result<T>>) -> Result<T> {
        let result = match self.bounded(async { Ok(write.await) }).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unconfirmed),
        };
        if matches!(result, Err(Error::Unconfirmed)) {
            self.rename();
            self.doubts.notify_one();
        }
        result
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

    /// Returns when a write has ended in doubt, so that the read model may be wrong.
    pub(super) async fn doubt(&self) {
        self.doubts.notified().await;
    }
}

/// PostgreSQL's own timeout should be the one that fires: it leaves a connection that can be used on.
const GRACE: Duration = Duration::from_secs(1);

/// What the two kinds have in common once they are connected.
struct Opened {
    name: String,
    reader: DatabaseConnection,
    writer: DatabaseConnection,
}

/// What becomes of a SQLite file that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Create,
    Refuse,
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

/// What the driver says, without what stands around it.
fn root_cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "no answer in time".to_owned(),
        other => other.to_string(),
    }
}
