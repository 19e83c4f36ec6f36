//! What one request draws, and how its client stands after that: noted by each draw, read once when its answer is made.

use std::num::NonZeroU32;

use super::bucket::{Buckets, Price};
use super::local::{Place, Row};
use super::plan::Budget;
use super::window::Moment;

/// The draws of one request. The client is looked up by the first of them; the next ones know the place.
#[derive(Debug, Clone)]
pub struct Draws {
    /// All that was drawn.
    pub charged: Price,
    pub(super) budget: Budget,
    pub(super) place: Option<Place>,
    /// The buckets that applied, and how the client stood in their windows when this was noted last.
    pub(super) applied: Buckets,
    pub(super) row: Row,
    pub(super) noted_at: Moment,
    /// Among how many servers the rates were divided then.
    pub(super) servers: NonZeroU32,
    /// Whole seconds until a refused price would pass; 0 without a refusal.
    pub(super) retry_after: u64,
}

impl Draws {
    /// Those of a request that has not drawn yet.
    #[must_use]
    pub fn of(budget: impl Into<Budget>) -> Self {
        Self {
            charged: Price::default(),
            budget: budget.into(),
            place: None,
            applied: Buckets::default(),
            row: Row::new(),
            noted_at: 0,
            servers: NonZeroU32::MIN,
            retry_after: 0,
        }
    }

    /// Whose budget is drawn from.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.budget
    }
}
