//! Connections: SQLite that syncs every commit, migrated before anybody reads.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait as _,
};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How long a write waits for another process that writes to the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a use case waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Readers do not wait for the writer (WAL); more than a few only help while the disk is slow.
const READERS: u32 = 4;

/// The database, opened and migrated.
///
/// One connection writes: SQLite has one writer at a time anyway, and waiting for a connection is fair, where waiting
/// for a lock is not.
#[derive(Debug, Clone)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    turns: Arc<Mutex<()>>,
}

/// A write that has begun.
pub(super) struct Write {
    transaction: DatabaseTransaction,
    turn: Turn,
}

/// The right to write. Held from the beginning of a write until what was committed is in the read model: so the read
/// model hears of commits in their order, and of none twice.
pub(super) struct Turn {
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
    pub(super) async fn commit(self) -> Result<Turn, DbErr> {
        self.transaction.commit().await?;
        Ok(self.turn)
    }

    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        self.transaction.rollback().await
    }
}

/// Why a database cannot be used, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL has a form that this version does not know.
    // Without the URL itself: it may hold a password.
    #[error(
        "database_url does not name a SQLite file, which is all that this version supports; use sqlite://FILE, such as sqlite://filmgate.db"
    )]
    Unsupported,
    /// The folder of the file is missing.
    #[error("the folder {0:?} of the database does not exist; create it or change database_url")]
    NoFolder(String),
    /// The file cannot be opened.
    #[error(
        "the database file {file:?} cannot be opened for writing ({cause}); check that the file and its folder belong to the user that runs filmgate, or change database_url"
    )]
    CannotOpen { file: String, cause: String },
    /// A later filmgate has migrated it.
    #[error(
        "the database was written by a newer filmgate (it knows the migration {0:?}, this binary does not); start the newer binary, or use another database_url"
    )]
    Newer(String),
    /// Anything else.
    #[error("the database {file:?} cannot be used: {cause}; restore a backup, or use another database_url")]
    Failed { file: String, cause: String },
}

impl Database {
    /// Opens the file, creates it where it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let options = sqlite_options(url)?;
        let file = options.get_filename().display().to_string();
        let cannot_open =
            |error: sqlx::Error| OpenError::CannotOpen { file: file.clone(), cause: root_cause(&error) };
        let writer = connect(&options, 1).await.map_err(cannot_open)?;
        let failed = |error: DbErr| OpenError::Failed { file: file.clone(), cause: error.to_string() };
        refuse_newer(&writer).await.map_err(failed)??;
        Migrator::up(&writer, None).await.map_err(failed)?;
        let reader = connect(&options, READERS).await.map_err(cannot_open)?;
        Ok(Self { reader, writer, turns: Arc::default() })
    }

    /// For single reads.
    pub(super) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For reads that must see one state.
    pub(super) async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        self.reader.begin().await
    }

    /// For writes. Takes the write lock at once: a transaction that first reads and then writes would be refused if
    /// another process had written in between.
    pub(super) async fn begin_write(&self) -> Result<Write, DbErr> {
        let turn = Turn { _guard: Arc::clone(&self.turns).lock_owned().await };
        let transaction = self
            .writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await?;
        Ok(Write { transaction, turn })
    }
}

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    let lower = url.to_ascii_lowercase();
    // Each connection to an in-memory database would see its own, and no vote would be on disk.
    if !lower.starts_with("sqlite:") || lower.contains(":memory:") || lower.contains("mode=memory") {
        return Err(OpenError::Unsupported);
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|_| OpenError::Unsupported)?;
    if options.get_filename().as_os_str().is_empty() {
        return Err(OpenError::Unsupported);
    }
    let folder = options.get_filename().parent().unwrap_or(Path::new(""));
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        return Err(OpenError::NoFolder(folder.display().to_string()));
    }
    Ok(options
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging())
}

async fn connect(options: &SqliteConnectOptions, most: u32) -> Result<DatabaseConnection, sqlx::Error> {
    let pool = SqlitePoolOptions::new()
        .max_connections(most)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection, _| Box::pin(assert_durable(connection)))
        .connect_with(options.clone())
        .await?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// "Every acknowledged vote is on disk" rests on these two settings, and SQLite ignores what it cannot do (WAL on
/// some network file systems): so each connection is asked.
async fn assert_durable(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    const FULL: i64 = 2;
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
    if journal != "wal" || synchronous != FULL {
        return Err(sqlx::Error::Configuration(
            format!("the file system allows no write-ahead log (journal_mode {journal}, synchronous {synchronous})").into(),
        ));
    }
    Ok(())
}

async fn refuse_newer(database: &DatabaseConnection) -> Result<Result<(), OpenError>, DbErr> {
    let known: BTreeSet<String> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    Migrator::install(database).await?;
    let unknown = Migrator::get_migration_models(database)
        .await?
        .into_iter()
        .map(|applied| applied.version)
        .find(|version| !known.contains(version));
    Ok(unknown.map_or(Ok(()), |version| Err(OpenError::Newer(version))))
}

/// The last sentence of the chain: "unable to open database file" rather than what stands around it.
fn root_cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    }
}
