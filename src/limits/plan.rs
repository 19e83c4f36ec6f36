//! Whose budget is drawn from, and by which windows: those of addresses, of a role, of a key.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use http::HeaderValue;

use super::bucket::{Bucket, Buckets, Price};
use super::decision::Refusal;
use super::key::{ClientKey, Key};
use super::local::Row;
use super::policies::{Policies, Tier};
use super::policy::Policy;
use super::window::{Moment, Proposal, Window};

/// Seconds after which what only all servers together can count may be tried again.
const TOGETHER_AGAIN: u64 = 5;

/// The windows of budgets of one kind.
#[derive(Debug)]
pub(super) struct Plan {
    /// Its number among all of this process, which stands at the end of the row of each budget of it; 0 for that of
    /// addresses, whose rows have none.
    pub number: Moment,
    /// Under which it is found again by the next process.
    pub label: Box<str>,
    /// `None` for addresses.
    pub tier: Option<Tier>,
    pub windows: Box<[Window]>,
    /// Which windows are those of a bucket, by its index.
    of_bucket: [Range<usize>; Bucket::ALL.len()],
    /// The policies of each bucket with a hundred times as much: of all windows, or the next longer one would refuse as
    /// soon.
    raised: [Arc<str>; Bucket::ALL.len()],
    /// The values of the header that names the policies: one for each set of buckets, made when it is first wanted.
    pub names: [OnceLock<HeaderValue>; Buckets::SETS],
}

/// As a configuration would write a hundred times as much.
fn raised(policies: &[Policy]) -> String {
    const FACTOR: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
    policies.iter().map(|policy| policy.times(FACTOR).to_string()).collect::<Vec<_>>().join(", ")
}

impl Plan {
    pub(super) fn new(number: Moment, label: &str, tier: Option<Tier>, policies: &Policies) -> Self {
        let mut windows = Vec::new();
        let of_bucket = Bucket::ALL.map(|bucket| {
            let first = windows.len();
            windows.extend(policies.of(bucket).iter().map(|policy| Window::new(tier, bucket, policy)));
            first..windows.len()
        });
        Self {
            number,
            label: label.into(),
            tier,
            windows: windows.into(),
            of_bucket,
            raised: Bucket::ALL.map(|bucket| raised(policies.of(bucket)).into()),
            names: [const { OnceLock::new() }; Buckets::SETS],
        }
    }

    pub(super) fn range(&self, bucket: Bucket) -> Range<usize> {
        self.of_bucket[bucket.index()].clone()
    }

    /// The buckets with windows that a price is drawn from.
    pub(super) fn applying(&self, price: &Price) -> Buckets {
        let mut applying = Buckets::default();
        for bucket in Bucket::ALL {
            if price.from(bucket) > 0 && !self.range(bucket).is_empty() {
                applying.add(bucket);
            }
        }
        applying
    }

    /// The windows that servers count together, by their places.
    pub(super) fn shared_windows(&self) -> impl Iterator<Item = usize> {
        (0..self.windows.len()).filter(|place| self.windows[*place].bucket != Bucket::Flood)
    }

    /// Moves the arrival times on by the price, or tells how long to wait for which windows.
    pub(super) fn propose(
        &self,
        row: &mut Row,
        price: &Price,
        now: Moment,
        servers: NonZeroU32,
    ) -> Option<(Moment, Vec<&Window>)> {
        let mut refused: Option<(Moment, Vec<&Window>)> = None;
        for bucket in Bucket::ALL {
            let Some(amount) = NonZeroU32::new(price.from(bucket)) else {
                continue;
            };
            for place in self.range(bucket) {
                let window = &self.windows[place];
                match window.rate_among(servers).propose(row[place], now, amount) {
                    Proposal::Admit(arrival) => row[place] = arrival,
                    Proposal::Wait(time) => {
                        let (wait, violated) = refused.get_or_insert_default();
                        *wait = time.max(*wait);
                        violated.push(window);
                    }
                    // Refused before the client was looked at.
                    Proposal::AboveBurst => {}
                }
            }
        }
        refused
    }

