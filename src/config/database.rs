//! `[database]`: how the database is used.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Error;

/// `[database]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// Seconds that a call waits for a connection.
    pub acquire_timeout: u64,
    /// Seconds that a statement may take. PostgreSQL only.
    pub statement_timeout: u64,
    /// Connections that read.
    pub max_connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self { acquire_timeout: 1, statement_timeout: 5, max_connections: 8 }
    }
}

impl Database {
    /// Time that a call waits for a connection.
    #[must_use]
    pub fn acquire_timeout(&self) -> Duration {
        Duration::from_secs(self.acquire_timeout)
    }

    /// Time that a statement may take.
    #[must_use]
    pub fn statement_timeout(&self) -> Duration {
        Duration::from_secs(self.statement_timeout)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        for (key, value, most) in [
            ("database.acquire_timeout", self.acquire_timeout, 60),
            ("database.statement_timeout", self.statement_timeout, 3_600),
            ("database.max_connections", u64::from(self.max_connections), 1_000),
        ] {
            if !(1..=most).contains(&value) {
                return Err(Error::value(key, format!("must lie between 1 and {most}")));
            }
        }
        Ok(())
    }
}
