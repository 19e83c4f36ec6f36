//! Who may do what: one table, asked inside every use case.

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::action::Action;
use crate::service::caller::{Caller, Credential, Identity, Role};
use crate::service::error::{Error, Result};

/// As whom an operation can be done: anybody; signed in, by whatever credential; by a session, which a password opened; by
/// a session, or as an admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Authentication {
    Anybody,
    /// Whoever showed a credential: there is somebody whose it is.
    SignedIn,
    /// Who gave a password: a key is not enough.
    Session,
    /// Such a one, for what is his own; an admin, for what is anybody's.
    SessionOrAdmin,
}

impl Authentication {
    fn is_of(self, caller: &Caller) -> bool {
        let has_session = matches!(caller.identity, Identity::Account { by: Credential::Session(_), .. });
        match self {
            Self::Anybody => true,
            Self::SignedIn => caller.is_signed_in(),
            Self::Session => has_session,
            Self::SessionOrAdmin => has_session || caller.role == Role::Admin,
        }
    }
}

impl Action {
    /// The table: the least role that may.
    #[must_use]
    pub fn needs(self) -> Role {
        match self {
            Self::ReadFilm
            | Self::ReadOwnVotes
            | Self::LeaveOutVotedFor
            | Self::UseSession
            | Self::UseKeys => Role::Viewer,
            Self::Vote | Self::RemoveVote => Role::Voter,
            Self::AddFilm => Role::Editor,
            // An import can change films and choose ids.
            Self::UpdateFilm
            | Self::RemoveFilm
            | Self::ImportFilms
            | Self::ManageAccounts
            | Self::LimitKey
            | Self::ReadAudit => Role::Admin,
        }
    }

    /// The table's other column: as whom.
    #[must_use]
    pub fn authentication(self) -> Authentication {
        match self {
            Self::RemoveVote | Self::ReadOwnVotes | Self::LeaveOutVotedFor => Authentication::SignedIn,
            Self::UseSession => Authentication::Session,
            Self::UseKeys => Authentication::SessionOrAdmin,
            _ => Authentication::Anybody,
        }
    }
}

/// The refusal of who would have to show a credential for this, and which.
pub(super) fn not_signed_in(action: Action) -> Error {
    let by = match action.authentication() {
        Authentication::Anybody | Authentication::SignedIn => "a session, a key or a token",
        Authentication::Session | Authentication::SessionOrAdmin => "a session",
    };
    Error::NotSignedIn { action, by }
}

/// Asks the table.
///
/// # Errors
/// [`Error::NotSignedIn`] for who would have to sign in first, [`Error::Forbidden`] when the caller's role is below the
/// one that the action needs.
pub fn authorize(caller: &Caller, action: Action) -> Result<()> {
    if !action.authentication().is_of(caller) {
        return Err(not_signed_in(action));
    }
    let needed = action.needs();
    if caller.role >= needed {
        return Ok(());
    }
    Err(Error::Forbidden { action, needed, role: caller.role })
}
