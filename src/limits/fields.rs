//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers) for every window that applied: structured
//! fields, a list each, of policy names with parameters.

use std::fmt::Write as _;

use http::HeaderValue;

use super::bucket::Buckets;
use super::draws::Draws;
use super::limiter::Limiter;

/// Both headers of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// `RateLimit-Policy`.
    pub policy: HeaderValue,
    /// `RateLimit`.
    pub limit: HeaderValue,
}

/// Bytes that a value of four windows needs.
const ROOM: usize = 128;

impl Limiter {
    /// What an answer tells of what its request has drawn, from its address and from who has signed in; nothing where no
    /// window applied.
    #[must_use]
    pub fn fields(&self, draws: &Draws, signed_in: Option<&Draws>) -> Option<Fields> {
        let applied = |draws: &&Draws| draws.applied != Buckets::default();
        let (of_address, of_signed_in) = (Some(draws).filter(applied), signed_in.filter(applied));
        let all = || of_address.into_iter().chain(of_signed_in);
        let retry_after = all().map(|draws| draws.retry_after).max()?;
        let mut limit = String::with_capacity(ROOM);
        for (window, remaining, reset) in all().flat_map(|draws| self.left(draws, retry_after)) {
            // Piece by piece: it is on every answer, and the machinery of `write!` would cost more than all else here.
            limit.push_str(comma(&limit));
            limit.push('"');
            limit.push_str(&window.name);
            limit.push_str("\";r=");
            limit.push_str(itoa::Buffer::new().format(remaining));
            if let Some(reset) = reset {
                limit.push_str(";t=");
                limit.push_str(itoa::Buffer::new().format(reset));
            }
        }
        let policy = match (of_address, of_signed_in) {
            (Some(one), Some(other)) => {
                let both = [one, other].map(|draws| self.policy(draws).to_str().unwrap_or_default());
                value(both.join(", "))
            }
            (Some(draws), None) | (None, Some(draws)) => self.policy(draws).clone(),
            (None, None) => return None,
        };
        Some(Fields { policy, limit: value(limit) })
    }

    fn policy<'a>(&'a self, draws: &'a Draws) -> &'a HeaderValue {
        self.plan_of(&draws.budget).names[draws.applied.number()].get_or_init(|| {
            let mut policy = String::new();
            for (window, ..) in self.left(draws, 0) {
                let seconds = window.length.as_secs();
                let (name, quota) = (&window.name, window.quota);
                // Writing to a string cannot fail.
                let _ = write!(policy, "{}\"{name}\";q={quota};w={seconds}", comma(&policy));
            }
            value(policy)
        })
    }
}

fn comma(text: &str) -> &'static str {
    if text.is_empty() { "" } else { ", " }
}

fn value(text: String) -> HeaderValue {
    // Names and numbers are what a header may hold.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}
