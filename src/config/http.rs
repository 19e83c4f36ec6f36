//! `[http]`: limits of a connection and of a request.

use std::time::Duration;

use serde::Deserialize;

use super::load::Error;

/// `[http]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Bytes of a request body.
    pub max_body: usize,
    /// Bytes of the request line and all header fields.
    pub max_header: usize,
    /// Connections at once; further ones wait to be accepted.
    pub max_connections: usize,
    /// Seconds for the header of a request, also the time that an idle connection is kept.
    pub header_timeout: u64,
    /// Seconds for the answer of a request.
    pub request_timeout: u64,
    /// Seconds that a stop waits for requests in work.
    pub drain_timeout: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            max_body: 64 * 1024,
            max_header: 16 * 1024,
            max_connections: 10_000,
            header_timeout: 30,
            request_timeout: 20,
            drain_timeout: 9,
        }
    }
}

impl Http {
    /// Time for the header of a request.
    #[must_use]
    pub fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout)
    }

    /// Time for the answer of a request.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout)
    }

    /// Time that a stop waits for requests in work.
    #[must_use]
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_secs(self.drain_timeout)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        // hyper needs a buffer of 8 KiB at least.
        if self.max_header < 8 * 1024 {
            return Err(Error::value("http.max_header", "must be at least 8192"));
        }
        for (key, zero) in [
            ("http.max_body", self.max_body == 0),
            ("http.max_connections", self.max_connections == 0),
            ("http.header_timeout", self.header_timeout == 0),
            ("http.request_timeout", self.request_timeout == 0),
        ] {
            if zero {
                return Err(Error::value(key, "must be at least 1"));
            }
        }
        Ok(())
    }
}
