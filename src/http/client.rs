//! Whose request it is.

use std::net::IpAddr;

use crate::limits::ClientKey;

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    pub key: ClientKey,
    /// On this machine, with no sign of a proxy in between.
    pub is_local: bool,
}
