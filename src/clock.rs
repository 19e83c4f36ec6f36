//! Time and randomness as parameters, so that limits, votes, tokens and picks can be tested.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A source of randomness that can be passed in.
pub type Randomness = Box<dyn rand::Rng + Send>;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Time since the Unix epoch, for what is measured. Never runs backwards, and may fall behind [`Self::wall`].
    fn now(&self) -> Duration;

    /// The same, for what is written down, and for whatever ends at a time: as the machine tells it, which may be put right
    /// meanwhile, or have been asleep.
    fn wall(&self) -> Duration {
        self.now()
    }

    /// [`Self::wall`] in milliseconds.
    fn now_ms(&self) -> i64 {
        milliseconds(self.wall())
    }
}

/// A time in milliseconds, as rows and answers have it.
#[must_use]
pub fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The machine's clock. What is measured begins with its wall time at start and is moved on by its monotonic clock, so that a
/// correction of the wall clock can neither hand out quota twice nor lock anybody out.
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
        Self { epoch: wall(), started: Instant::now() }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
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

    fn wall(&self) -> Duration {
        wall()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As after a night in which the machine slept, when its monotonic clock stood still.
    #[test]
    fn what_ends_at_a_time_ends_by_the_wall_clock() {
        let mut clock = SystemClock::new();
        let night = Duration::from_hours(8);
        clock.epoch -= night;
        let behind = clock.wall().checked_sub(clock.now()).expect("it is behind");
        assert!(behind >= night && behind < night + Duration::from_mins(1), "{behind:?}");
        assert!(milliseconds(clock.wall()) <= clock.now_ms());
    }
}
