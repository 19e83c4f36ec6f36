//! `[auth]`: what a caller without a credential may do, and how long a sign-in lasts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::choice;
use super::error::Error;
use super::jwt::Jwt;
use crate::service::caller::Role;

/// `[auth]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// The role of an anonymous caller. Not set: `voter`, but `editor` for a direct call from this machine.
    #[serde(deserialize_with = "choice::optional")]
    pub anonymous_role: Option<Role>,
    /// Seconds that a sign-in lasts.
    pub session_lifetime: u32,
    pub jwt: Jwt,
}

impl Default for Auth {
    fn default() -> Self {
        Self { anonymous_role: None, session_lifetime: 12 * 3_600, jwt: Jwt::default() }
    }
}

/// 90 days, in seconds.
const LONGEST_SESSION: u32 = 90 * 24 * 3_600;

impl Auth {
    /// How long a sign-in lasts.
    #[must_use]
    pub fn session_lifetime(&self) -> Duration {
        Duration::from_secs(self.session_lifetime.into())
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.anonymous_role == Some(Role::Admin) {
            return Err(Error::value(
                "auth.anonymous_role",
                "an anonymous caller cannot be admin; use viewer, voter or editor",
            ));
        }
        if !(60..=LONGEST_SESSION).contains(&self.session_lifetime) {
            let fault = format!("must lie between 60 and {LONGEST_SESSION} seconds");
            return Err(Error::value("auth.session_lifetime", fault));
        }
        self.jwt.check()
    }
}