    /// Moves the arrival times on by a price that has passed already: what is drawn from `flood` as well is drawn even if
    /// somebody came in between.
    pub(super) fn spend(&self, row: &mut Row, price: &Price, now: Moment) {
        for (window, arrival) in self.windows.iter().zip(row) {
            let amount = price.from(window.bucket);
            if amount > 0 {
                *arrival = window.rate.spend(*arrival, now, amount);
            }
        }
    }

    /// Why nobody ever gets so much, now that rates are divided among so many servers.
    pub(super) fn never(&self, price: &Price, servers: NonZeroU32) -> Option<Refusal> {
        if let Some(window) = self.smaller_than(price) {
            return Some(Refusal::AboveBurst {
                window: Arc::clone(&window.name),
                bucket: window.bucket,
                price: price.from(window.bucket),
                burst: window.quota.get(),
            });
        }
        if servers == NonZeroU32::MIN {
            return None;
        }
        let is_above = |window: &&Window| price.from(window.bucket) > window.rate_among(servers).burst();
        let window = self.windows.iter().find(is_above)?;
        Some(Refusal::AboveShare { bucket: window.bucket, retry_after: TOGETHER_AGAIN })
    }

    /// The smallest window that can never hold the price: governor would call it above the burst.
    pub(super) fn smaller_than(&self, price: &Price) -> Option<&Window> {
        self.windows
            .iter()
            .filter(|window| price.from(window.bucket) > window.quota.get())
            .min_by_key(|window| window.quota)
    }

    /// Whether another one has the same windows, in the same order.
    pub(super) fn has_windows_of(&self, other: &Self) -> bool {
        let policies =
            |plan: &Self| plan.windows.iter().map(|window| window.policy.clone()).collect::<Vec<_>>();
        policies(self) == policies(other)
    }

    /// Makes a row of another plan one of this: a window of the same policy keeps its times, any other one starts full.
    pub(super) fn take_over(&self, other: &Self, arrivals: &mut [Moment], is_shared: bool) {
        let before = Row::from_slice(arrivals);
        arrivals.fill(0);
        let (ours, theirs) = (self.windows.len(), other.windows.len());
        for (from, window) in other.windows.iter().enumerate() {
            let same = |ours: &Window| ours.policy == window.policy;
            let Some(to) = self.windows.iter().position(same) else { continue };
            arrivals[to] = before[from];
            if is_shared {
                arrivals[ours + to] = before[theirs + from];
            }
        }
        if is_shared {
            arrivals[2 * ours] = before[2 * theirs];
        }
    }

    /// Refused by these windows; seconds.
    pub(super) fn over_quota(&self, violated: &[&Window], retry_after: u64) -> Refusal {
        let bucket = violated.first().map_or(Bucket::Flood, |window| window.bucket);
        Refusal::OverQuota {
            bucket,
            retry_after,
            violated: violated.iter().map(|window| Arc::clone(&window.name)).collect(),
            tier: self.tier,
            raised: Arc::clone(&self.raised[bucket.index()]),
        }
    }
}

/// A budget, and the windows that it has.
#[derive(Debug, Clone)]
pub struct Budget {
    pub(super) key: Key,
    /// `None` where they are those of addresses.
    pub(super) plan: Option<Arc<Plan>>,
}

impl Budget {
    /// That of the attempts to sign in with a name, in the form in which names are compared.
    #[must_use]
    pub fn of_attempts(name: &str) -> Self {
        Self { key: Key::of_attempts(name), plan: None }
    }

    /// Whose policies count; `None` for an address's.
    #[must_use]
    pub fn tier(&self) -> Option<Tier> {
        self.plan.as_ref().and_then(|plan| plan.tier)
    }
}

impl From<ClientKey> for Budget {
    fn from(client: ClientKey) -> Self {
        Self { key: client.into(), plan: None }
    }
}
