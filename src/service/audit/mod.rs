//! What happened that matters for security: who did it, from where, by which request. A change is kept with the change
//! itself, in one transaction; refusals, which can come in floods, are counted and sampled. All of it is told to the log.

pub(super) mod entry;
mod list;
pub(super) mod refusals;
mod retention;
mod tallies;

pub use entry::{Entry, Event, Refusal};
pub use list::{AuditEvent, AuditFilter, audit_events};
pub use refusals::Refusals;
