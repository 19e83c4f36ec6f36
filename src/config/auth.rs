//! `[auth]`: what a caller without a credential may do.

use serde::{Deserialize, Serialize};

use super::load::Error;
use super::{Jwt, choice};
use crate::service::policy::Role;

/// `[auth]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// The role of an anonymous caller. Not set: `voter`, but `editor` for a direct call from this machine.
    #[serde(deserialize_with = "choice::optional")]
    pub anonymous_role: Option<Role>,
    pub jwt: Jwt,
}

impl Auth {
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.anonymous_role == Some(Role::Admin) {
            return Err(Error::value(
                "auth.anonymous_role",
                "an anonymous caller cannot be admin; use viewer, voter or editor",
            ));
        }
        self.jwt.check()
    }
}
