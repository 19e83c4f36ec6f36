//! The limiter that both surfaces ask.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};

use super::bucket::{Bucket, Buckets, Price};
use super::decision::{Drawing, Refusal, Standing};
use super::decisions::Decisions;
use super::draws::Draws;
use super::local::{LocalStore, Place, Row};
use super::plan::{Budget, Plan};
use super::policies::{Policies, Tier};
use super::shared::{SharedStore, Told};
use super::window::{Left, Moment, SECOND, Window, moment};
use crate::clock::Clock;

/// A client is remembered for so many microseconds longer than there is something to remember: a request draws with the
/// time at which it came, and must not find a client forgotten who still had drawn then.
const LATE: Moment = 60 * SECOND;

/// Draws from the budgets of clients and accounts. Cheap to share behind an [`Arc`].
pub struct Limiter {
    pub(super) enabled: bool,
    pub(super) policies: Policies,
    /// That of addresses, and of names that are tried.
    pub(super) plan: Plan,
    /// Those of roles that have one, by [`Tier`], with their policies.
    pub(super) tiers: [Option<(Policies, Arc<Plan>)>; Tier::OF_ROLES.len()],
    /// Those of keys that have their own, by their label.
    pub(super) of_keys: Mutex<HashMap<String, Arc<Plan>>>,
    /// What this process counts by itself, and what it knows where servers count together: see `together`.
    pub(super) store: Arc<LocalStore>,
    /// The same for who has signed in. The last time of a row is the number of its plan.
    pub(super) signed_in: Arc<LocalStore>,
    /// All plans that there have been, each with the number after its place here: rows of who has signed in may be of any.
    pub(super) plans: Arc<Mutex<Vec<Arc<Plan>>>>,
    pub(super) shared: Option<SharedStore>,
    /// How many servers count together.
    pub(super) servers: AtomicU32,
    /// Where it is counted what was said, where somebody measures.
    decisions: Option<Box<Decisions>>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("enabled", &self.enabled).finish_non_exhaustive()
    }
}

impl Limiter {
    /// With at most `max_keys` clients in memory, and as many accounts. When not `enabled`, everything passes and nobody is
    /// counted.
    #[must_use]
    pub fn new(enabled: bool, policies: &Policies, max_keys: usize, clock: Arc<dyn Clock>) -> Self {
        let plan = Plan::new(0, "", None, policies);
        let store = Arc::new(LocalStore::new(max_keys, plan.windows.len()));
        let mut limiter = Self {
            enabled,
            policies: policies.clone(),
            plan,
            tiers: [const { None }; Tier::OF_ROLES.len()],
            of_keys: Mutex::default(),
            store,
            signed_in: Arc::new(LocalStore::new(max_keys, 0)),
            plans: Arc::default(),
            shared: None,
            servers: AtomicU32::new(1),
            decisions: None,
            clock,
        };
        limiter.make_rows();
        limiter
    }

    /// The same with policies for who has signed in: of each role that is named, those of its accounts. `flood` is never
    /// theirs.
    #[must_use]
    pub fn with_tiers(mut self, tiers: impl IntoIterator<Item = (Tier, Policies)>) -> Self {
        for (tier, policies) in tiers {
            let policies = Policies { flood: Vec::new(), ..policies };
            let plan = self.plan(tier.name(), tier, &policies);
            if let Some(of_tier) = self.tiers.get_mut(tier as usize) {
                *of_tier = Some((policies, plan));
            }
        }
        self.make_rows();
        self
    }

    /// The same, counting together with other servers in all but `flood`: see `together`.
    #[must_use]
    pub fn together(mut self, shared: SharedStore) -> Self {
        self.shared = Some(shared);
        self.make_rows();
        self
    }

    /// The same, with a count of what it says.
    #[must_use]
    pub fn measured(self, decisions: Decisions) -> Self {
        Self { decisions: Some(decisions.into()), ..self }
    }

