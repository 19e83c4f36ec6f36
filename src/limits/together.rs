//! Counting together with other servers, and alone while they cannot.
//!
//! Each server notes what it is told of a client. While nobody tells, it lets its share of each rate pass, less what it
//! knows to be used, and notes what it lets pass: it owes that. The first call of a client that comes through again tells
//! both, so that neither a Redis that was away nor one that has forgotten hands out a budget twice.
//!
//! So the row of a client has, for each window, the arrival time that is known, then for each window that of what is owed,
//! and at last the number of the connection over which was told.

use std::num::NonZeroU32;
use std::sync::atomic::Ordering;

use super::bucket::{Bucket, Buckets, Price};
use super::decision::Drawing;
use super::limiter::Limiter;
use super::local::Row;
use super::plan::{Budget, Plan};
use super::shared::{Asked, SharedStore, Told};
use super::window::Moment;

impl Limiter {
    /// Tells how many servers count together: each takes its share when they no longer can.
    pub fn set_servers(&self, servers: u32) {
        self.servers.store(servers, Ordering::Relaxed);
    }

    /// What the servers count together in, where they do.
    #[must_use]
    pub fn shared(&self) -> Option<&SharedStore> {
        self.shared.as_ref()
    }

    /// How many servers count together, as they were told last.
    #[must_use]
    pub fn servers(&self) -> u32 {
        self.servers.load(Ordering::Relaxed)
    }

    /// What the servers that count together know of a budget, after they have drawn what is drawn from them. Nothing
    /// where this process counts alone, for whatever reason: then [`Limiter::decide`] does.
    pub async fn ask(
        &self,
        budget: &Budget,
        charged: &Price,
        price: &Price,
        drawing: Drawing,
        now: Moment,
    ) -> Option<Box<Told>> {
        let shared = self.shared.as_ref().filter(|_| self.enabled)?;
        let is_real = drawing == Drawing::Real && self.may_pass(budget, charged, price, now);
        // Boxed, so that who counts alone carries no more than a pointer.
        Box::pin(self.ask_for(shared, budget, Some(price), is_real, now)).await
    }

    /// The same about all windows, and nothing is drawn.
    pub(super) async fn ask_how(&self, budget: &Budget, now: Moment) -> Option<Box<Told>> {
        Box::pin(self.ask_for(self.shared.as_ref()?, budget, None, false, now)).await
    }

    async fn ask_for(
        &self,
        shared: &SharedStore,
        budget: &Budget,
        price: Option<&Price>,
        is_drawn: bool,
        now: Moment,
    ) -> Option<Box<Told>> {
        let plan = self.plan_of(budget);
        let amount = |place: usize| price.map_or(0, |price| price.from(plan.windows[place].bucket));
        let is_wanted = |place: &usize| price.is_none() || amount(*place) > 0;
        if !plan.shared_windows().any(|place| is_wanted(&place)) {
            return None;
        }
        let connection = shared.connection()?;
        let settled = self.settle(budget, connection.number, now);
        let used = |column: usize| settled.as_ref().map_or(0, |row| row[column].saturating_sub(now));
        let places = plan.shared_windows().filter(|place| settled.is_some() || is_wanted(place));
        let asked: Vec<Asked> = places
            .map(|place| {
                let (known, owed) = (used(place), used(plan.windows.len() + place));
                Asked { place, amount: amount(place), known, owed }
            })
            .collect();
        let told = shared.ask(connection, budget.key, &plan.windows, &asked, is_drawn, now).await;
        if settled.is_some() {
            self.update(budget, &mut None, now, |row| {
                match &told {
                    Some(told) => plan.note(told, row),
                    None => plan.owe_again(row, &asked, now),
                }
                ((), true)
            });
        }
        told
    }

