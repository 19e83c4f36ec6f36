//! Why a copy has not come to its end, for the operator.

use crate::service::database::OpenError;

/// No text has a URL: it may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(
        "source and target are one and the same database, or one was made from the other; name an empty database"
    )]
    Same,
    /// Something is there that nobody wants overwritten.
    #[error("{target} has {what}; nothing was changed: name an empty database")]
    NotEmpty { target: String, what: String },
    /// What the target would not take, or nobody could read.
    #[error("{table} {key} of {database}: {column} {fault}; mend it there, and run the same command again")]
    Unfit { database: String, table: &'static str, key: String, column: &'static str, fault: String },
    /// A rule that the source does not keep, such as a vote for a film that is not there.
    #[error(
        "{target} takes no more of {table}: {cause}; mend that in {database}, and run the same command again"
    )]
    Refused { target: String, table: &'static str, cause: String, database: String },
    #[error("{0} was written to meanwhile; stop the server, and run the same command again")]
    Written(String),
    /// Between two batches.
    #[error("interrupted; the same command goes on from there")]
    Interrupted,
    #[error(transparent)]
    Source(OpenError),
    /// Its sentences name the setting that it was found by.
    #[error("{}", .0.to_string().replace("database_url", "copy_to"))]
    Target(OpenError),
}
