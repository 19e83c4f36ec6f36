//! What the connection layer drops: counted, and told now and then. A line for each would be a second flood.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use super::caps::Over;

/// Why a connection was dropped before it ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Over a cap.
    Over(Over),
    /// The system had none to give; it waits in the backlog.
    NotAccepted,
    /// Nothing was sent.
    Silent,
    /// A header took too long.
    SlowHeader,
    /// An answer was not taken.
    SlowReader,
    /// What came was not HTTP; the library has answered with a bare 400 or 431 where it could.
    Malformed,
    /// Frames of HTTP/2 that ask for nothing, or for too much.
    Flood,
    /// A TLS handshake took too long.
    SlowHandshake,
    /// A TLS handshake failed: no version or suite in common, no TLS at all, or the client does not trust us.
    Handshake,
    /// Plain HTTP where TLS is spoken; it has been told so.
    PlainHttp,
}

const NAMES: [&str; 11] = [
    "over_total",
    "over_client",
    "not_accepted",
    "silent",
    "slow_header",
    "slow_reader",
    "malformed",
    "flood",
    "slow_handshake",
    "handshake",
    "plain_http",
];

impl Cause {
    fn place(self) -> usize {
        match self {
            Self::Over(Over::Total) => 0,
            Self::Over(Over::Client) => 1,
            Self::NotAccepted => 2,
            Self::Silent => 3,
            Self::SlowHeader => 4,
            Self::SlowReader => 5,
            Self::Malformed => 6,
            Self::Flood => 7,
            Self::SlowHandshake => 8,
            Self::Handshake => 9,
            Self::PlainHttp => 10,
        }
    }
}

/// Counts since the last report.
#[derive(Debug, Default)]
pub(super) struct Drops([AtomicU64; NAMES.len()]);

impl Drops {
    pub(super) fn note(&self, cause: Cause) {
        self.0[cause.place()].fetch_add(1, Ordering::Relaxed);
    }

    /// One line, if there is anything to tell.
    pub(super) fn report(&self) {
        let mut counts = String::new();
        for (count, name) in self.0.iter().zip(NAMES) {
            let count = count.swap(0, Ordering::Relaxed);
            if count > 0 {
                let comma = if counts.is_empty() { "" } else { "," };
                // Writing to a string cannot fail.
                let _ = write!(counts, "{comma}{name}={count}");
            }
        }
        if !counts.is_empty() {
            tracing::info!(target: "filmgate::connections", counts, "connections dropped since the last such line");
        }
    }
}
