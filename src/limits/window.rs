//! One window of one bucket: governor's arithmetic (GCRA) over an arrival time that we store.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use super::bucket::Bucket;
use super::policy::Policy;

/// A moment, in nanoseconds since the Unix epoch. As an arrival time, 0 means that the client has not come yet.
pub(super) type Moment = u64;

/// One policy of one bucket.
#[derive(Debug)]
pub(super) struct Window {
    pub bucket: Bucket,
    /// `film-1h`: its name in headers and answers.
    pub name: String,
    pub quota: NonZeroU32,
    pub length: Duration,
    governor: Quota,
}

/// What governor says to a price.
pub(super) enum Proposal {
    /// It passes; this would be the next arrival time.
    Admit(Moment),
    /// It would pass after this time.
    Wait(Duration),
    /// It can never pass.
    AboveBurst,
}

impl Window {
    pub(super) fn new(bucket: Bucket, policy: &Policy) -> Self {
        // Rounded up, so that no rounding hands out more than the policy says.
        let nanos = policy.window().as_nanos().div_ceil(u128::from(policy.amount.get()));
        let every = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        Self {
            bucket,
            name: format!("{}-{}", bucket.name(), policy.short_window()),
            quota: policy.amount,
            length: policy.window(),
            governor: Quota::with_period(every)
                .unwrap_or_else(|| Quota::per_second(policy.amount))
                .allow_burst(policy.amount),
        }
    }

    /// Asks governor without changing anything: the caller writes the arrival time if every window agrees.
    pub(super) fn propose(&self, arrival: Moment, now: Moment, amount: NonZeroU32) -> Proposal {
        let clock = ReadOnce { now: Nanos::from(now), constructed: Cell::new(false) };
        let limiter: RateLimiter<(), Slot, ReadOnce, NoOpMiddleware<Nanos>> =
            RateLimiter::new(self.governor, Slot::new(arrival), clock);
        match limiter.check_key_n(&(), amount) {
            Err(_) => Proposal::AboveBurst,
            Ok(Err(not_until)) => Proposal::Wait(not_until.wait_time_from(Nanos::from(now))),
            Ok(Ok(())) => Proposal::Admit(limiter.into_state_store().next.get().into()),
        }
    }

    /// How many pass now, and after what time one more would.
    pub(super) fn remaining(&self, arrival: Moment, now: Moment) -> (u32, Option<Duration>) {
        // The greatest amount that governor would admit, by bisection: it has no way to look without asking.
        let (mut passes, mut fails) = (0, self.quota.get().saturating_add(1));
        let mut wait = None;
        while fails - passes > 1 {
            let middle = passes + (fails - passes) / 2;
            let Some(amount) = NonZeroU32::new(middle) else { break };
            match self.propose(arrival, now, amount) {
                Proposal::Admit(_) => passes = middle,
                Proposal::Wait(time) => {
                    fails = middle;
                    wait = Some(time);
                }
                Proposal::AboveBurst => fails = middle,
            }
        }
        (passes, wait)
    }
}

/// governor counts from the moment at which a limiter was made. This clock reads 0 then, so that arrival times are
/// absolute and can be stored, reloaded and shared.
struct ReadOnce {
    now: Nanos,
    constructed: Cell<bool>,
}

impl Clock for ReadOnce {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        if self.constructed.replace(true) { self.now } else { Nanos::from(0) }
    }
}

/// A state that is one arrival time: the stored one in, the proposed one out.
struct Slot {
    arrival: Option<Nanos>,
    next: Cell<Nanos>,
}

impl Slot {
    fn new(arrival: Moment) -> Self {
        Self { arrival: (arrival > 0).then(|| Nanos::from(arrival)), next: Cell::new(Nanos::from(arrival)) }
    }
}

impl StateStore for Slot {
    type Key = ();

    fn measure_and_replace<T, F, E>(&self, (): &(), decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (value, next) = decide(self.arrival)?;
        self.next.set(next);
        Ok(value)
    }
}
