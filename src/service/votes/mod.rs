//! Votes: what they are, and how they come to the disk.

mod at_once;
mod ballot;
mod cast;
mod films;
mod held;
pub mod own;
pub(super) mod rows;
pub mod types;
pub(super) mod writer;

pub use writer::Groups;
