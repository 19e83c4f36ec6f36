//! Films and votes.

mod changes;
mod idempotency;
mod list;
mod memory;
mod names;
mod own_votes;
mod races;
mod search;
mod shuffle;
mod signed_votes;
mod unseen;
mod update;
mod votes;
