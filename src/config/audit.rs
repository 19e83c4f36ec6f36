//! `[audit]`: how long it is kept what happened.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Error;

/// `[audit]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// Days that an event is kept; 0: for ever.
    pub keep_days: u32,
}

impl Default for Audit {
    fn default() -> Self {
        Self { keep_days: 365 }
    }
}

/// A hundred years, in days.
const LONGEST: u32 = 36_500;

impl Audit {
    /// How long an event is kept; `None`: for ever.
    #[must_use]
    pub fn keep(&self) -> Option<Duration> {
        (self.keep_days > 0).then(|| Duration::from_hours(24 * u64::from(self.keep_days)))
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.keep_days > LONGEST {
            let fault = format!("must be at most {LONGEST}; 0 keeps events for ever");
            return Err(Error::value("audit.keep_days", fault));
        }
        Ok(())
    }
}
