//! The GraphQL surface: a document is prepared, priced and admitted, and only then the service is asked.
//!
//! Everything of async-graphql stays within this folder.

mod document;
mod error;
mod execute;
mod fault;
mod guard;
pub mod http;
mod ids;
mod price;
#[doc(hidden)]
pub mod readers;
mod reference;
mod request;
mod response;
pub mod schema;
mod socket;
mod sse;
pub mod state;
mod subscription_size;

pub use document::Trusted;