    /// What is sure to be refused here is drawn nowhere.
    fn may_pass(&self, budget: &Budget, charged: &Price, price: &Price, now: Moment) -> bool {
        let plan = self.plan_of(budget);
        let flood = Price::of(Bucket::Flood, price.from(Bucket::Flood));
        let mut row = self.times(budget, None);
        let mut whole = *charged;
        whole += *price;
        plan.smaller_than(&whole).is_none() && plan.propose(&mut row, &flood, now, NonZeroU32::MIN).is_none()
    }

    /// What is to be told over a new connection; from here on it is settled.
    fn settle(&self, budget: &Budget, number: u64, now: Moment) -> Option<Row> {
        let plan = self.plan_of(budget);
        let windows = plan.windows.len();
        self.update(budget, &mut None, now, |row| {
            let mut is_used = plan.shared_windows().map(|place| row[place].max(row[windows + place]) > now);
            let is_news = row[2 * windows] != number && is_used.any(|used| used);
            let before = is_news.then(|| Row::from_slice(row));
            if is_news {
                row[windows..2 * windows].fill(0);
                row[2 * windows] = number;
            }
            (before, false)
        })
    }

    /// Among how many servers the rates of these buckets are divided, where nobody has told how the client stands.
    pub(super) fn alone(&self, buckets: Buckets, told: Option<&Told>) -> Option<NonZeroU32> {
        let is_alone = self.shared.is_some() && told.is_none() && buckets.is_shared();
        is_alone.then(|| NonZeroU32::new(self.servers.load(Ordering::Relaxed)).unwrap_or(NonZeroU32::MIN))
    }

    /// Lets a budget start full: here, and for all servers that count together.
    ///
    /// # Errors
    /// Why Redis has not forgotten it.
    pub async fn clear(&self, budget: impl Into<Budget>) -> Result<(), String> {
        let budget = budget.into();
        self.store_of(&budget).remove(budget.key);
        match &self.shared {
            Some(shared) => shared.forget(budget.key).await,
            None => Ok(()),
        }
    }

    /// Whether several servers count together, or mean to.
    #[must_use]
    pub fn counts_together(&self) -> bool {
        self.shared.is_some()
    }

    /// Why they cannot at the moment.
    #[must_use]
    pub fn cut_off(&self) -> Option<String> {
        self.shared.as_ref()?.why_lost()
    }
}

impl Plan {
    /// Takes back that it was settled.
    fn owe_again(&self, arrivals: &mut [Moment], asked: &[Asked], now: Moment) {
        for Asked { place, owed, .. } in asked {
            let arrival = &mut arrivals[self.windows.len() + place];
            *arrival = now.max(*arrival) + owed;
        }
    }

    /// Notes what was told: it is what there is to go on with if nobody tells any more.
    pub(super) fn note(&self, told: &Told, arrivals: &mut [Moment]) {
        for (place, arrival) in &told.arrivals {
            arrivals[*place] = *arrival;
        }
        arrivals[2 * self.windows.len()] = told.number;
    }

    /// What counts of a row: what is known, and what this server has let pass as one of so many that count alone.
    pub(super) fn counted(&self, arrivals: &[Moment], alone: Option<NonZeroU32>, now: Moment) -> Row {
        let windows = self.windows.len();
        let mut row = Row::from_slice(&arrivals[..windows]);
        let Some(servers) = alone else { return row };
        for place in self.shared_windows() {
            let owed = arrivals[windows + place].saturating_sub(now);
            if owed > 0 {
                row[place] = row[place].max(now).saturating_add(owed.saturating_mul(servers.get().into()));
            }
        }
        row
    }

    /// Notes what this server has let pass alone; `row` is how the client stands after that.
    pub(super) fn owe(&self, arrivals: &mut [Moment], row: &Row, price: &Price, now: Moment) {
        for (place, window) in self.windows.iter().enumerate() {
            let amount = price.from(window.bucket);
            if window.bucket == Bucket::Flood {
                arrivals[place] = row[place];
            } else if amount > 0 {
                let owed = &mut arrivals[self.windows.len() + place];
                *owed = window.rate.spend(*owed, now, amount);
            }
        }
    }
}
