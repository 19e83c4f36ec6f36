//! What opening a database needs, and why it fails.

use std::time::Duration;

use sea_orm::DatabaseConnection;

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

/// PostgreSQL's own timeout should be the one that fires: it leaves a connection that can be used on.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// What the two kinds have in common once they are connected.
pub(super) struct Opened {
    pub name: String,
    pub reader: DatabaseConnection,
    pub writer: DatabaseConnection,
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
