//! What goes on in one connection, noted by those who see it and read by who watches over it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// One connection's.
#[derive(Debug)]
pub(super) struct Activity {
    started: Instant,
    /// Requests without their whole answer.
    in_work: AtomicUsize,
    /// Of these, those whose answer is an event stream.
    streams: AtomicUsize,
    /// Whether the last answer was one.
    was_stream: AtomicBool,
    /// Milliseconds after the start.
    idle_since: AtomicU64,
    /// Milliseconds after the start, plus one; 0 while no header is on its way.
    head_since: AtomicU64,
    /// Requests that have come so far.
    served: AtomicUsize,
    unread: Mutex<Unread>,
    flooded: AtomicBool,
}

/// Parts of answers that wait for the peer to make room.
#[derive(Debug, Default)]
struct Unread {
    next: u64,
    since: BTreeMap<u64, Instant>,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            in_work: AtomicUsize::new(0),
            streams: AtomicUsize::new(0),
            was_stream: AtomicBool::new(false),
            idle_since: AtomicU64::new(0),
            head_since: AtomicU64::new(0),
            served: AtomicUsize::new(0),
            unread: Mutex::default(),
            flooded: AtomicBool::new(false),
        })
    }

    /// Bytes came.
    pub(super) fn heard(&self) {
        if self.in_work.load(Ordering::Relaxed) == 0 && self.head_since.load(Ordering::Relaxed) == 0 {
            self.head_since.store(self.now() + 1, Ordering::Relaxed);
        }
    }

    /// A request is there.
    pub(super) fn begin(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
        self.in_work.fetch_add(1, Ordering::Relaxed);
        self.head_since.store(0, Ordering::Relaxed);
        self.was_stream.store(false, Ordering::Relaxed);
    }

    /// Of one that is there, something is still to be done until [`Self::end`].
    pub(super) fn hold(&self) {
        self.in_work.fetch_add(1, Ordering::Relaxed);
    }

    /// Its answer is an event stream.
    pub(super) fn begin_stream(&self) {
        self.streams.fetch_add(1, Ordering::Relaxed);
    }

    /// Such an answer ends. The rest of it may still wait for the peer.
    pub(super) fn end_stream(&self) {
        self.was_stream.store(true, Ordering::Relaxed);
        self.streams.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether there is nothing to wait for but event streams, which a stop ends at once for everybody who reads.
    pub(super) fn has_only_streams(&self) -> bool {
        let streams = self.streams.load(Ordering::Relaxed);
        self.in_work.load(Ordering::Relaxed) == streams
            && (streams > 0 || self.was_stream.load(Ordering::Relaxed))
    }

    /// Its answer has been handed over, or it was given up.
    pub(super) fn end(&self) {
        self.idle_since.store(self.now(), Ordering::Relaxed);
        self.in_work.fetch_sub(1, Ordering::Relaxed);
    }

    /// Part of an answer waits for the peer; the number under which it does.
    pub(super) fn offer(&self) -> u64 {
        let mut unread = self.unread();
        let number = unread.next;
        unread.next += 1;
        unread.since.insert(number, Instant::now());
        number
    }

    /// The peer has taken it.
    pub(super) fn taken(&self, number: u64) {
        self.unread().since.remove(&number);
    }

    pub(super) fn flood(&self) {
        self.flooded.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_flooded(&self) -> bool {
        self.flooded.load(Ordering::Relaxed)
    }

    /// How many requests have come.
    pub(super) fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }

    /// Since when nothing has been asked; `None` while something is in work.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        (self.in_work.load(Ordering::Relaxed) == 0).then(|| self.at(self.idle_since.load(Ordering::Relaxed)))
    }

    /// Since when a header has been on its way.
    pub(super) fn head_since(&self) -> Option<Instant> {
        self.head_since.load(Ordering::Relaxed).checked_sub(1).map(|since| self.at(since))
    }

    /// Since when the oldest part of an answer has been waiting.
    pub(super) fn unread_since(&self) -> Option<Instant> {
        self.unread().since.first_key_value().map(|(_, since)| *since)
    }

    fn unread(&self) -> MutexGuard<'_, Unread> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }

    fn at(&self, since: u64) -> Instant {
        self.started + Duration::from_millis(since)
    }
}
