//! What both surfaces know of HTTP.

pub mod accept;
pub mod body;
pub mod client;
pub mod context;
pub mod credential;
pub mod cross_site;
pub mod event_stream;
pub mod log_line;
pub mod origins;
pub mod overload;
pub mod problem;
pub mod streams;
