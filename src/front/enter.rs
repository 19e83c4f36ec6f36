//! The beginning and the end of a request.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use crate::front::client_ip::ClientIp;
use crate::front::request_id;
use crate::http::context::{Context, Surface};
use crate::http::log_line;

/// The outermost layer: request id, client, log.
pub async fn enter(State(client_ip): State<Arc<ClientIp>>, mut request: Request, next: Next) -> Response {
    // A missing peer is nobody: never loopback, never a trusted proxy.
    let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(nobody, |info| info.0);
    let context = Arc::new(Context::new(
        request_id::read(request.headers()),
        Surface::of(request.uri().path()),
        client_ip.resolve(peer, request.headers()),
    ));
    if !request.uri().path().starts_with("/health/") {
        client_ip.traffic().note(context.client.key);
    }
    request.extensions_mut().insert(Arc::clone(&context));
    let log = log_line::Line::begin(&request, Arc::clone(&context));
    // What fails on the way is logged within this span, and so found by the id that the client was told.
    let span = tracing::error_span!("request", request_id = context.request_id.to_str().unwrap_or_default());
    let mut response = next.run(request).instrument(span).await;
    response.headers_mut().insert(request_id::HEADER, context.request_id.clone());
    log.finish(response.status());
    response
}
