//! One window of one bucket: governor's arithmetic (GCRA) over an arrival time that we store.
//!
//! Its time has no unit: it counts whole microseconds here, as the script in Redis does, whose numbers end at 2^53.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use super::bucket::Bucket;
use super::decision::Standing;
use super::policies::Tier;
use super::policy::Policy;

/// A moment, in microseconds since the Unix epoch. As an arrival time, 0 means that the client has not come yet.
pub type Moment = u64;

pub(super) const SECOND: Moment = 1_000_000;

/// A time since the Unix epoch.
pub(super) fn moment(time: Duration) -> Moment {
    time.as_secs().saturating_mul(SECOND).saturating_add(time.subsec_micros().into())
}

/// One policy of one bucket.
#[derive(Debug)]
pub(super) struct Window {
    pub bucket: Bucket,
    /// `film-1h`, or `voter-film-1h`: its name in headers and answers.
    pub name: Arc<str>,
    /// `film:50/3600`: the same policy has the same, wherever arrival times are kept.
    pub policy: Box<str>,
    pub quota: NonZeroU32,
    pub length: Duration,
    pub rate: Rate,
}

/// How much at once, and how fast it comes back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    governor: Quota,
    /// Microseconds in which one call comes back.
    pub step: Moment,
    /// Microseconds in which all of them come back.
    pub whole: Moment,
}

/// What governor says to a price.
pub(super) enum Proposal {
    /// It passes; this would be the next arrival time.
    Admit(Moment),
    /// It would pass after so many microseconds.
    Wait(Moment),
    /// It can never pass.
    AboveBurst,
}

/// How a client stands in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// Calls that would pass now.
    pub remaining: u32,
    /// Microseconds until one more would pass; `None` when nothing is used up.
    pub wait: Option<Moment>,
}

impl Window {
    pub(super) fn new(tier: Option<Tier>, bucket: Bucket, policy: &Policy) -> Self {
        let (quota, length) = (policy.amount, policy.window());
        // Rounded up, so that no rounding hands out more than the policy says.
        let step = length.as_micros().div_ceil(u128::from(quota.get()));
        Self {
            bucket,
            name: format!("{}{}-{}", tier_prefix(tier), bucket.name(), policy.short_window()).into(),
            policy: format!("{}:{quota}/{}", bucket.name(), length.as_secs()).into(),
            quota,
            length,
            rate: Rate::new(u64::try_from(step).unwrap_or(u64::MAX), quota),
        }
    }

    /// How a budget of this tier stands in it, now that rates are divided among so many servers.
    pub(super) fn standing(
        &self,
        tier: Option<Tier>,
        servers: NonZeroU32,
        arrival: Moment,
        now: Moment,
    ) -> Standing {
        let Left { remaining, wait } = self.rate_among(servers).left(arrival, now);
        Standing {
            name: Arc::clone(&self.name),
            tier,
            bucket: self.bucket,
            quota: self.quota.get(),
            window: self.length.as_secs(),
            remaining,
            reset: wait.map(|wait| wait.div_ceil(SECOND)),
        }
    }

    /// What one of so many servers lets pass while they cannot count together. `flood` is each server's own.
    pub(super) fn rate_among(&self, servers: NonZeroU32) -> Rate {
        if servers == NonZeroU32::MIN || self.bucket == Bucket::Flood {
            self.rate
        } else {
            self.rate.share(servers)
        }
    }
}

/// Before the name of a window; nothing for those of addresses.
fn tier_prefix(tier: Option<Tier>) -> String {
    tier.map(|tier| format!("{}-", tier.name())).unwrap_or_default()
}

impl Rate {
    fn new(step: Moment, burst: NonZeroU32) -> Self {
        // The unit is governor's: it is told microseconds where it believes to hear nanoseconds.
        let governor =
            Quota::with_period(Duration::from_nanos(step)).unwrap_or_else(|| Quota::per_second(burst));
        Self { governor: governor.allow_burst(burst), step, whole: step.saturating_mul(burst.get().into()) }
    }

    fn share(self, servers: NonZeroU32) -> Self {
        let burst = NonZeroU32::new(self.burst() / servers).unwrap_or(NonZeroU32::MIN);
        Self::new(self.step.saturating_mul(servers.get().into()), burst)
    }

    /// How much passes at once.
    pub(super) fn burst(&self) -> u32 {
        self.governor.burst_size().get()
    }

    /// The next arrival time, whether governor would admit it or not.
    pub(super) fn spend(&self, arrival: Moment, now: Moment, amount: u32) -> Moment {
        arrival.max(now).saturating_add(self.step.saturating_mul(amount.into()))
    }

    /// Asks governor without changing anything: the caller writes the arrival time if every window agrees.
    pub(super) fn propose(&self, arrival: Moment, now: Moment, amount: NonZeroU32) -> Proposal {
        let clock = ReadOnce { now: Nanos::from(now), constructed: Cell::new(false) };
        let limiter: RateLimiter<(), Slot, ReadOnce, NoOpMiddleware<Nanos>> =
            RateLimiter::new(self.governor, Slot::new(arrival), clock);
        match limiter.check_key_n(&(), amount) {
            Err(_) => Proposal::AboveBurst,
            Ok(Err(not_until)) => {
                Proposal::Wait(Nanos::from(not_until.wait_time_from(Nanos::from(now))).into())
            }
            Ok(Ok(())) => Proposal::Admit(limiter.into_state_store().next.get().into()),
        }
    }

    /// What governor would admit now, by the division that its `StateSnapshot` makes: governor gives one only to who
    /// draws.
    pub(super) fn left(&self, arrival: Moment, now: Moment) -> Left {
        let used = arrival.saturating_sub(now);
        let remaining = self.whole.saturating_sub(used) / self.step;
        let wait = (used > 0).then(|| used + (remaining + 1) * self.step - self.whole);
        // Not more than the quota, which is what the whole is of.
        Left { remaining: u32::try_from(remaining).unwrap_or(u32::MAX), wait }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Moment = 1_800_000_000 * SECOND;

    proptest! {
        /// What we tell is what governor does: so many pass, and one more after the wait, but not a microsecond before.
        #[test]
        fn what_is_left_is_what_governor_admits(
            amount in 1..5_000_u32,
            seconds in 1..100_000_u32,
            draws in proptest::collection::vec((1..2_000_u32, 0..200_000_000_u64), 1..20),
        ) {
            let policy: Policy = format!("{amount}/{seconds} seconds").parse().expect("a policy");
            let window = Window::new(None, Bucket::Film, &policy).rate;
            let (mut arrival, mut now) = (0, NOW);
            for (drawn, pause) in draws {
                if let Proposal::Admit(next) =
                    window.propose(arrival, now, NonZeroU32::new(drawn).expect("at least 1"))
                {
                    arrival = next;
                }
                let Left { remaining, wait } = window.left(arrival, now);
                let admits = |amount, now| {
                    NonZeroU32::new(amount)
                        .is_none_or(|amount| matches!(window.propose(arrival, now, amount), Proposal::Admit(_)))
                };
                prop_assert!(admits(remaining, now) && !admits(remaining + 1, now));
                if let Some(wait) = wait {
                    prop_assert!(admits(remaining + 1, now + wait) && !admits(remaining + 1, now + wait - 1));
                } else {
                    prop_assert_eq!(remaining, amount);
                }
                now += pause;
            }
        }
    }
}
