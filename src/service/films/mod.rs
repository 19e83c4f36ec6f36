//! Films: what they are, and what can be done with them.

pub mod add;
pub mod filter;
pub mod group;
mod groups;
pub mod list;
pub mod order;
pub mod random;
pub mod read;
pub mod remove;
pub(super) mod row;
mod search;
pub mod service;
mod shuffled;
mod stored;
pub mod subscribe;
pub mod types;
pub mod update;
pub(super) mod validate;
pub(super) mod walk;
mod words;