    /// Goes on with the clients and accounts of another limiter, which has room for as many: a window of the same policy
    /// keeps their times, any other one starts full. Whoever still asks that one draws from the same times.
    #[must_use]
    pub fn succeed(mut self, before: &Self) -> Self {
        let (windows, theirs) = (self.plan.windows.len(), before.plan.windows.len());
        let place = |window: &Window| self.plan.windows.iter().position(|ours| ours.policy == window.policy);
        let mut columns: Vec<Option<usize>> = before.plan.windows.iter().map(place).collect();
        if let Some(shared) = &before.shared {
            self.shared = Some(shared.clone());
            // What is owed stands behind what is known, and the number of the connection at the end: see `together`.
            columns.extend_from_within(..);
            columns[theirs..].iter_mut().for_each(|place| *place = place.map(|place| windows + place));
            columns.push(Some(2 * windows));
        }
        self.set_servers(before.servers());
        let (of_address, _) = self.columns();
        self.store = Arc::new(before.store.with_columns(of_address));
        before.store.hand_over(&self.store, columns.into_iter());
        // A row of who has signed in is made one of the new plan when it is next looked at.
        self.plans = Arc::clone(&before.plans);
        for place in 0..self.tiers.len() {
            if let Some((policies, plan)) = self.tiers[place].take() {
                let plan =
                    plan.tier.map_or(Arc::clone(&plan), |tier| self.plan(tier.name(), tier, &policies));
                self.tiers[place] = Some((policies, plan));
            }
        }
        self.signed_in = Arc::clone(&before.signed_in);
        self
    }

    /// Makes the rows of both stores, which are still empty, as long as they must be.
    fn make_rows(&mut self) {
        let (of_address, of_signed_in) = self.columns();
        self.store = Arc::new(self.store.with_columns(of_address));
        self.signed_in = Arc::new(self.signed_in.with_columns(of_signed_in));
    }

    /// Times in the row of an address, and of who has signed in: the latter has room for whatever plan another
    /// configuration may bring, since limiters that succeed each other share it.
    fn columns(&self) -> (usize, usize) {
        let columns = |windows: usize| if self.shared.is_some() { 2 * windows + 1 } else { windows };
        let of_signed_in = (Bucket::ALL.len() - 1) * Policies::MOST;
        (columns(self.plan.windows.len()), columns(of_signed_in) + 1)
    }

    pub(super) fn store_of(&self, budget: &Budget) -> &LocalStore {
        if budget.plan.is_some() { &self.signed_in } else { &self.store }
    }

    /// Decides over the arrival times of a budget, by the windows that it has now: see [`LocalStore::update`].
    pub(super) fn update<T>(
        &self,
        budget: &Budget,
        place: &mut Option<Place>,
        now: Moment,
        decide: impl FnOnce(&mut [Moment]) -> (T, bool),
    ) -> T {
        self.store_of(budget).update(budget.key, place, now, |arrivals| {
            self.sign(budget, arrivals);
            decide(arrivals)
        })
    }

    /// The arrival times of a budget, by the windows that it has now.
    pub(super) fn times(&self, budget: &Budget, place: Option<Place>) -> Row {
        let mut arrivals = self.store_of(budget).look(budget.key, place);
        self.sign(budget, &mut arrivals);
        arrivals
    }

