//! What a URL names: one reading, for the configuration that is checked and the database that is opened.

use url::Url;

use crate::service::database::open::OpenError;
use crate::service::database::sqlite;

/// Whether it names PostgreSQL; if not, it must name a SQLite file.
pub(super) fn names_postgres(url: &str) -> bool {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    ["postgres", "postgresql"].iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

/// Reads a URL as opening the database does. The parameters of PostgreSQL are looked at there only: its driver logs one
/// that it does not know, value and all.
///
/// # Errors
/// With a sentence that names cause and remedy.
pub fn check_url(url: &str) -> Result<(), OpenError> {
    if !names_postgres(url) {
        return sqlite::read_url(url).map(drop);
    }
    Url::parse(url).map(drop).map_err(|_| OpenError::Unreadable)
}
