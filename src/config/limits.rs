//! `[limits]`: the policies of each bucket.

use std::collections::HashSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::list;
use crate::limits::{Policies, Policy, parse_policies};

/// `[limits]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// `false` switches all of it off, flood too.
    pub enabled: bool,
    /// Where arrival times are kept: `memory://`.
    pub storage: String,
    /// Clients that are remembered at most.
    pub max_keys: usize,
    #[serde(deserialize_with = "list::policies", serialize_with = "list::policy_texts")]
    pub film: Vec<Policy>,
    #[serde(deserialize_with = "list::policies", serialize_with = "list::policy_texts")]
    pub add_film: Vec<Policy>,
    #[serde(deserialize_with = "list::policies", serialize_with = "list::policy_texts")]
    pub browse: Vec<Policy>,
    #[serde(deserialize_with = "list::policies", serialize_with = "list::policy_texts")]
    pub login: Vec<Policy>,
    #[serde(deserialize_with = "list::policies", serialize_with = "list::policy_texts")]
    pub flood: Vec<Policy>,
}

impl Default for Limits {
    fn default() -> Self {
        let policies = |text| parse_policies(text).unwrap_or_default();
        Self {
            enabled: true,
            storage: "memory://".to_owned(),
            max_keys: 1_000_000,
            film: policies("1/second, 50/hour, 200/day"),
            add_film: policies("1/second, 50/hour, 200/day"),
            browse: policies("10/second, 2000/hour"),
            login: policies("5/minute, 30/hour"),
            flood: policies("100/second"),
        }
    }
}

impl Limits {
    /// The policies of each bucket.
    #[must_use]
    pub fn policies(&self) -> Policies {
        Policies {
            film: self.film.clone(),
            add_film: self.add_film.clone(),
            browse: self.browse.clone(),
            login: self.login.clone(),
            flood: self.flood.clone(),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.storage != "memory://" {
            return Err(Error::value(
                "limits.storage",
                "this version keeps limits in memory only; use \"memory://\"",
            ));
        }
        for (key, policies) in [
            ("limits.film", &self.film),
            ("limits.add_film", &self.add_film),
            ("limits.browse", &self.browse),
            ("limits.login", &self.login),
            ("limits.flood", &self.flood),
        ] {
            let windows: HashSet<Duration> = policies.iter().map(Policy::window).collect();
            if windows.len() < policies.len() {
                return Err(Error::value(key, "two policies have the same window; keep the smaller one"));
            }
        }
        if !(1..=100_000_000).contains(&self.max_keys) {
            return Err(Error::value("limits.max_keys", "must lie between 1 and 100000000"));
        }
        Ok(())
    }
}
