//! Requests that no router has seen: what cannot be parsed, has too large a header, breaks off within it, or comes in
//! broken frames. The library answers them with a bare status or not at all; each has its line in the log all the same,
//! with what is known of it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::activity::Activity;
use super::drops::Cause;
use super::watch::End;
use crate::telemetry::new_request_id;

/// Requests of one connection that may be refused unread; the next one ends it. They cost their sender next to nothing,
/// and no quota.
const MOST_REFUSED: usize = 100;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unserved {
    /// It cannot be understood.
    Malformed,
    /// Its address is too long for the library. (`front::caps` refuses shorter ones.)
    AddressTooLong,
    /// Its header is, likewise.
    HeaderTooLarge,
    /// Its header did not come in time.
    Late,
    /// More at once than one connection may have.
    Refused,
    /// Its client went away.
    Aborted,
    /// The server stopped before it was there.
    Stopped,
}

impl Unserved {
    /// Status and code: those that the surfaces have for it.
    fn outcome(self) -> (u16, &'static str) {
        match self {
            Self::Malformed => (400, "BAD_REQUEST"),
            Self::AddressTooLong => (414, "URI_TOO_LONG"),
            Self::HeaderTooLarge => (431, "HEADER_TOO_LARGE"),
            Self::Late => (408, "REQUEST_TIMEOUT"),
            Self::Refused | Self::Stopped => (503, "UNAVAILABLE"),
            Self::Aborted => (499, "ABORTED"),
        }
    }

    /// Writes its line. The client is the peer, since what a proxy says of another one was not read.
    pub(super) fn log(self, peer: SocketAddr) {
        let (status, outcome) = self.outcome();
        tracing::info!(
            target: "filmgate::request",
            request_id = new_request_id(),
            status,
            client = %peer.ip().to_canonical(),
            outcome,
        );
    }
}

/// Requests of one connection, counted. Only HTTP/2 opens them before they can be understood.
#[derive(Debug, Default)]
pub(super) struct Tally {
    opened: AtomicUsize,
    served: AtomicUsize,
    /// Told already.
    told: AtomicUsize,
    /// Reset by the library for a fault in them, whether they were served or not.
    faulty: AtomicUsize,
}

impl Tally {
    pub(super) fn open(&self) {
        self.opened.fetch_add(1, Ordering::Relaxed);
    }

    /// It has come to the router, which tells of it.
    pub(super) fn serve(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn fault(&self) {
        self.faulty.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether these are too many.
    pub(super) fn tell(&self) -> bool {
        self.told.fetch_add(1, Ordering::Relaxed) >= MOST_REFUSED
    }

    fn untold(&self) -> usize {
        let known = self.served.load(Ordering::Relaxed) + self.told.load(Ordering::Relaxed);
        self.opened.load(Ordering::Relaxed).saturating_sub(known)
    }
}

/// At the end of a connection of HTTP/1: one request at most is told. What was sent ahead behind one that breaks off is dropped
/// by the library unread, and nobody knows how many those were.
pub(super) fn tell_http1(end: &End, activity: &Activity) {
    let unserved = match &end.error {
        Some(error) if error.is_parse_too_large() => {
            // The library tells the two apart by their words alone.
            let of_address = error.to_string().contains("URI");
            Some(if of_address { Unserved::AddressTooLong } else { Unserved::HeaderTooLarge })
        }
        Some(error) if error.is_parse() => Some(Unserved::Malformed),
        // The library has some of a header, but no more is to come.
        Some(error) if error.is_incomplete_message() && activity.is_between() => Some(Unserved::Aborted),
        _ if !activity.breaks_off() => None,
        Some(_) => Some(Unserved::Aborted),
        None if end.dropped == Some(Cause::SlowHeader) => Some(Unserved::Late),
        None => end.is_stopped.then_some(Unserved::Stopped),
    };
    if let Some(unserved) = unserved {
        activity.tell(unserved);
    }
}

/// At the end of a connection of HTTP/2: what it opened and nobody has told of.
pub(super) fn tell_http2(end: &End, activity: &Activity) {
    let tally = &activity.tally;
    let is_broken = end.dropped == Some(Cause::Flood);
    let others = if is_broken {
        Unserved::Malformed
    } else if end.is_stopped {
        Unserved::Stopped
    } else {
        Unserved::Aborted
    };
    let faulty = tally.faulty.load(Ordering::Relaxed);
    for place in 0..tally.untold() {
        activity.tell(if place < faulty { Unserved::Malformed } else { others });
    }
    // What never became a request, but meant to be one.
    if tally.opened.load(Ordering::Relaxed) == 0 && is_broken && end.error.is_some() {
        activity.tell(Unserved::Malformed);
    }
}
