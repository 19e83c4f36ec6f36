//! All that a database holds, taken into another one: from SQLite to PostgreSQL, row by row, with its ids.
//!
//! `table` knows the tables from their entities, so that a new column is copied without a word here. `walk` reads one in
//! the order of its key, `pairs` two side by side. `run` does the work, and may do it again after a break; `target` says
//! into which databases.

mod counters;
mod error;
mod pairs;
mod row;
mod run;
mod table;
mod target;
mod walk;
mod watch;

pub use error::CopyError;
pub use run::{Compared, Copied, Progress, Side, Step, copy};
