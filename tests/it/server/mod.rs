//! Connections, TLS and stops.

mod connections;
mod drain;
mod early;
mod health;
pub(crate) mod http2;
mod tls;
mod tls_plain;
mod tls_reload;
mod tls_start;
