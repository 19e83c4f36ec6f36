//! The GraphQL door: guard, parse, measure, validate, price, quota, and only then the hall.
//!
//! Everything of async-graphql stays within this folder.

mod account_types;
mod audit_events;
mod charge;
mod coerce;
mod conflicts;
mod date_time;
mod error;
mod extension;
mod fragments;
#[doc(hidden)]
pub mod guard;
mod handshake;
pub mod http;
mod kept;
mod measure;
mod mutation;
mod operation;
mod operations;
mod parse;
mod price;
mod protocol;
mod query;
#[cfg(any(test, fuzzing))]
pub(crate) mod readers;
mod request;
mod response;
mod root_fields;
pub mod schema;
mod socket_operation;
mod sse;
mod subscription;
mod types;
mod visit;
mod websocket;
