//! What is decided and told about a budget.

use std::sync::Arc;

use super::bucket::Bucket;
use super::policies::Tier;

/// How a client stands in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `film-1h`, or `voter-film-1h`.
    pub name: Arc<str>,
    /// Whose policies count; `None` for an address's.
    pub tier: Option<Tier>,
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

/// Why a price was not admitted. Nothing was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It would pass later.
    OverQuota {
        /// That of the first window that refused.
        bucket: Bucket,
        /// Whole seconds.
        retry_after: u64,
        /// Names of the windows that refused.
        violated: Vec<Arc<str>>,
        /// Whose policies they are; `None` for those of addresses.
        tier: Option<Tier>,
        /// What could be written for the bucket instead.
        raised: Arc<str>,
    },
    /// It is more than a window ever holds.
    AboveBurst {
        /// The window with the smallest burst.
        window: Arc<str>,
        bucket: Bucket,
        price: u32,
        burst: u32,
    },
    /// It is more than the share of this server holds, and the servers cannot count together.
    AboveShare {
        bucket: Bucket,
        /// Whole seconds.
        retry_after: u64,
    },
}

/// Whether what passes is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    Real,
    /// Nothing is drawn yet, but a refusal is one.
    Ahead,
    /// Nothing is drawn: it is told whether it would pass.
    Dry,
}
