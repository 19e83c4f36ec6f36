//! Films: what they are, and what can be done with them.

pub mod add;
pub mod filter;
pub mod group;
mod groups;
pub mod list;
pub mod read;
pub mod remove;
pub(super) mod row;
pub mod service;
pub mod subscribe;
pub mod types;
pub mod update;
pub(super) mod validate;
