//! What every request passes before a door opens, in the order that `router` shows.

pub mod accept;
pub mod audit;
pub mod body;
pub mod call;
pub mod caps;
pub mod client_ip;
pub mod cors;
pub mod cross_site;
pub mod encoding;
pub mod event_stream;
pub mod flood;
pub mod host;
pub mod https_only;
pub mod identity;
pub mod login;
pub mod overload;
pub mod panic;
pub mod problem;
pub mod rate_limit;
pub mod request_id;
pub mod request_log;
pub mod security_headers;
pub mod streams;
pub mod timeout;
pub mod traffic;

pub use call::{Call, Door};
pub use problem::Problem;
