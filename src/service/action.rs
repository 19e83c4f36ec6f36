//! What can be done behind the surfaces; who may do it stands in `policy`.

use std::fmt;

/// What can be done in the service.
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
