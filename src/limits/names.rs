//! The header that names the policies, kept.

use std::sync::OnceLock;

use http::HeaderValue;

use super::bucket::Buckets;

/// The values of the header that names the policies: one for each set of buckets, made when it is first wanted.
#[derive(Debug)]
pub(super) struct Names(pub(super) [OnceLock<HeaderValue>; Buckets::SETS]);

impl Default for Names {
    fn default() -> Self {
        Self([const { OnceLock::new() }; Buckets::SETS])
    }
}
