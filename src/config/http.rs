//! `[http]`: limits of a connection and of a request.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Error;

/// `[http]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Bytes of a request body.
    pub max_body: usize,
    /// Bytes of the request line and all header fields.
    pub max_header: usize,
    /// Connections at once; further ones are closed.
    pub max_connections: usize,
    /// Connections of one client at once; further ones are closed.
    pub max_connections_per_client: usize,
    /// Requests in work at once; further ones are refused.
    pub max_in_flight: usize,
    /// Seconds for the first byte of a connection.
    pub first_byte_timeout: u64,
    /// Seconds for the header of a request, from its first byte.
    pub header_timeout: u64,
    /// Seconds that a connection without a request is kept.
    pub idle_timeout: u64,
    /// Seconds for the body of a request.
    pub body_timeout: u64,
    /// Seconds for the answer of a request that has been read.
    pub request_timeout: u64,
    /// Seconds for a client to take what was sent.
    pub write_timeout: u64,
    /// Seconds between saying that no more is wanted and closing the socket.
    pub drain_delay: u64,
    /// Seconds that a stop takes at most.
    pub drain_timeout: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            max_body: 64 * 1024,
            max_header: 16 * 1024,
            max_connections: 10_000,
            max_connections_per_client: 256,
            max_in_flight: 4_096,
            first_byte_timeout: 10,
            header_timeout: 20,
            idle_timeout: 30,
            body_timeout: 15,
            request_timeout: 20,
            write_timeout: 20,
            drain_delay: 1,
            drain_timeout: 9,
        }
    }
}

impl Http {
    /// Time for the first byte of a connection.
    #[must_use]
    pub fn first_byte_timeout(&self) -> Duration {
        Duration::from_secs(self.first_byte_timeout)
    }

    /// Time for the header of a request, from its first byte.
    #[must_use]
    pub fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout)
    }

    /// Time that a connection without a request is kept.
    #[must_use]
    pub fn idle_timeout(&self) -> Duration {
        Duration::from_secs(self.idle_timeout)
    }

    /// Time for the body of a request.
    #[must_use]
    pub fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout)
    }

    /// Time for the answer of a request that has been read.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout)
    }

    /// Time for a client to take what was sent.
    #[must_use]
    pub fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.write_timeout)
    }

    /// Time between saying that no more is wanted and closing the socket; part of [`Http::drain_timeout`].
    #[must_use]
    pub fn drain_delay(&self) -> Duration {
        Duration::from_secs(self.drain_delay)
    }

    /// Time that a stop takes at most.
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
            ("http.max_connections_per_client", self.max_connections_per_client as u64, 1, 1_000_000),
            ("http.max_in_flight", self.max_in_flight as u64, 1, 1_000_000),
            ("http.first_byte_timeout", self.first_byte_timeout, 1, DAY),
            ("http.header_timeout", self.header_timeout, 1, DAY),
            ("http.idle_timeout", self.idle_timeout, 1, DAY),
            ("http.body_timeout", self.body_timeout, 1, DAY),
            ("http.request_timeout", self.request_timeout, 1, DAY),
            ("http.write_timeout", self.write_timeout, 1, DAY),
            ("http.drain_delay", self.drain_delay, 0, DAY),
            ("http.drain_timeout", self.drain_timeout, 0, DAY),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::value(key, format!("must lie between {least} and {most}")));
            }
        }
        Ok(())
    }
}
