//! SQLite that syncs every commit.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};

use super::{Missing, OpenError, Opened, Settings, root_cause};

/// How long a write waits for another process that writes to the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers do not wait for the writer (WAL); more than a few only help while the disk is slow.
const READERS: u32 = 4;

/// One connection for each reader, and a single one that writes.
pub(super) async fn connect(url: &str, settings: &Settings, missing: Missing) -> Result<Opened, OpenError> {
    let options = options(url)?;
    let file = options.get_filename().display().to_string();
    if missing == Missing::Refuse && !options.get_filename().exists() {
        return Err(OpenError::NoFile(file));
    }
    let cannot_open =
        |error: sqlx::Error| OpenError::CannotOpen { file: file.clone(), cause: root_cause(&error) };
    // The writer first: it creates the file.
    let writer = pool(&options, 1, settings).await.map_err(cannot_open)?;
    let readers = READERS.min(settings.max_connections);
    let reader = pool(&options, readers, settings).await.map_err(cannot_open)?;
    Ok(Opened { name: format!("{file:?}"), reader, writer })
}

fn options(url: &str) -> Result<SqliteConnectOptions, OpenError> {
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

async fn pool(
    options: &SqliteConnectOptions,
    most: u32,
    settings: &Settings,
) -> Result<DatabaseConnection, sqlx::Error> {
    let pool = SqlitePoolOptions::new()
        .max_connections(most)
        .acquire_timeout(settings.acquire_timeout)
        // A file does not go away, and `changes` compares what one and the same connection says over time.
        .idle_timeout(None)
        .max_lifetime(None)
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
