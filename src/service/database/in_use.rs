//! Whether anybody else works on a database.

use std::fs;
use std::time::Duration;

use crate::service::database::file::{lock, quoted};
use crate::service::database::open::OpenError;
use crate::service::database::url::names_postgres;
use crate::service::database::{postgres, sqlite};

/// How long PostgreSQL may take to notice that a process was killed.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(100);

/// Refuses while another process has the database open: a server, or a command. To be asked before this process opens it.
///
/// # Errors
/// [`OpenError::InUse`], or why nobody can tell.
pub async fn assert_unused(url: &str) -> Result<(), OpenError> {
    if names_postgres(url) {
        return assert_unused_postgres(url).await;
    }
    let named = sqlite::options(url)?.get_filename().to_owned();
    // The log stands beside the file that a link leads to.
    let file = fs::canonicalize(&named).unwrap_or_else(|_| named.clone());
    match lock(&file) {
        Ok(None) => Err(OpenError::InUse(quoted(&named))),
        // What keeps us from it is told by opening it.
        Ok(Some(_)) | Err(_) => Ok(()),
    }
}

async fn assert_unused_postgres(url: &str) -> Result<(), OpenError> {
    let mut tries = PATIENCE.as_millis() / PAUSE.as_millis();
    loop {
        let (name, others) = postgres::others(url).await?;
        match (others, tries) {
            (0, _) => return Ok(()),
            (_, 0) => return Err(OpenError::InUse(name)),
            _ => tries -= 1,
        }
        tokio::time::sleep(PAUSE).await;
    }
}
