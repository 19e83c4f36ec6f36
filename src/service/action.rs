//! What can be done behind the surfaces; who may do it stands in `policy`.

use strum::{Display, VariantArray};

/// What can be done.
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
    #[strum(to_string = "Reading your own votes")]
    ReadOwnVotes,
    #[strum(to_string = "Leaving out the films that you have voted for")]
    LeaveOutVotedFor,
    #[strum(to_string = "Signing out or changing a password")]
    UseSession,
    #[strum(to_string = "Seeing to keys")]
    UseKeys,
    #[strum(to_string = "Giving a key limits of its own")]
    LimitKey,
}
