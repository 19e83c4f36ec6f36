//! The limiter that both surfaces ask.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use http::HeaderValue;

use super::bucket::{Bucket, Buckets, Price};
use super::decisions::Decisions;
use super::draws::Draws;
use super::key::Key;
use super::local::{LocalStore, Row};
use super::policy::Policy;
use super::refusal::Refusal;
use super::shared::{SharedStore, Told};
use super::window::{Left, Moment, Proposal, SECOND, Window, moment};
use crate::clock::Clock;

/// A client is remembered for so many microseconds longer than there is something to remember: a request draws with the
/// time at which it came, and must not find a client forgotten who still had drawn then.
const LATE: Moment = 60 * SECOND;
/// Seconds after which what only all servers together can count may be tried again.
const TOGETHER_AGAIN: u64 = 5;

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
    /// Those of one bucket.
    #[must_use]
    pub fn of(&self, bucket: Bucket) -> &[Policy] {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    /// `film-1h`.
    pub name: &'a str,
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

/// Whether what passes is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    Real,
    /// Nothing is drawn: it is told whether it would pass.
    Dry,
}

/// As a configuration would write a hundred times as much.
fn raised(policies: &[Policy]) -> String {
    const FACTOR: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
    policies.iter().map(|policy| policy.times(FACTOR).to_string()).collect::<Vec<_>>().join(", ")
}

/// Draws from the budgets of clients. Cheap to share behind an [`Arc`].
pub struct Limiter {
    pub(super) enabled: bool,
    /// The policies of each bucket with a hundred times as much: of all windows, or the next longer one would refuse as
    /// soon.
    raised: [String; Bucket::ALL.len()],
    pub(super) windows: Box<[Window]>,
    /// Which windows are those of a bucket, by its index.
    of_bucket: [Range<usize>; Bucket::ALL.len()],
    /// The values of the header that names the policies: one for each set of buckets, made when it is first wanted.
    pub(super) names: [OnceLock<HeaderValue>; Buckets::SETS],
    /// What this process counts by itself, and what it knows where servers count together: see `together`.
    pub(super) store: Arc<LocalStore>,
    pub(super) shared: Option<SharedStore>,
    /// How many servers count together.
    pub(super) servers: AtomicU32,
    /// Where it is counted what was said, where somebody measures.
    decisions: Option<Box<Decisions>>,
    clock: Arc<dyn Clock>,
}

impl Limiter {
    /// With at most `max_keys` clients in memory. When not `enabled`, everything passes and nobody is counted.
    #[must_use]
    pub fn new(enabled: bool, policies: &Policies, max_keys: usize, clock: Arc<dyn Clock>) -> Self {
        let mut windows = Vec::new();
        let of_bucket = Bucket::ALL.map(|bucket| {
            let first = windows.len();
            windows.extend(policies.of(bucket).iter().map(|policy| Window::new(bucket, policy)));
            first..windows.len()
        });
        Self {
            enabled,
            raised: Bucket::ALL.map(|bucket| raised(policies.of(bucket))),
            of_bucket,
            names: [const { OnceLock::new() }; Buckets::SETS],
            store: Arc::new(LocalStore::new(max_keys, windows.len())),
            shared: None,
            servers: AtomicU32::new(1),
            decisions: None,
            windows: windows.into(),
            clock,
        }
    }

    /// The same, with a count of what it says.
    #[must_use]
    pub fn measured(self, decisions: Decisions) -> Self {
        Self { decisions: Some(decisions.into()), ..self }
    }

    /// Goes on with the clients of another limiter, which has room for as many: a window of the same policy keeps their
    /// times, any other one starts full. Whoever still asks that one draws from the same times.
    #[must_use]
    pub fn succeed(mut self, before: &Self) -> Self {
        let (windows, theirs) = (self.windows.len(), before.windows.len());
        let place = |window: &Window| self.windows.iter().position(|ours| ours.policy == window.policy);
        let mut columns: Vec<Option<usize>> = before.windows.iter().map(place).collect();
        if let Some(shared) = &before.shared {
            self.shared = Some(shared.clone());
            // What is owed stands behind what is known, and the number of the connection at the end: see `together`.
            columns.extend_from_within(..);
            columns[theirs..].iter_mut().for_each(|place| *place = place.map(|place| windows + place));
            columns.push(Some(2 * windows));
        }
        let count = if self.shared.is_some() { 2 * windows + 1 } else { windows };
        self.store = Arc::new(before.store.with_columns(count));
        self.set_servers(before.servers());
        before.store.hand_over(&self.store, columns.into_iter());
        self
    }

