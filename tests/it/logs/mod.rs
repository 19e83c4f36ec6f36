//! The log and the audit.

mod audit_events;
mod canary;
mod fields;
mod line_breaks;
mod lines;
mod traces;
