//! The GraphQL door: guard, parse, measure, validate, price, quota, and only then the hall.
//!
//! Everything of async-graphql stays within this folder.

mod charge;
mod coerce;
mod conflicts;
mod error;
mod extension;
mod guard;
pub mod http;
mod measure;
mod mutation;
mod parse;
mod price;
mod query;
mod request;
mod response;
mod root_fields;
pub mod schema;
mod types;
mod visit;
