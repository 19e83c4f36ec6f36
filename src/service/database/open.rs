//! What opening a database needs, and why it fails.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};

use crate::service::database::file::OpenedFile;
use crate::service::error::{Error, driver_error};

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
    /// Votes would be gone with the process.
    #[error(
        "database_url names a database in memory, which keeps nothing; use sqlite://FILE, such as sqlite://filmgate.db"
    )]
    InMemory,
    /// Votes could not be written.
    #[error(
        "database_url opens the file for reading alone, and votes are written; leave out mode=ro and immutable"
    )]
    ReadOnly,
    /// It is PostgreSQL's, and not as its driver reads one.
    #[error(
        "database_url names PostgreSQL and cannot be read; use postgres://USER:PASSWORD@HOST:PORT/DATABASE, and check what stands behind its question mark"
    )]
    Unreadable,
    /// The folder of the file is missing.
    #[error("the folder {0:?} of the database does not exist; create it or change database_url")]
    NoFolder(String),
    /// The file is missing, and this command does not create it.
    #[error("the database file {0:?} does not exist; start the server once, or change database_url")]
    NoFile(String),
    /// Its tables are somebody else's, and would stand among ours.
    #[error(
        "the database file {0:?} has tables of another program and none of filmgate; change database_url"
    )]
    Foreign(String),
    /// The file cannot be opened.
    #[error(
        "the database file {file:?} cannot be opened for writing ({cause}); {remedy}, or change database_url"
    )]
    CannotOpen { file: String, cause: String, remedy: &'static str },
    /// The server does not answer, or refuses us.
    #[error(
        "the PostgreSQL database {database} cannot be reached ({cause}); {remedy}, or change database_url"
    )]
    CannotConnect { database: String, cause: String, remedy: &'static str },
    /// Another process has it open, where nobody else may.
    #[error("{0} is in use; stop the server, and whatever else has it open, and try again")]
    InUse(String),
    /// What is missing would be given out as new: ids of films above all.
    #[error(
        "the database {0} holds a part of another: a copy into it has not come to its end; run the same filmgate copy again, or use another database_url"
    )]
    Unfinished(String),
    /// A later filmgate has migrated it.
    #[error(
        "the database was written by a newer filmgate (it knows the migration {0:?}, this binary does not); start the newer binary, or use another database_url"
    )]
    Newer(String),
    /// Anything else.
    #[error("the database {database} cannot be used: {cause}; {remedy}, or use another database_url")]
    Failed { database: String, cause: String, remedy: &'static str },
}

impl OpenError {
    /// What a use case met while the database of this name was made ready.
    #[must_use]
    pub fn failed(database: &str, error: &Error) -> Self {
        match error {
            Error::Internal(source) => match source.downcast_ref::<DbErr>() {
                Some(cause) => Self::of_cause(database, cause),
                None => Self::told(database, &source.to_string(), RESTORE),
            },
            Error::Failing(cause) => Self::of_cause(database, cause),
            Error::Unavailable | Error::Overtaken => Self::told(
                database,
                "it takes no write",
                "see that its disk has room, that it does not only read (a standby, or default_transaction_read_only), and that no other process holds it",
            ),
            other => Self::told(database, &other.to_string(), RESTORE),
        }
    }

    pub(super) fn of_cause(database: &str, error: &DbErr) -> Self {
        let remedy = driver_error(error).and_then(remedy);
        Self::told(database, &error.to_string(), remedy.unwrap_or(RESTORE))
    }

    fn told(database: &str, cause: &str, remedy: &'static str) -> Self {
        Self::Failed { database: database.to_owned(), cause: cause.replace('\n', " "), remedy }
    }
}

/// What keeps the database from a change, and what would be right, for the operator.
#[must_use]
pub fn told_of(error: &DbErr) -> String {
    let driver = driver_error(error);
    let cause = driver.map_or_else(|| error.to_string(), root_cause).replace('\n', " ");
    let remedy = driver.and_then(remedy).unwrap_or("try again shortly");
    format!("the database cannot do this now: {cause}; {remedy}")
}

pub(super) const DAMAGED: &str = "stop filmgate and run filmgate restore with a backup";
const RESTORE: &str = "restore a backup";

/// What would be right, where the database says what is wrong.
pub(super) fn remedy(error: &sqlx::Error) -> Option<&'static str> {
    let answer = match error {
        sqlx::Error::Database(answer) => answer,
        // Of the encoding, the log, the file: the cause says what would be right.
        sqlx::Error::Configuration(_) => return Some("see to that"),
        _ => return None,
    };
    let code = answer.code()?;
    if code.len() < 5 {
        // SQLite's extended codes have more in their upper bytes.
        return Some(match code.parse::<i32>().ok()? & 0xFF {
            3 | 8 | 14 | 23 => "check that the file and its folder belong to the user that runs filmgate",
            5 | 6 => "wait for the process that works on the file, or stop it",
            10 => "check the disk, which cannot be read or written",
            11 | 26 => DAMAGED,
            13 => "make room on the disk",
            _ => return None,
        });
    }
    Some(match &*code {
        "42501" => {
            "as the owner, say GRANT CREATE, USAGE ON SCHEMA public TO the user of database_url for a start that makes the tables, \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public and GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public \
             where they are there; or run filmgate migrate up as the owner"
        }
        "3D000" => "create it: CREATE DATABASE name ENCODING 'UTF8'",
        "3F000" => {
            "create the schema that search_path names: CREATE SCHEMA name AUTHORIZATION the user of database_url"
        }
        "25006" => {
            "it only reads: name the primary where this is a standby; else say ALTER ROLE name RESET default_transaction_read_only, \
             or ALTER DATABASE name RESET default_transaction_read_only, once whoever has set it agrees"
        }
        "53300" => {
            "let the server have more connections (max_connections), or lower database.max_connections"
        }
        "53100" | "58030" => "make room on the server's disk, and check it",
        "55P03" | "57014" => "wait for the process that holds its tables, or stop it",
        "57P03" => "wait until the server has started",
        code if code.starts_with("28") => "check user and password, and the server's pg_hba.conf",
        code if code.starts_with("XX") => "look at the server's log, and restore a backup",
        _ => return None,
    })
}

/// PostgreSQL's own timeout should be the one that fires: it leaves a connection that can be used on.
pub(super) const GRACE: Duration = Duration::from_secs(1);
/// How often a change is made that other writes are in the way of. What they hold is waited for, each time, during such a
/// part of the time for a statement.
pub(in crate::service) const TRIES: u32 = 5;

/// What the two kinds have in common once they are connected.
pub(super) struct Opened {
    pub name: String,
    pub reader: DatabaseConnection,
    pub writer: DatabaseConnection,
    /// SQLite's.
    pub file: Option<Arc<OpenedFile>>,
}

/// What becomes of a SQLite file that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Create,
    Refuse,
}

/// What the driver says, without what stands around it.
pub(super) fn root_cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "no answer in time".to_owned(),
        other => other.to_string(),
    }
}
