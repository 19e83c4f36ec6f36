//! Who may do what: one table, asked inside every use case.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::caller::{Caller, Credential, Identity};
use super::error::{Error, Result};

/// What a caller may be. Each role includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Viewer,
    Voter,
    Editor,
    Admin,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Viewer => "viewer",
            Self::Voter => "voter",
            Self::Editor => "editor",
            Self::Admin => "admin",
        })
    }
}

/// A word that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be viewer, voter, editor or admin")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        match text {
            "viewer" => Ok(Self::Viewer),
            "voter" => Ok(Self::Voter),
            "editor" => Ok(Self::Editor),
            "admin" => Ok(Self::Admin),
            _ => Err(UnknownRole),
        }
    }
}

/// What can be done in the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    ReadFilm,
    Vote,
    AddFilm,
    UpdateFilm,
    RemoveFilm,
    ImportFilms,
    ManageAccounts,
    ReadAudit,
    RemoveVote,
    UseSession,
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
    /// Every action, for the test that plays the table.
    pub const ALL: [Self; 11] = [
        Self::ReadFilm,
        Self::Vote,
        Self::AddFilm,
        Self::UpdateFilm,
        Self::RemoveFilm,
        Self::ImportFilms,
        Self::ManageAccounts,
        Self::ReadAudit,
        Self::RemoveVote,
        Self::UseSession,
        Self::UseKeys,
    ];

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

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReadFilm => "Reading films",
            Self::Vote => "Voting",
            Self::AddFilm => "Adding a film",
            Self::UpdateFilm => "Changing a film",
            Self::RemoveFilm => "Removing a film",
            Self::ImportFilms => "Importing films",
            Self::ManageAccounts => "Managing accounts",
            Self::ReadAudit => "Reading the audit",
            Self::RemoveVote => "Withdrawing a vote",
            Self::UseSession => "Seeing to a session",
            Self::UseKeys => "Seeing to keys",
        })
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
