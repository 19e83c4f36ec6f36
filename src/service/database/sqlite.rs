//! SQLite that syncs every commit.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::Instant;

use crate::service::database::file::{OpenedFile, quoted, with_ending};
use crate::service::database::open::{Missing, OpenError, Opened, Settings, remedy, root_cause};

/// How long a write waits for another process that writes to the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers do not wait for the writer (WAL); more than a few only help while the disk is slow.
const READERS: u32 = 4;

/// One connection for each reader, and a single one that writes. `openings` counts how often the latter was made.
pub(super) async fn connect(
    url: &str,
    settings: &Settings,
    missing: Missing,
    openings: &Arc<AtomicU64>,
) -> Result<Opened, OpenError> {
    let options = options(url)?;
    let file = options.get_filename();
    assert_there(file, missing)?;
    let failed = |error| cannot_open(file, &error);
    let opened = Arc::new(OpenedFile::at(file).map_err(|error| failed(error.into()))?);
    assert_ours(file, &read_url(url)?).await?;
    // By one connection: a pool would only say that there was no answer in time.
    let first = || async {
        let mut first = options.connect().await?;
        assert_durable(&mut first).await?;
        first.close().await
    };
    patiently(first).await.map_err(failed)?;
    let file_of_writer = Arc::clone(&opened);
    let openings = Arc::clone(openings);
    let on_writer = move || {
        openings.fetch_add(1, Ordering::SeqCst);
        file_of_writer.know_log();
    };
    let writer = patient_pool(&options, 1, settings, &opened, on_writer).await.map_err(failed)?;
    let readers = READERS.min(settings.max_connections);
    let reader = patient_pool(&options, readers, settings, &opened, || ()).await.map_err(failed)?;
    Ok(Opened { name: quoted(file), reader, writer, file: Some(opened) })
}

/// The file for a look that changes nothing, and its name for people: neither does it get a log, nor need it be one that
/// may be written.
pub(super) async fn look(url: &str) -> Result<(DatabaseConnection, String), OpenError> {
    let options = options_of_file(url)?;
    let file = options.get_filename().to_owned();
    assert_there(&file, Missing::Refuse)?;
    // Without a log nobody has it open, and it lies there as it is. The log stands beside what a link leads to.
    let target = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
    let is_alone = ["-wal", "-journal"].iter().all(|ending| !with_ending(&target, ending).exists());
    // A write that was broken off has to be taken back before anybody can read.
    let journal = fs::metadata(with_ending(&target, "-journal")).map_or(0, |journal| journal.len());
    let options = options.read_only(journal == 0).immutable(is_alone);
    assert_ours(&file, &options).await?;
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = patiently(|| pool.clone().connect_with(options.clone())).await;
    let pool = pool.map_err(|error| cannot_open(&file, &error))?;
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(pool), quoted(&file)))
}

pub(super) fn assert_there(file: &Path, missing: Missing) -> Result<(), OpenError> {
    if missing == Missing::Refuse && !file.exists() {
        return Err(OpenError::NoFile(file.display().to_string()));
    }
    Ok(())
}

/// Refuses a file with the tables of another program, as it is. To be asked before anything changes it, such as to a
/// write-ahead log.
async fn assert_ours(file: &Path, options: &SqliteConnectOptions) -> Result<(), OpenError> {
    const SQL: &str = "SELECT COUNT(*) > 0 AND COUNT(*) FILTER (WHERE name = 'seaql_migrations') = 0 \
         FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@'";
    let options = options.clone().busy_timeout(BUSY_TIMEOUT).disable_statement_logging();
    let look = || async {
        let mut connection = options.connect().await?;
        let is_foreign: bool = sqlx::query_scalar(SQL).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(is_foreign)
    };
    match patiently(look).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(OpenError::Foreign(file.display().to_string())),
        Err(error) => Err(cannot_open(file, &error)),
    }
}

fn cannot_open(file: &Path, error: &sqlx::Error) -> OpenError {
    let (cause, remedy) = if is_busy(error) {
        ("another process holds it".to_owned(), Some("wait for the process, or stop it"))
    } else {
        (root_cause(error), remedy(error))
    };
    let remedy = remedy.unwrap_or("check that the file and its folder belong to the user that runs filmgate");
    OpenError::CannotOpen { file: file.display().to_string(), cause, remedy }
}

/// The file that a URL names; none for another database.
#[must_use]
pub fn file(url: &str) -> Option<PathBuf> {
    options(url).ok().map(|options| options.get_filename().to_owned())
}

