//! The GraphQL surface: guard, parse, measure, validate, price, quota, and only then the service.
//!
//! Everything of async-graphql stays within this folder.

mod charge;
mod coerce;
mod conflicts;
mod error;
mod execute;
mod extension;
#[doc(hidden)]
pub mod guard;
pub mod http;
mod measure;
mod parse;
mod price;
#[doc(hidden)]
pub mod readers;
mod request;
mod response;
mod root_fields;
pub mod schema;
mod socket;
mod sse;
pub mod state;
mod subscription_size;
