//! Counting together with other servers, and alone while they cannot.
//!
//! Each server notes what it is told of a client. While nobody tells, it lets its share of each rate pass, less what it
//! knows to be used, and notes what it lets pass: it owes that. The first call of a client that comes through again tells
//! both, so that neither a Redis that was away nor one that has forgotten hands out a budget twice.
//!
//! So the row of a client has, for each window, the arrival time that is known, then for each window that of what is owed,
//! and at last the number of the connection over which was told.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::bucket::{Bucket, Buckets, Price};
use super::key::Key;
use super::limiter::{Drawing, Limiter};
use super::local::Row;
use super::shared::{Asked, SharedStore, Told};
use super::window::Moment;

impl Limiter {
    /// The same, counting together with other servers in what all of them share, but for `flood`.
    #[must_use]
    pub fn together(mut self, shared: SharedStore) -> Self {
        self.store = Arc::new(self.store.with_columns(2 * self.windows.len() + 1));
        self.shared = Some(shared);
        self
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

    /// Tells how many servers count together: each takes its share when they no longer can.
    pub fn set_servers(&self, servers: u32) {
        self.servers.store(servers, Ordering::Relaxed);
    }

    /// What the servers that count together know of the client, after they have drawn what is drawn from them. Nothing
    /// where this process counts alone, for whatever reason: then [`Limiter::decide`] does.
    pub async fn ask(
        &self,
        key: impl Into<Key>,
        price: &Price,
        drawing: Drawing,
        now: Moment,
    ) -> Option<Box<Told>> {
        let shared = self.shared.as_ref().filter(|_| self.enabled)?;
        // Boxed, so that who counts alone carries no more than a pointer.
        Box::pin(self.ask_for(shared, key.into(), Some(price), drawing, now)).await
    }

    /// The same about all windows, and nothing is drawn.
    pub(super) async fn ask_how(&self, key: Key, now: Moment) -> Option<Box<Told>> {
        Box::pin(self.ask_for(self.shared.as_ref()?, key, None, Drawing::Dry, now)).await
    }

    async fn ask_for(
        &self,
        shared: &SharedStore,
        key: Key,
        price: Option<&Price>,
        drawing: Drawing,
        now: Moment,
    ) -> Option<Box<Told>> {
        let amount = |place: usize| price.map_or(0, |price| price.from(self.windows[place].bucket));
        let is_wanted = |place: &usize| price.is_none() || amount(*place) > 0;
        if !self.shared_windows().any(|place| is_wanted(&place)) {
            return None;
        }
        let connection = shared.connection()?;
        let settled = self.settle(key, connection.number, now);
        let used = |column: usize| settled.as_ref().map_or(0, |row| row[column].saturating_sub(now));
        let places = self.shared_windows().filter(|place| settled.is_some() || is_wanted(place));
        let asked: Vec<Asked> = places
            .map(|place| {
                let (known, owed) = (used(place), used(self.windows.len() + place));
                Asked { place, amount: amount(place), known, owed }
            })
            .collect();
        let is_drawn = drawing == Drawing::Real && price.is_some_and(|price| self.may_pass(key, price, now));
        let told = shared.ask(connection, key, &self.windows, &asked, is_drawn, now).await;
        if settled.is_some() {
            self.store.update(key, &mut None, now, |row| {
                match &told {
                    Some(told) => self.note(told, row),
                    None => self.owe_again(row, &asked, now),
                }
                ((), true)
            });
        }
        told
    }

    /// What is sure to be refused here is drawn nowhere.
    fn may_pass(&self, key: Key, price: &Price, now: Moment) -> bool {
        let flood = Price::of(Bucket::Flood, price.from(Bucket::Flood));
        let is_free =
            || self.propose(&mut self.store.look(key, None), &flood, now, NonZeroU32::MIN).is_none();
        self.smaller_than(price).is_none() && is_free()
    }

    /// What is to be told over a new connection; from here on it is settled.
    fn settle(&self, key: Key, number: u64, now: Moment) -> Option<Row> {
        let windows = self.windows.len();
        self.store.update(key, &mut None, now, |row| {
            let mut is_used = self.shared_windows().map(|place| row[place].max(row[windows + place]) > now);
            let is_news = row[2 * windows] != number && is_used.any(|used| used);
            let before = is_news.then(|| Row::from_slice(row));
            if is_news {
                row[windows..2 * windows].fill(0);
                row[2 * windows] = number;
            }
            (before, false)
        })
    }

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

    /// Among how many servers the rates of these buckets are divided, where nobody has told how the client stands.
    pub(super) fn alone(&self, buckets: Buckets, told: Option<&Told>) -> Option<NonZeroU32> {
        let is_alone = self.shared.is_some() && told.is_none() && buckets.is_shared();
        is_alone.then(|| NonZeroU32::new(self.servers.load(Ordering::Relaxed)).unwrap_or(NonZeroU32::MIN))
    }

    /// The windows that servers count together, by their places.
    fn shared_windows(&self) -> impl Iterator<Item = usize> {
        (0..self.windows.len()).filter(|place| self.windows[*place].bucket != Bucket::Flood)
    }
}
