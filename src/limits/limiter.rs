//! The limiter that both surfaces ask.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::bucket::{Bucket, Price};
use super::key::Key;
use super::local::LocalStore;
use super::policy::Policy;
use super::window::{Moment, Proposal, Window};
use crate::clock::Clock;

/// The policies of each bucket. A bucket without a policy is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    pub film: Vec<Policy>,
    pub add_film: Vec<Policy>,
    pub browse: Vec<Policy>,
    pub login: Vec<Policy>,
    pub flood: Vec<Policy>,
}

impl Policies {
    fn of(&self, bucket: Bucket) -> &[Policy] {
        match bucket {
            Bucket::Film => &self.film,
            Bucket::AddFilm => &self.add_film,
            Bucket::Browse => &self.browse,
            Bucket::Login => &self.login,
            Bucket::Flood => &self.flood,
        }
    }
}

/// How a client stands in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `film-1h`.
    pub name: String,
    pub bucket: Bucket,
    /// Most calls at once, and how many come back within the window.
    pub quota: u32,
    /// Length of the window in seconds.
    pub window: u64,
    /// Calls that would pass now.
    pub remaining: u32,
    /// Whole seconds until one more would pass; `None` when nothing is used up.
    pub reset: Option<u64>,
}

/// Why a price was not admitted. Nothing was charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It would pass later.
    OverQuota {
        /// That of the first window that refused.
        bucket: Bucket,
        /// Whole seconds.
        retry_after: u64,
        /// Names of the windows that refused.
        violated: Vec<String>,
        standings: Vec<Standing>,
    },
    /// It is more than a window ever holds.
    AboveBurst {
        /// The window with the smallest burst.
        window: String,
        bucket: Bucket,
        price: u32,
        burst: u32,
        standings: Vec<Standing>,
    },
}

impl Refusal {
    /// Whole seconds until the same price would pass; 0 when it never will.
    #[must_use]
    pub fn retry_after(&self) -> u64 {
        match self {
            Self::OverQuota { retry_after, .. } => *retry_after,
            Self::AboveBurst { .. } => 0,
        }
    }

    /// How the client stands in every window that was asked.
    #[must_use]
    pub fn into_standings(self) -> Vec<Standing> {
        match self {
            Self::OverQuota { standings, .. } | Self::AboveBurst { standings, .. } => standings,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drawing {
    Real,
    Dry,
}

/// Charges clients. Cheap to share behind an [`Arc`].
pub struct Limiter {
    enabled: bool,
    windows: Vec<Window>,
    store: LocalStore,
    clock: Arc<dyn Clock>,
}

impl Limiter {
    /// With at most `max_keys` clients in memory. When not `enabled`, everything passes and nobody is counted.
    #[must_use]
    pub fn new(enabled: bool, policies: &Policies, max_keys: usize, clock: Arc<dyn Clock>) -> Self {
        let windows: Vec<Window> = Bucket::ALL
            .into_iter()
            .flat_map(|bucket| policies.of(bucket).iter().map(move |policy| Window::new(bucket, policy)))
            .collect();
        Self { enabled, store: LocalStore::new(max_keys, windows.len()), windows, clock }
    }

    /// Draws the whole price, or nothing.
    ///
    /// # Errors
    /// [`Refusal`] when one window does not admit it; then no window was drawn from.
    pub fn charge(&self, key: impl Into<Key>, price: &Price) -> Result<Vec<Standing>, Refusal> {
        self.decide(key.into(), price, Drawing::Real)
    }

    /// Whether [`Limiter::charge`] would admit the price, without drawing anything.
    ///
    /// # Errors
    /// The refusal that it would be.
    pub fn check(&self, key: impl Into<Key>, price: &Price) -> Result<(), Refusal> {
        self.decide(key.into(), price, Drawing::Dry).map(drop)
    }

    fn decide(&self, key: Key, price: &Price, drawing: Drawing) -> Result<Vec<Standing>, Refusal> {
        if !self.enabled || price.is_free() {
            return Ok(Vec::new());
        }
        let now = self.now();
        if let Some(window) = self.smaller_than(price, now) {
            return Err(Refusal::AboveBurst {
                window: window.name.clone(),
                bucket: window.bucket,
                price: price.from(window.bucket),
                burst: window.quota.get(),
                standings: self.standings(&self.store.look(key), now, price),
            });
        }
        self.store.update(key, now, |arrivals| {
            let mut next: Box<[Moment]> = arrivals.into();
            let mut wait = Duration::ZERO;
            let mut violated: Vec<&Window> = Vec::new();
            for (place, window) in self.windows.iter().enumerate() {
                let Some(amount) = NonZeroU32::new(price.from(window.bucket)) else {
                    continue;
                };
                match window.propose(arrivals[place], now, amount) {
                    Proposal::Admit(arrival) => next[place] = arrival,
                    Proposal::Wait(time) => {
                        wait = wait.max(time);
                        violated.push(window);
                    }
                    // Refused above, before the client was looked at.
                    Proposal::AboveBurst => {}
                }
            }
            let Some(first) = violated.first() else {
                let standings = self.standings(&next, now, price);
                return (Ok(standings), (drawing == Drawing::Real).then_some(next));
            };
            let refusal = Refusal::OverQuota {
                bucket: first.bucket,
                retry_after: whole_seconds(wait),
                violated: violated.iter().map(|window| window.name.clone()).collect(),
                standings: self.standings(arrivals, now, price),
            };
            (Err(refusal), None)
        })
    }

    /// How a client stands in every window, without changing anything.
    #[must_use]
    pub fn look(&self, key: impl Into<Key>) -> Vec<Standing> {
        if !self.enabled {
            return Vec::new();
        }
        let mut all = Price::default();
        for bucket in Bucket::ALL {
            all.add(bucket, 1);
        }
        self.standings(&self.store.look(key.into()), self.now(), &all)
    }

    /// Forgets clients with nothing left to remember, a bounded number of them each time it is asked for the next step:
    /// between two steps others can go first.
    pub fn sweep(&self) -> impl Iterator<Item = ()> {
        self.store.sweep(|| self.now())
    }

    /// How many clients are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether no client is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether calls are counted at all.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    fn now(&self) -> Moment {
        u64::try_from(self.clock.now().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The smallest window that can never hold the price.
    fn smaller_than(&self, price: &Price, now: Moment) -> Option<&Window> {
        self.windows
            .iter()
            .filter(|window| {
                NonZeroU32::new(price.from(window.bucket))
                    .is_some_and(|amount| matches!(window.propose(0, now, amount), Proposal::AboveBurst))
            })
            .min_by_key(|window| window.quota)
    }

    fn standings(&self, arrivals: &[Moment], now: Moment, price: &Price) -> Vec<Standing> {
        self.windows
            .iter()
            .zip(arrivals)
            .filter(|(window, _)| price.from(window.bucket) > 0)
            .map(|(window, arrival)| {
                let (remaining, wait) = window.remaining(*arrival, now);
                Standing {
                    name: window.name.clone(),
                    bucket: window.bucket,
                    quota: window.quota.get(),
                    window: window.length.as_secs(),
                    remaining,
                    reset: wait.map(whole_seconds),
                }
            })
            .collect()
    }
}

/// Rounded up: who waits that long is admitted.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
