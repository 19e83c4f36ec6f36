//! Time and randomness as parameters, so that limits, votes, tokens and picks can be tested.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A source of randomness that can be passed in.
pub type Randomness = Box<dyn rand::Rng + Send>;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Time since the Unix epoch. Never runs backwards.
    fn now(&self) -> Duration;

    /// The same in milliseconds.
    fn now_ms(&self) -> i64 {
        milliseconds(self.now())
    }
}

/// A time in milliseconds, as rows and answers have it.
#[must_use]
pub fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The machine's clock: its wall time at start, moved on by its monotonic clock, so that a correction of the wall
/// clock can neither hand out quota twice nor lock anybody out.
#[derive(Debug)]
pub struct SystemClock {
    epoch: Duration,
    started: Instant,
}

impl SystemClock {
    /// Reads the wall time once.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn new() -> Self {
        Self {
            epoch: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            started: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.epoch + self.started.elapsed()
    }
}