    /// The time by which draws are measured.
    #[must_use]
    pub fn now(&self) -> Moment {
        moment(self.clock.now())
    }

    /// Draws the whole price, or nothing, from what this process counts by itself. `now` may be the time at which the
    /// request came. How the client stands is noted either way.
    ///
    /// # Errors
    /// [`Refusal`] when one window does not admit it; then no window was drawn from.
    pub fn draw(&self, draws: &mut Draws, price: &Price, now: Moment) -> Result<(), Refusal<'_>> {
        self.decide(draws, price, now, Drawing::Real, None)
    }

    /// Such a draw that no answer tells of.
    ///
    /// # Errors
    /// As for [`Limiter::draw`].
    pub fn charge(&self, key: impl Into<Key>, price: &Price) -> Result<(), Refusal<'_>> {
        self.draw(&mut Draws::of(key), price, self.now())
    }

    /// Draws the whole price, or nothing, as [`Limiter::ask`] was told; or tells whether it would.
    ///
    /// # Errors
    /// As for [`Limiter::draw`].
    pub fn decide(
        &self,
        draws: &mut Draws,
        price: &Price,
        now: Moment,
        drawing: Drawing,
        told: Option<&Told>,
    ) -> Result<(), Refusal<'_>> {
        if !self.enabled {
            return Ok(());
        }
        let decided = self.draw_or_refuse(draws, price, now, drawing, told);
        if let (Some(decisions), Drawing::Real) = (&self.decisions, drawing) {
            let is_local = self.alone(self.applying(price), told).is_some();
            decisions.note(price, &decided, is_local);
        }
        decided
    }

    fn draw_or_refuse(
        &self,
        draws: &mut Draws,
        price: &Price,
        now: Moment,
        drawing: Drawing,
        told: Option<&Told>,
    ) -> Result<(), Refusal<'_>> {
        let applying = self.applying(price);
        if applying == Buckets::default() {
            if drawing == Drawing::Real {
                draws.charged += *price;
            }
            return Ok(());
        }
        draws.applied |= applying;
        draws.noted_at = now;
        let alone = self.alone(applying, told);
        if applying.is_shared() {
            draws.servers = alone.unwrap_or(NonZeroU32::MIN);
        }
        if let Some(refusal) = self.never(price, draws.servers) {
            draws.row = self.row(draws, told, alone, now);
            if let Refusal::AboveShare { retry_after, .. } = refusal {
                draws.retry_after = draws.retry_after.max(retry_after);
            }
            return Err(refusal);
        }
        let Draws { key, place, row, servers, .. } = draws;
        let refused = self.store.update(*key, place, now, |arrivals| {
            if let Some(told) = told {
                self.note(told, arrivals);
            }
            *row = self.counted(arrivals, alone, now);
            let refused = match told {
                Some(told) if told.is_drawn => {
                    self.spend(row, price, now);
                    None
                }
                _ => self.propose(row, price, now, *servers),
            };
            let is_drawn = refused.is_none() && drawing == Drawing::Real;
            if !is_drawn {
                *row = self.counted(arrivals, alone, now);
            } else if alone.is_some() {
                self.owe(arrivals, row, price, now);
            } else {
                arrivals[..row.len()].copy_from_slice(row);
            }
            (refused, is_drawn)
        });
        let Some((wait, violated)) = refused else {
            if drawing == Drawing::Real {
                draws.charged += *price;
            }
            return Ok(());
        };
        let retry_after = wait.div_ceil(SECOND);
        draws.retry_after = draws.retry_after.max(retry_after);
        let bucket = violated.first().map_or(Bucket::Flood, |window| window.bucket);
        let violated = violated.into_iter().map(|window| &*window.name).collect();
        Err(Refusal::OverQuota { bucket, retry_after, violated, raised: &self.raised[bucket.index()] })
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
    fn spend(&self, row: &mut Row, price: &Price, now: Moment) {
        for (window, arrival) in self.windows.iter().zip(row) {
            let amount = price.from(window.bucket);
            if amount > 0 {
                *arrival = window.rate.spend(*arrival, now, amount);
            }
        }
    }

    /// How a client stands in every window, without changing anything.
    pub async fn look(&self, key: impl Into<Key>, now: Moment) -> Vec<Standing<'_>> {
        if !self.enabled {
            return Vec::new();
        }
        let draws = Draws::of(key);
        let told = self.ask_how(draws.key, now).await;
        let alone = self.alone(Buckets::all(), told.as_deref());
        let servers = alone.unwrap_or(NonZeroU32::MIN);
        self.windows
            .iter()
            .zip(self.row(&draws, told.as_deref(), alone, now))
            .map(|(window, arrival)| {
                let Left { remaining, wait } = window.rate_among(servers).left(arrival, now);
                Standing {
                    name: &window.name,
                    bucket: window.bucket,
                    quota: window.quota.get(),
                    window: window.length.as_secs(),
                    remaining,
                    reset: wait.map(|wait| wait.div_ceil(SECOND)),
                }
            })
            .collect()
    }

    /// Takes over how another client stands in the windows that refused them: the answer of this request tells of it.
    pub fn adopt(&self, draws: &mut Draws, other: &Draws) {
        draws.row.resize(self.windows.len(), 0);
        for bucket in other.applied.in_headers() {
            let range = self.range(bucket);
            draws.row[range.clone()].copy_from_slice(&other.row[range]);
        }
        draws.applied |= other.applied;
        draws.servers = other.servers;
        draws.noted_at = draws.noted_at.max(other.noted_at);
        draws.retry_after = draws.retry_after.max(other.retry_after);
    }

    /// The windows that applied to these draws, in the order of headers: each with what is left in it, and the whole
    /// seconds until there is more. Nothing more comes before a refusal has passed.
    pub(super) fn left<'a>(
        &'a self,
        draws: &'a Draws,
    ) -> impl Iterator<Item = (&'a Window, u32, Option<u64>)> + 'a {
        draws.applied.in_headers().flat_map(|bucket| self.range(bucket)).map(|place| {
            let window = &self.windows[place];
            let rate = window.rate_among(draws.servers);
            let Left { remaining, wait } = rate.left(draws.row[place], draws.noted_at);
            (window, remaining, wait.map(|wait| wait.div_ceil(SECOND).max(draws.retry_after)))
        })
    }

    /// Forgets clients with nothing left to remember, a bounded number of them each time it is asked for the next step:
    /// between two steps others can go first.
    pub fn sweep(&self) -> impl Iterator<Item = ()> {
        self.store.sweep(|| self.now().saturating_sub(LATE))
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

    fn range(&self, bucket: Bucket) -> Range<usize> {
        self.of_bucket[bucket.index()].clone()
    }

    /// The buckets with windows that a price is drawn from.
    fn applying(&self, price: &Price) -> Buckets {
        let mut applying = Buckets::default();
        for bucket in Bucket::ALL {
            if price.from(bucket) > 0 && !self.range(bucket).is_empty() {
                applying.add(bucket);
            }
        }
        applying
    }

    /// Why no client ever gets so much, now that rates are divided among so many servers.
    fn never(&self, price: &Price, servers: NonZeroU32) -> Option<Refusal<'_>> {
        if let Some(window) = self.smaller_than(price) {
            return Some(Refusal::AboveBurst {
                window: &window.name,
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

    /// The arrival times of a client, as they count.
    fn row(&self, draws: &Draws, told: Option<&Told>, alone: Option<NonZeroU32>, now: Moment) -> Row {
        let mut arrivals = self.store.look(draws.key, draws.place);
        if let Some(told) = told {
            self.note(told, &mut arrivals);
        }
        self.counted(&arrivals, alone, now)
    }
}
