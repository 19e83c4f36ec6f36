//! Who may do what: one table, asked inside every use case.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, VariantArray};

use super::caller::{Caller, Credential, Identity};
use super::error::{Error, Result};

/// What a caller may be. Each role includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_fn = UnknownRole::of, parse_err_ty = UnknownRole)]
pub enum Role {
    Viewer,
    Voter,
    Editor,
    Admin,
}

/// A word that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be viewer, voter, editor or admin")]
pub struct UnknownRole;

impl UnknownRole {
    fn of(_: &str) -> Self {
        Self
    }
}

/// What can be done in the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, VariantArray)]
pub enum Action {
    #[strum(to_string = "Reading films")]
    ReadFilm,
    #[strum(to_string = "Voting")]
    Vote,
    #[strum(to_string = "Adding a film")]
    AddFilm,
    #[strum(to_string = "Changing a film")]
    UpdateFilm,
    #[strum(to_string = "Removing a film")]
    RemoveFilm,
    #[strum(to_string = "Importing films")]
    ImportFilms,
    #[strum(to_string = "Managing accounts")]
    ManageAccounts,
    #[strum(to_string = "Reading the audit")]
    ReadAudit,
    #[strum(to_string = "Withdrawing a vote")]
    RemoveVote,
    #[strum(to_string = "Seeing to a session")]
    UseSession,
    #[strum(to_string = "Seeing to keys")]
    UseKeys,
}

/// As whom an action can be done, besides the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Anybody,
    /// Whoever showed a credential: there is somebody whose it is.
    SignedIn,
    /// Who gave a password: a key is not enough.
    Session,
    /// Such a one, for what is his own; an admin, for what is anybody's.
    SessionOrAdmin,
}

impl Standing {
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
            Self::ReadFilm | Self::UseSession | Self::UseKeys => Role::Viewer,
            Self::Vote | Self::RemoveVote => Role::Voter,
            Self::AddFilm => Role::Editor,
            // An import can change films and choose ids.
            Self::UpdateFilm
            | Self::RemoveFilm
            | Self::ImportFilms
            | Self::ManageAccounts
            | Self::ReadAudit => Role::Admin,
        }
    }

    /// The table's other column: as whom.
    #[must_use]
    pub fn standing(self) -> Standing {
        match self {
            Self::RemoveVote => Standing::SignedIn,
            Self::UseSession => Standing::Session,
            Self::UseKeys => Standing::SessionOrAdmin,
            _ => Standing::Anybody,
        }
    }
}

/// Asks the table.
///
/// # Errors
/// [`Error::NotSignedIn`] for who would have to sign in first, [`Error::Forbidden`] when the caller's role is below the
/// one that the action needs.
pub fn authorize(caller: &Caller, action: Action) -> Result<()> {
    if !action.standing().is_of(caller) {
        return Err(Error::NotSignedIn);
    }
    let needed = action.needs();
    if caller.role >= needed {
        return Ok(());
    }
    Err(Error::Forbidden { action, needed, role: caller.role })
}
