//! Whose budget a caller draws from.

use crate::limits::{Budget, Limiter, Tier};
use crate::service::caller::{Caller, Credential, Identity, Role};

/// The tier of a role; a viewer has none, and so the limits of their address.
#[must_use]
pub fn tier(role: Role) -> Option<Tier> {
    match role {
        Role::Viewer => None,
        Role::Voter => Some(Tier::Voter),
        Role::Editor => Some(Tier::Editor),
        Role::Admin => Some(Tier::Admin),
    }
}

/// The budget of who has signed in, where it is not that of their address: a key's own; or that of the account, by its
/// role and not by that of a key, so that all of its keys and sessions draw from one; or that of the subject of a token, by
/// the role which that gives.
#[must_use]
pub fn budget(limiter: &Limiter, caller: &Caller) -> Option<Budget> {
    let who = || caller.voter().map(|voter| voter.to_string());
    match &caller.identity {
        Identity::Anonymous | Identity::Operator => None,
        Identity::External { .. } => limiter.budget(tier(caller.role), who, None),
        Identity::Account { role, by, limits, .. } => {
            let own = match by {
                Credential::Key(id) => limits.as_deref().map(|limits| (*id, limits)),
                Credential::Session(_) => None,
            };
            limiter.budget(tier(*role), who, own)
        }
    }
}
