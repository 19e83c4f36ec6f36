//! Changes under a key of the client's: made once, however often they are asked for.
//!
//! The row that says so is written in the transaction of the change itself. So a change whose answer was lost is known
//! as made, on every server and after every crash, and one that failed is not.

mod begin;
pub mod once;
pub(super) mod rows;
pub(super) mod running;
mod sweep;
