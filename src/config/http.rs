//! `[http]`: limits of a connection and of a request.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::load::Error;

/// `[http]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
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
        const MIB: u64 = 1024 * 1024;
        const DAY: u64 = 24 * 60 * 60;
        for (key, value, least, most) in [
            ("http.max_body", self.max_body as u64, 1, 1024 * MIB),
            // hyper needs a buffer of 8 KiB at least.
            ("http.max_header", self.max_header as u64, 8 * 1024, MIB),
            ("http.max_connections", self.max_connections as u64, 1, 1_000_000),
            ("http.header_timeout", self.header_timeout, 1, DAY),
            ("http.request_timeout", self.request_timeout, 1, DAY),
            ("http.drain_timeout", self.drain_timeout, 0, DAY),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::value(key, format!("must lie between {least} and {most}")));
            }
        }
        Ok(())
    }
}
