//! Who may do what: one table, asked inside every use case.

use std::fmt;

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

/// What can be done in the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    ReadFilm,
    Vote,
    AddFilm,
    RemoveFilm,
    ImportFilms,
}

impl Action {
    /// Every action, for the test that plays the table.
    pub const ALL: [Self; 5] =
        [Self::ReadFilm, Self::Vote, Self::AddFilm, Self::RemoveFilm, Self::ImportFilms];

    /// The table: the least role that may.
    #[must_use]
    pub fn needs(self) -> Role {
        match self {
            Self::ReadFilm => Role::Viewer,
            Self::Vote => Role::Voter,
            Self::AddFilm => Role::Editor,
            // An import can change films and choose ids.
            Self::RemoveFilm | Self::ImportFilms => Role::Admin,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReadFilm => "Reading films",
            Self::Vote => "Voting",
            Self::AddFilm => "Adding a film",
            Self::RemoveFilm => "Removing a film",
            Self::ImportFilms => "Importing films",
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
