//! Why the limiter says no.

use super::bucket::Bucket;

/// Why a price was not admitted. Nothing was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal<'a> {
    /// It would pass later.
    OverQuota {
        /// That of the first window that refused.
        bucket: Bucket,
        /// Whole seconds.
        retry_after: u64,
        /// Names of the windows that refused.
        violated: Vec<&'a str>,
        /// What could be written for the bucket instead.
        raised: &'a str,
    },
    /// It is more than a window ever holds.
    AboveBurst {
        /// The window with the smallest burst.
        window: &'a str,
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
