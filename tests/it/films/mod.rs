//! Films and votes.

mod changes;
mod list;
mod names;
mod races;
mod signed_votes;
mod update;
mod votes;