/// Reads a URL of a file, whether the file is there or not.
pub(super) fn read_url(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    let lower = url.to_ascii_lowercase();
    // Each connection to an in-memory database would see its own, and no vote would be on disk.
    if lower.contains(":memory:") || lower.contains("mode=memory") {
        return Err(OpenError::InMemory);
    }
    let (scheme, rest) = url.split_once(':').ok_or(OpenError::Unsupported)?;
    if !scheme.eq_ignore_ascii_case("sqlite") {
        return Err(OpenError::Unsupported);
    }
    // The driver knows its scheme in small letters only, and takes any other text for the name of a file.
    let options =
        SqliteConnectOptions::from_str(&format!("sqlite:{rest}")).map_err(|_| OpenError::Unsupported)?;
    let name = options.get_filename().as_os_str().as_encoded_bytes();
    // SQLite would take the last three for something else than the name of a file.
    if name.is_empty() || name.contains(&0) || name.starts_with(b"file:") || name.starts_with(b":") {
        return Err(OpenError::Unsupported);
    }
    let parameters = rest.split_once('?').map_or("", |(_, parameters)| parameters);
    let is_read_only = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        name == "mode" && value == "ro" || name == "immutable" && value != "false"
    };
    if form_urlencoded::parse(parameters.as_bytes()).any(is_read_only) {
        return Err(OpenError::ReadOnly);
    }
    Ok(options)
}

pub(super) fn options(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    Ok(options_of_file(url)?
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging())
}

/// The file in a folder that is there, with no word on how it is used.
fn options_of_file(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    let options = read_url(url)?;
    let folder = options.get_filename().parent().unwrap_or(Path::new(""));
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        return Err(OpenError::NoFolder(folder.display().to_string()));
    }
    Ok(options)
}

/// Waits for another process that opens the same file. While one switches a new file to the write-ahead log, SQLite
/// answers the others "locked" at once, whatever time they would wait.
async fn patiently<T, F>(open: impl Fn() -> F) -> Result<T, sqlx::Error>
where
    F: Future<Output = Result<T, sqlx::Error>>,
{
    const PAUSE: Duration = Duration::from_millis(50);
    let end = Instant::now() + BUSY_TIMEOUT;
    loop {
        match open().await {
            Err(error) if is_busy(&error) && Instant::now() < end => tokio::time::sleep(PAUSE).await,
            opened => return opened,
        }
    }
}

async fn patient_pool(
    options: &SqliteConnectOptions,
    most: u32,
    settings: &Settings,
    file: &Arc<OpenedFile>,
    opened: impl Fn() + Clone + Send + Sync + 'static,
) -> Result<DatabaseConnection, sqlx::Error> {
    let file = Arc::clone(file);
    let pool = SqlitePoolOptions::new()
        .max_connections(most)
        .acquire_timeout(settings.acquire_timeout)
        // A file does not go away, and `changes` compares what one and the same connection says over time.
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            // One that is opened later would find another file under the name.
            let is_in_place = file.is_in_place();
            let opened = opened.clone();
            Box::pin(async move {
                if !is_in_place {
                    return Err(sqlx::Error::Configuration("it was removed or replaced meanwhile".into()));
                }
                assert_durable(connection).await?;
                // The first look at the file makes its log where there is none.
                sqlx::query("PRAGMA schema_version").execute(connection).await?;
                opened();
                Ok(())
            })
        })
        .after_release(|connection, _| Box::pin(is_sound(connection)));
    let pool = patiently(|| pool.clone().connect_with(options.clone())).await;
    pool.map(SqlxSqliteConnector::from_sqlx_sqlite_pool)
}

fn is_busy(error: &sqlx::Error) -> bool {
    /// `SQLITE_BUSY`; the extended codes have more in their upper bytes.
    const BUSY: i32 = 5;
    let is_code = |code: &str| code.parse::<i32>().is_ok_and(|code| code & 0xFF == BUSY);
    let answer = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(error, sqlx::Error::PoolTimedOut) || answer.is_some_and(|code| is_code(&code))
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

/// Whether a connection may be used again. A full disk makes SQLite end a transaction by itself, so that the driver's
/// rollback fails and it still believes to be in one: the next transaction would be a savepoint in another that nobody
/// ever commits, and votes would be acknowledged that are not on disk.
async fn is_sound(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback may still be on its way to the thread that works for the connection.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
