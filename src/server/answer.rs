//! Who answers what a connection brings.

use std::net::SocketAddr;

use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;

/// What answers requests.
pub trait Answer: Clone + Send + Sync + 'static {
    /// The answer to a request of this peer. Dropped when its client goes away.
    fn answer(self, request: Request<Incoming>, peer: SocketAddr) -> impl Future<Output = Response> + Send;
}
