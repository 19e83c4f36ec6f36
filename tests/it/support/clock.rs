//! A clock that stands still until it is told otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use filmgate::clock::Clock;

#[derive(Clone)]
pub(crate) struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// 2026-11-23.
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_795_392_000_000)))
    }

    /// Another one, which stands at this time.
    pub(crate) fn at(time: Duration) -> Self {
        let other = Self(Arc::default());
        other.advance(time);
        other
    }

    pub(crate) fn advance(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).expect("a short time");
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}
