//! What both surfaces know of HTTP.

pub mod accept;
pub mod body;
pub mod budget;
pub mod cacheable;
pub mod catalogue;
pub mod compression;
pub mod context;
pub mod credential;
pub mod encoding;
pub mod event_stream;
pub mod form;
pub mod host;
pub mod idempotency;
pub mod json;
pub mod list;
pub mod log_line;
pub mod origins;
pub mod overload;
pub mod problem;
pub mod query_method;
mod service_error;
pub mod streams;
