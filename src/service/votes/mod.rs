//! Votes: what they are, and how they come to the disk.

mod at_once;
mod cast;
pub mod own;
pub(super) mod rows;
pub mod types;
pub(super) mod writer;

pub use writer::Groups;
