//! What every request passes before a surface, in the order that `router` shows.

pub mod audit;
pub mod caps;
pub mod client_ip;
pub mod cors;
pub mod encoding;
pub mod enter;
pub mod flood;
pub mod host;
pub mod https_only;
pub mod panic;
pub mod rate_limit;
pub mod request_id;
pub mod security_headers;
pub mod traffic;
