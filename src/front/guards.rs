//! What stands before every entrance.

use std::sync::Arc;

use axum::http::HeaderMap;

use crate::front::client_ip::ClientIp;
use crate::front::host::Hosts;
use crate::http::origins::Origins;
use crate::limits::Limiter;
use crate::service::audit::Refusals;

/// What stands before every entrance.
#[derive(Clone)]
pub struct Guards {
    pub client_ip: Arc<ClientIp>,
    pub limiter: Arc<Limiter>,
    pub hosts: Arc<Hosts>,
    pub origins: Arc<Origins>,
    /// Bytes.
    pub max_header: usize,
    /// On every answer.
    pub headers: HeaderMap,
    pub refusals: Arc<Refusals>,
}
