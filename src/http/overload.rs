//! A bound on requests in work. Past it a refusal at once is kinder than an answer too late: what is in work is
//! finished at full speed, and the client knows when to come again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::http::problem::Problem;

const DETAIL: &str =
    "Too many requests are in work here. Nothing was done or charged; please try again shortly.";

/// Counts requests in work.
#[derive(Debug)]
pub struct Overload {
    most: usize,
    in_work: AtomicUsize,
}

impl Overload {
    /// At most so many at once.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, in_work: AtomicUsize::new(0) }
    }

    /// How many requests are in work.
    #[must_use]
    pub fn in_work(&self) -> usize {
        self.in_work.load(Ordering::Relaxed)
    }

    /// A place for a request, or for an operation over a WebSocket.
    ///
    /// # Errors
    /// The refusal. It costs no quota.
    pub fn hold(self: &Arc<Self>) -> Result<Place, Problem> {
        let place = Place { overload: Arc::clone(self), is_held: AtomicBool::new(false) };
        if place.take() { Ok(place) } else { Err(refusal()) }
    }
}

/// The refusal.
#[must_use]
pub fn refusal() -> Problem {
    Problem::unavailable(DETAIL)
}

/// A place in the count, which is given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    overload: Arc<Overload>,
    is_held: AtomicBool,
}

impl Place {
    /// Takes the place unless there is none; `true` if it is held.
    pub fn take(&self) -> bool {
        if self.is_held.load(Ordering::Relaxed) {
            return true;
        }
        let more = |in_work| (in_work < self.overload.most).then_some(in_work + 1);
        let is_free = self.overload.in_work.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        self.is_held.store(is_free, Ordering::Relaxed);
        is_free
    }

    /// Gives it back for now.
    pub fn lend(&self) {
        if self.is_held.swap(false, Ordering::Relaxed) {
            self.overload.in_work.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.lend();
    }
}

/// A place that is shared with the body of its request, which lends it while it waits for the client. It is given back when
/// this is dropped, whatever becomes of the body.
#[derive(Debug)]
pub struct Shared(Arc<Place>);

impl From<Place> for Shared {
    fn from(place: Place) -> Self {
        Self(Arc::new(place))
    }
}

impl Shared {
    /// For the body.
    #[must_use]
    pub fn place(&self) -> Arc<Place> {
        Arc::clone(&self.0)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.0.lend();
    }
}
