//! `[live]`: limits of what stays open: sockets (WebSocket) and event streams. Each limit is inclusive.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Error;

/// `[live]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Live {
    /// Sockets and event streams at once; further ones are refused.
    pub max_streams: usize,
    /// Sockets and event streams of one client at once; further ones are refused.
    pub max_streams_per_client: usize,
    /// Operations at once on one WebSocket; further ones are refused.
    pub max_operations: usize,
    /// Seconds for the first message of a WebSocket, `connection_init`.
    pub init_timeout: u64,
    /// Seconds between two signs of life.
    pub ping_interval: u64,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            max_streams: 5_000,
            max_streams_per_client: 64,
            max_operations: 32,
            init_timeout: 3,
            ping_interval: 20,
        }
    }
}

impl Live {
    /// Time for the first message of a WebSocket.
    #[must_use]
    pub fn init_timeout(&self) -> Duration {
        Duration::from_secs(self.init_timeout)
    }

    /// Time between two signs of life: a comment on an event stream, a ping on a WebSocket. Who has not answered a ping
    /// by the next one is dropped.
    #[must_use]
    pub fn ping_interval(&self) -> Duration {
        Duration::from_secs(self.ping_interval)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        const DAY: u64 = 24 * 60 * 60;
        for (key, value, most) in [
            ("live.max_streams", self.max_streams as u64, 1_000_000),
            ("live.max_streams_per_client", self.max_streams_per_client as u64, 1_000_000),
            ("live.max_operations", self.max_operations as u64, 1_000),
            ("live.init_timeout", self.init_timeout, DAY),
            ("live.ping_interval", self.ping_interval, DAY),
        ] {
            if !(1..=most).contains(&value) {
                return Err(Error::value(key, format!("must lie between 1 and {most}")));
            }
        }
        Ok(())
    }
}
