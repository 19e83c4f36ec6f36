//! The accept loop: own, because `axum::serve` sets no timer, so that no header timeout would ever fire.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service as _;

use crate::config::Http;

/// Pause after an accept error. Out of file descriptors, say, the next try would fail at once and burn a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Header fields that hyper reads; `middleware::caps` refuses fewer, in our form.
const MAX_FIELDS: usize = 128;

/// Serves until `shutdown` ends, then lets requests in work finish, for as long as the settings say.
///
/// # Errors
/// None yet: an accept error is waited out.
pub async fn run(
    listener: TcpListener,
    router: Router,
    settings: &Http,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let connections = Arc::new(Semaphore::new(settings.max_connections));
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // Who has sent a request and closes his side still gets his answer, and his vote its log line.
        .half_close(true)
        .header_read_timeout(settings.header_timeout())
        // The request line counts too, and `middleware::caps` should be the one to refuse.
        .max_buf_size(settings.max_header * 2)
        .max_headers(MAX_FIELDS);

    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request.map(Body::new))
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "a connection ended with an error");
            }
        });
    }
    // Who connects from here on is refused by the system rather than left waiting.
    drop(listener);
    tracing::info!("stopping: no new connections, finishing requests in work");
    if tokio::time::timeout(settings.drain_timeout(), graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still in work at the end of http.drain_timeout");
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, permit))
}
