//! What the limiter has said, counted by bucket and outcome.

use metrics::Counter;
use strum::{EnumCount, IntoStaticStr, VariantArray};

use super::bucket::{Bucket, Price};
use super::decision::Refusal;

/// What the limiter says of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    Passed,
    OverQuota,
    AboveBurst,
    AboveShare,
}

/// Counters of what was said.
#[derive(Debug)]
pub struct Decisions {
    said: [[Counter; Outcome::COUNT]; Bucket::ALL.len()],
    /// Of those without a word of Redis, where there is one.
    local: Counter,
}

impl Decisions {
    /// With a counter for each, by the names of bucket and outcome.
    #[must_use]
    pub fn new(counter: impl Fn(&'static str, &'static str) -> Counter, local: Counter) -> Self {
        let of = |bucket: Bucket| {
            std::array::from_fn(|place| counter(bucket.name(), Outcome::VARIANTS[place].into()))
        };
        Self { said: Bucket::ALL.map(of), local }
    }

    /// Notes what was said to a price. `is_local`: by this server alone, though it counts together with others.
    pub(super) fn note(&self, price: &Price, decided: &Result<(), Refusal>, is_local: bool) {
        self.local.increment(is_local.into());
        let said = |bucket: Bucket, outcome: Outcome| {
            self.said[bucket.index()][outcome as usize].increment(1);
        };
        match decided {
            Ok(()) => {
                Bucket::ALL
                    .into_iter()
                    .filter(|bucket| price.from(*bucket) > 0)
                    .for_each(|bucket| said(bucket, Outcome::Passed));
            }
            Err(Refusal::OverQuota { bucket, .. }) => said(*bucket, Outcome::OverQuota),
            Err(Refusal::AboveBurst { bucket, .. }) => said(*bucket, Outcome::AboveBurst),
            Err(Refusal::AboveShare { bucket, .. }) => said(*bucket, Outcome::AboveShare),
        }
    }
}