    /// Makes a row one of this budget's plan, which it names at its end.
    fn sign(&self, budget: &Budget, arrivals: &mut [Moment]) {
        let Some(plan) = budget.plan.as_deref() else { return };
        let number = arrivals.last().copied().unwrap_or_default();
        if number == plan.number {
            return;
        }
        let before = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let before = before.and_then(|place| self.all_plans().get(place).cloned());
        if let Some(before) = before {
            plan.take_over(&before, arrivals, self.shared.is_some());
        }
        if let Some(last) = arrivals.last_mut() {
            *last = plan.number;
        }
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
    pub fn draw(&self, draws: &mut Draws, price: &Price, now: Moment) -> Result<(), Refusal> {
        self.decide(draws, price, now, Drawing::Real, None)
    }

    /// Such a draw that no answer tells of.
    ///
    /// # Errors
    /// As for [`Limiter::draw`].
    pub fn charge(&self, budget: impl Into<Budget>, price: &Price) -> Result<(), Refusal> {
        self.draw(&mut Draws::of(budget), price, self.now())
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
    ) -> Result<(), Refusal> {
        if !self.enabled {
            return Ok(());
        }
        let decided = self.draw_or_refuse(draws, price, now, drawing, told);
        let is_final = drawing == Drawing::Real || (drawing == Drawing::Ahead && decided.is_err());
        if let (Some(decisions), true) = (&self.decisions, is_final) {
            let is_local = self.alone(self.plan_of(&draws.budget).applying(price), told).is_some();
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
    ) -> Result<(), Refusal> {
        let Draws { charged, budget, place, applied, row, noted_at, servers, retry_after } = draws;
        let budget = &*budget;
        let plan = self.plan_of(budget);
        let applying = plan.applying(price);
        if applying == Buckets::default() {
            if drawing == Drawing::Real {
                *charged += *price;
            }
            return Ok(());
        }
        *applied |= applying;
        *noted_at = now;
        let alone = self.alone(applying, told);
        if applying.is_shared() {
            *servers = alone.unwrap_or(NonZeroU32::MIN);
        }
        // With what this call has drawn already: a request that was let in is one of `flood`.
        let mut whole = *charged;
        whole += *price;
        if let Some(refusal) = plan.never(&whole, *servers) {
            *row = self.row(budget, *place, told, alone, now);
            if let Refusal::AboveShare { retry_after: wait, .. } = refusal {
                *retry_after = wait.max(*retry_after);
            }
            return Err(refusal);
        }
        let refused = self.update(budget, place, now, |arrivals| {
            if let Some(told) = told {
                plan.note(told, arrivals);
            }
            *row = plan.counted(arrivals, alone, now);
            let refused = match told {
                Some(told) if told.is_drawn => {
                    plan.spend(row, price, now);
                    None
                }
                _ => plan.propose(row, price, now, *servers),
            };
            let is_drawn = refused.is_none() && drawing == Drawing::Real;
            if !is_drawn {
                *row = plan.counted(arrivals, alone, now);
            } else if alone.is_some() {
                plan.owe(arrivals, row, price, now);
            } else {
                arrivals[..row.len()].copy_from_slice(row);
            }
            (refused, is_drawn)
        });
        let Some((wait, violated)) = refused else {
            if drawing == Drawing::Real {
                *charged += *price;
            }
            return Ok(());
        };
        let wait = wait.div_ceil(SECOND);
        *retry_after = wait.max(*retry_after);
        Err(plan.over_quota(&violated, wait))
    }

    /// How a budget stands in every window, without changing anything.
    pub async fn look(&self, budget: impl Into<Budget>, now: Moment) -> Vec<Standing> {
        if !self.enabled {
            return Vec::new();
        }
        let budget = budget.into();
        let told = self.ask_how(&budget, now).await;
        let alone = self.alone(Buckets::all(), told.as_deref());
        let servers = alone.unwrap_or(NonZeroU32::MIN);
        let row = self.row(&budget, None, told.as_deref(), alone, now);
        let windows = self.plan_of(&budget).windows.iter();
        windows
            .zip(row)
            .map(|(window, arrival)| window.standing(budget.tier(), servers, arrival, now))
            .collect()
    }

    /// The same for `flood`, which no other server knows of.
    #[must_use]
    pub fn look_at_flood(&self, budget: impl Into<Budget>, now: Moment) -> Vec<Standing> {
        if !self.enabled {
            return Vec::new();
        }
        let budget = budget.into();
        let (plan, row) = (self.plan_of(&budget), self.times(&budget, None));
        let standing = |place: usize| plan.windows[place].standing(None, NonZeroU32::MIN, row[place], now);
        plan.range(Bucket::Flood).map(standing).collect()
    }

    /// Takes over how another client stands in the windows that refused them: the answer of this request tells of it. Both
    /// have the policies of addresses.
    pub fn adopt(&self, draws: &mut Draws, other: &Draws) {
        draws.row.resize(self.plan.windows.len(), 0);
        for bucket in other.applied.in_headers() {
            let range = self.plan.range(bucket);
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
        retry_after: u64,
    ) -> impl Iterator<Item = (&'a Window, u32, Option<u64>)> + 'a {
        let plan = self.plan_of(&draws.budget);
        draws.applied.in_headers().flat_map(|bucket| plan.range(bucket)).map(move |place| {
            let window = &plan.windows[place];
            let rate = window.rate_among(draws.servers);
            let Left { remaining, wait } = rate.left(draws.row[place], draws.noted_at);
            (window, remaining, wait.map(|wait| wait.div_ceil(SECOND).max(retry_after)))
        })
    }

    /// Forgets clients with nothing left to remember, a bounded number of them each time it is asked for the next step:
    /// between two steps others can go first.
    pub fn sweep(&self) -> impl Iterator<Item = ()> {
        let long_ago = || self.now().saturating_sub(LATE);
        self.store.sweep(long_ago).chain(self.signed_in.sweep(long_ago))
    }

    /// How many clients and accounts are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.len() + self.signed_in.len()
    }

    /// Whether nobody is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether calls are counted at all.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// The arrival times of a budget, as they count.
    fn row(
        &self,
        budget: &Budget,
        place: Option<Place>,
        told: Option<&Told>,
        alone: Option<NonZeroU32>,
        now: Moment,
    ) -> Row {
        let mut arrivals = self.times(budget, place);
        let plan = self.plan_of(budget);
        if let Some(told) = told {
            plan.note(told, &mut arrivals);
        }
        plan.counted(&arrivals, alone, now)
    }
}
