//! Who may do what: one table, asked inside every use case.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::caller::Caller;
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
}

impl Action {
    /// Every action, for the test that plays the table.
    pub const ALL: [Self; 8] = [
        Self::ReadFilm,
        Self::Vote,
        Self::AddFilm,
        Self::UpdateFilm,
        Self::RemoveFilm,
        Self::ImportFilms,
        Self::ManageAccounts,
        Self::ReadAudit,
    ];

    /// The table: the least role that may.
    #[must_use]
    pub fn needs(self) -> Role {
        match self {
            Self::ReadFilm => Role::Viewer,
            Self::Vote => Role::Voter,
            Self::AddFilm => Role::Editor,
            // An import can change films and choose ids.
            Self::UpdateFilm
            | Self::RemoveFilm
            | Self::ImportFilms
            | Self::ManageAccounts
            | Self::ReadAudit => Role::Admin,
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
        })
    }
}

/// Asks the table.
///
/// # Errors
/// [`Error::Forbidden`] when the caller's role is below the one that the action needs.
pub fn authorize(caller: &Caller, action: Action) -> Result<()> {
    let needed = action.needs();
    if caller.role >= needed {
        return Ok(());
    }
    Err(Error::Forbidden { action, needed, role: caller.role })
}
