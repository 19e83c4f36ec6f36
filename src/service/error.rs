//! What can go wrong in the service, without a word of HTTP or GraphQL.

use std::error::Error as StdError;
use std::fmt;

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::service::action::Action;
use crate::service::caller::Role;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal or a failure of a use case. All but [`Error::Internal`] may be shown to anybody.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The id names no film, and never will have named one unless it was removed.
    #[error("There is no film with this id.")]
    FilmNotFound,
    /// A random film was asked for and none is there, or none matches.
    #[error("There is no film to choose from.")]
    NoFilm,
    /// The same, of a caller who wants none that they have voted for.
    #[error("There is no film to choose from that you have not voted for.")]
    NoUnseenFilm,
    /// Equal in name, studio and year, without regard to case.
    #[error("This film is already there, with the id {id}: {name} ({studio}{}).", of_year(*.year))]
    FilmExists { id: i64, name: String, studio: String, year: Option<i32> },
    /// All faults of the input at once.
    #[error("{}", summary(.0))]
    InvalidInput(Vec<FieldFault>),
    /// The id names no account.
    #[error("There is no account with this id.")]
    AccountNotFound,
    /// Without regard to case.
    #[error("There is an account with this name already.")]
    AccountExists,
    /// The id names no key of the caller's.
    #[error("There is no key with this id.")]
    KeyNotFound,
    /// One sentence for whatever is wrong with a sign-in: nobody learns which names there are.
    #[error("The name or the password is wrong.")]
    WrongPassword,
    /// A token or a key that is unknown, expired or revoked.
    #[error("This credential is not valid here. It may have expired or been revoked: sign in again.")]
    BadCredential,
    /// What only somebody who has signed in can do.
    #[error("{action} needs {by}: sign in first.")]
    NotSignedIn { action: Action, by: &'static str },
    /// The caller's role does not allow the action.
    #[error("{action} needs the role {needed}; this caller is {role}.")]
    Forbidden { action: Action, needed: Role, role: Role },
    /// Too busy, or the database does not answer in time. Nothing was recorded, and the same call may be made again.
    #[error("The service is busy. Please try again shortly.")]
    Unavailable,
    /// The same, where the database says why: a full disk, a lock, a connection that was lost. The cause is for the operator.
    #[error("The service is busy. Please try again shortly.")]
    Failing(#[source] DbErr),
    /// Another write was in the way of this one, and the database took it back: the same may be done again at once.
    #[error("The service is busy. Please try again shortly.")]
    Overtaken,
    /// The connection to the database was lost while a change was being made: whether it was is unknown, so nobody may
    /// be told to try again.
    #[error(
        "The database was lost in the middle of this call. A change may have been made all the same: look before you repeat it."
    )]
    Unconfirmed,
    /// An idempotency key came with another request than before.
    #[error(
        "This idempotency key came with another request before. Send that one again as it was, or a new key with a new one."
    )]
    KeyReused,
    /// The request that came with this idempotency key is on its way.
    #[error("The request with this idempotency key is still being worked on. Please ask again in a moment.")]
    KeyInUse,
    /// Somebody was quicker with the same change under the same key: it was made, and not by this one.
    #[error("This change was made already.")]
    Repeated,
    /// A subscriber did not take events as fast as they came, and his subscription was ended.
    #[error(
        "This subscription fell behind and was ended: events were missed. List the films anew and subscribe again."
    )]
    FellBehind,
    /// A fault of ours. The source is for the log and must never reach a client.
    #[error("Something went wrong on our side.")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// The stable name of this error in answers, of the catalogue that both surfaces share.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FilmNotFound | Self::NoFilm | Self::NoUnseenFilm => "FILM_NOT_FOUND",
            Self::FilmExists { .. } => "FILM_EXISTS",
            Self::InvalidInput(_) => "INVALID_INPUT",
            Self::AccountNotFound => "ACCOUNT_NOT_FOUND",
            Self::AccountExists => "ACCOUNT_EXISTS",
            Self::KeyNotFound => "KEY_NOT_FOUND",
            Self::WrongPassword | Self::BadCredential | Self::NotSignedIn { .. } => "UNAUTHENTICATED",
            Self::Forbidden { .. } => "FORBIDDEN",
            Self::Unavailable | Self::Failing(_) | Self::Overtaken | Self::Unconfirmed => "UNAVAILABLE",
            Self::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::KeyInUse => "IDEMPOTENCY_KEY_IN_USE",
            Self::FellBehind => "FELL_BEHIND",
            // Whoever meets it answers as if it had made the change.
            Self::Repeated | Self::Internal(_) => "INTERNAL",
        }
    }

    /// Wraps a failure that no client may see.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_overtaken(&error) {
            return Self::Overtaken;
        }
        if is_passing(&error) {
            tracing::warn!(%error, "the database cannot do this now");
            return Self::Failing(error);
        }
        Self::internal(error)
    }
}

