//! Where limits are kept: one reading of the setting, for the configuration that is checked and the storage that is opened.

use redis::{Client, ConnectionInfo, IntoConnectionInfo as _};
use url::Url;

/// Where limits are kept.
#[derive(Debug, Clone)]
pub enum Storage {
    /// In the memory of each process.
    Memory,
    /// In a Redis, for all servers that name it.
    Redis(Box<Client>),
}

/// What is no storage. It does not repeat the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownStorage {
    #[error(
        "limits.storage must be \"memory://\", \"redis://USER:PASSWORD@HOST:PORT/DATABASE\" or \"rediss://...\" for TLS; all but the host may be left out, special characters of user and password are percent-encoded, and nothing stands behind the number of the database"
    )]
    Unreadable,
    #[error(
        "limits.storage has a user without a password; a password alone is written as redis://:PASSWORD@HOST"
    )]
    NoPassword,
}

impl Storage {
    /// Reads what `limits.storage` says. Whether a Redis is there is told only when it is opened.
    ///
    /// # Errors
    /// With a sentence that says what would be right.
    pub fn read(text: &str) -> Result<Self, UnknownStorage> {
        if text == "memory://" {
            return Ok(Self::Memory);
        }
        let url = Url::parse(text).map_err(|_| UnknownStorage::Unreadable)?;
        let is_database = |path: &str| path.is_empty() || path.parse::<u32>().is_ok();
        if !matches!(url.scheme(), "redis" | "rediss")
            || !text.contains("://")
            || url.query().is_some()
            || url.fragment().is_some()
            || !is_database(url.path().strip_prefix('/').unwrap_or_default())
        {
            return Err(UnknownStorage::Unreadable);
        }
        if url.password().unwrap_or_default().is_empty() && !url.username().is_empty() {
            return Err(UnknownStorage::NoPassword);
        }
        let info: ConnectionInfo = url.into_connection_info().map_err(|_| UnknownStorage::Unreadable)?;
        Client::open(info).map(|client| Self::Redis(client.into())).map_err(|_| UnknownStorage::Unreadable)
    }

    /// Whether each process counts by itself.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        matches!(self, Self::Memory)
    }

    /// Its kind, without what stands behind it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis(_) => "redis",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_storage_is_read_and_nothing_else() {
        for (text, kind) in [
            ("memory://", "memory"),
            ("redis://host", "redis"),
            ("redis://host/", "redis"),
            ("REDIS://host:6380/3", "redis"),
            ("redis://:SECRET@host", "redis"),
            ("rediss://me:SECRET%40%2F@[2001:db8::1]:6379/0", "redis"),
        ] {
            assert_eq!(Storage::read(text).expect(text).kind(), kind, "{text}");
        }
        for text in [
            "",
            "memory",
            "memory:",
            "memory://x",
            "redis",
            "redis:",
            "redis:host",
            "redis://",
            "redis:///1",
            "redis://0.0.0.0",
            "redis://host:SECRET",
            "redis://host:99999",
            "redis://host/films",
            "redis://host/-1",
            "redis://host/1/2",
            "redis://host?db=2",
            "redis://host?protocol=resp3",
            "rediss://host#insecure",
            "redis://me:SECRET#@host",
            "redis://me:SECRET?@host",
            "redis+unix:///run/redis.sock",
            "unix:///run/redis.sock",
            "valkey://host",
            "redis://SECRET@host",
            "redis://SECRET:@host",
            "postgres://me:SECRET@host/films",
            "redis-cluster://host",
        ] {
            let fault = Storage::read(text).expect_err(text).to_string();
            assert!(fault.starts_with("limits.storage ") && !fault.contains("SECRET"), "{text}: {fault}");
        }
    }
}
