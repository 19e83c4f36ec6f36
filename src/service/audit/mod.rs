//! What happened that matters for security: who did it, from where, by which request. Kept with the change itself, in one
//! transaction, and told to the log.

mod entry;

pub use entry::{Entry, Event};