/// Whether there is such a row already.
pub(super) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// PostgreSQL's "serialization failure", "deadlock detected" and "lock not available".
fn is_overtaken(error: &DbErr) -> bool {
    let answer = driver_error(error).and_then(sqlx::Error::as_database_error);
    answer
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| ["40001", "40P01", "55P03"].contains(&&*code))
}

/// What the driver says, without what stands around it.
pub(super) fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// Whether the same call may well pass a little later: no connection was had in time or it was lost, another process
/// held a lock for longer than we wait, a statement took too long, or the disk takes no more.
fn is_passing(error: &DbErr) -> bool {
    let (DbErr::Exec(cause) | DbErr::Query(cause)) = error else {
        // Whatever keeps us from connecting, it is not this call.
        return matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(RuntimeErr::SqlxError(_)));
    };
    let RuntimeErr::SqlxError(cause) = cause else { return false };
    match &**cause {
        sqlx::Error::Database(answer) => answer.code().is_some_and(|code| is_passing_code(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// SQLite's codes are numbers, PostgreSQL's have five places.
fn is_passing_code(code: &str) -> bool {
    /// `SQLITE_BUSY`, `SQLITE_READONLY`, `SQLITE_IOERR`, `SQLITE_FULL`, `SQLITE_CANTOPEN`; the extended codes have more
    /// in their upper bytes.
    const SQLITE: [i32; 5] = [5, 8, 10, 13, 14];
    /// Connection lost; out of resources; serialization and deadlock; shutdown and start.
    const CLASSES: [&str; 4] = ["08", "53", "40", "57P"];
    /// A statement that took too long; a transaction that rested too long; a server
    /// that only reads, as one does that is about to take over; its disk fails.
    const CODES: [&str; 4] = ["57014", "25P03", "25006", "58030"];
    if code.len() == 5 && code.is_ascii() {
        return CODES.contains(&code) || CLASSES.iter().any(|class| code.starts_with(class));
    }
    code.parse::<i32>().is_ok_and(|code| SQLITE.contains(&(code & 0xFF)))
}

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// RFC 6901, within the input: `/name`, `/genres/2`.
    pub pointer: String,
    /// A sentence for the person who sent it.
    pub detail: String,
}

impl FieldFault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }

    /// Those of a text that is looked for.
    pub(super) fn of_sought(pointer: &str, text: &str, most: usize) -> impl Iterator<Item = Self> {
        let is_long = text.chars().count() > most;
        let long = is_long.then(|| Self::new(pointer, format!("must have at most {most} characters")));
        // Matches nothing, and PostgreSQL takes no text with it.
        let nul = text.contains('\0').then(|| Self::new(pointer, "must not contain the character NUL"));
        long.into_iter().chain(nul)
    }
}

/// Refuses an input that has faults.
///
/// # Errors
/// [`Error::InvalidInput`] with all of them.
pub(super) fn faultless(faults: impl IntoIterator<Item = FieldFault>) -> Result<()> {
    let faults: Vec<_> = faults.into_iter().collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::InvalidInput(faults)) }
}

/// As a clause of a sentence: `name is required`.
impl fmt::Display for FieldFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.trim_start_matches('/') {
            "" => formatter.write_str(&self.detail),
            pointer => write!(formatter, "{} {}", pointer.replace("~1", "/").replace("~0", "~"), self.detail),
        }
    }
}

/// Faults of one input that are told. A few bytes make one each: telling all would answer kilobytes with megabytes.
pub const MOST_FAULTS: usize = 50;

fn of_year(year: Option<i32>) -> String {
    year.map(|year| format!(", {year}")).unwrap_or_default()
}

/// One sentence for one fault and for many.
fn summary(faults: &[FieldFault]) -> String {
    let hidden = faults.len().saturating_sub(MOST_FAULTS);
    let told = faults.iter().take(MOST_FAULTS).map(ToString::to_string);
    let told: Vec<_> = told.chain((hidden > 0).then(|| format!("and {hidden} more faults"))).collect();
    format!("{}.", told.join("; "))
}
