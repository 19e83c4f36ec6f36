//! What the connection layer drops: counted, and told now and then. A line for each would be a second flood.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use strum::{EnumCount, IntoStaticStr, VariantArray};

/// Why a connection was dropped before it ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Cause {
    /// Over the cap of all connections.
    OverTotal,
    /// Over the cap of one client.
    OverClient,
    /// The system had none to give; it waits in the backlog.
    NotAccepted,
    /// Nothing was sent.
    Silent,
    /// A header took too long.
    SlowHeader,
    /// An answer was not taken.
    SlowReader,
    /// Its peer went away within the header of a request.
    BrokenOff,
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

/// Counts, by cause.
#[derive(Debug, Default)]
pub struct Drops {
    counts: [AtomicU64; Cause::COUNT],
    /// What the log has been told of them.
    told: [AtomicU64; Cause::COUNT],
}

impl Drops {
    pub(super) fn note(&self, cause: Cause) {
        self.counts[cause as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many there have been, by the name of the cause.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Cause::VARIANTS
            .iter()
            .zip(&self.counts)
            .map(|(cause, count)| (cause.into(), count.load(Ordering::Relaxed)))
    }

    /// One line, if there is anything to tell.
    pub(super) fn report(&self) {
        let mut counts = String::new();
        for ((name, count), told) in self.counts().zip(&self.told) {
            let count = count.saturating_sub(told.swap(count, Ordering::Relaxed));
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
