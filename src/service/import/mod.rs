//! Films by the thousand: what is read from a file, and what is written to one.

pub mod batch;
pub mod export;
mod plan;
mod rows;
pub mod types;
