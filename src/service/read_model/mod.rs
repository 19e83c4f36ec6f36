//! The films in memory: loaded at the start, changed after each commit, and told of what others commit.

pub(super) mod catalogue;
pub(super) mod changes;
mod changes_postgres;
mod changes_sqlite;
mod ids;
mod index;
mod load;
mod names;
mod pages;
mod refresh;
mod shuffled;
mod state;
mod table;
pub mod topics;
