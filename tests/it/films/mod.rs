//! Films and votes.

mod changes;
mod idempotency;
mod list;
mod memory;
mod names;
mod races;
mod search;
mod signed_votes;
mod update;
mod votes;
