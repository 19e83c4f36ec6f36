//! One connection, and the limits that the HTTP library holds for us.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use bytes::Bytes;
use futures_util::FutureExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1::UpgradeableConnection;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch as channel;
use tokio::time::{Instant, timeout};

use super::activity::Activity;
use super::drops::{Cause, Drops};
use super::frame_count::Frames;
use super::guarded::Guarded;
use super::handshake::{Encryption, Protocol, agreed, sniff};
use super::received::{Received, waiting};
use super::socket::{Held, Socket};
use super::tracked::{Tracked, Work};
use super::watch::{Patience, Phase, watch};
use crate::config::Http;
use crate::lifecycle::Lifecycle;

/// Header fields of HTTP/1 that hyper reads; `front::guards` refuses fewer, in our form.
const MAX_FIELDS: usize = 128;
/// Requests at once on one connection of HTTP/2, the least that RFC 9113 advises.
const STREAMS: u32 = 100;
/// Streams that a peer opens and resets before they are looked at (rapid reset): the next one ends the connection.
const RESETS_UNSEEN: usize = 20;
/// Streams that we had to reset for a peer's faults; the next one ends the connection.
const RESETS_OF_OURS: usize = 100;
/// Bytes of answers of one stream that wait for its peer.
const SEND_BUFFER: usize = 64 * 1024;
/// Bytes that a peer may send before we have read them, of one stream and of all: bodies are small.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
const FRAME: u32 = 16 * 1024;
/// Bytes of compressed header fields that are remembered.
const HEADER_TABLE: u32 = 4 * 1024;
/// While it stops: time for the first byte of a connection that nobody had greeted yet, and for its handshake.
const LATE_FIRST_BYTE: Duration = Duration::from_secs(1);
const LATE_HANDSHAKE: Duration = Duration::from_secs(3);

/// What HTTP is spoken over.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// The other end of a connection.
pub(super) struct Peer {
    pub address: SocketAddr,
    /// What the connection is told meanwhile.
    pub told: channel::Receiver<Phase>,
}

/// What all connections have in common.
pub(super) struct Connections<A> {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    behind: A,
    encryption: Option<Encryption>,
    lifecycle: Lifecycle,
    drops: Arc<Drops>,
    first_byte: Duration,
    write: Duration,
    patience: Patience,
}

impl<A: Answer> Connections<A> {
    pub(super) fn new(
        settings: &Http,
        behind: A,
        encryption: Option<Encryption>,
        lifecycle: Lifecycle,
        drops: Arc<Drops>,
    ) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            // Who has sent a request and closes his side still gets his answer, and his vote its log line.
            .half_close(true)
            // `watch` tells an idle connection from a slow header, and ends both.
            .header_read_timeout(None)
            // The request line counts too, and `front::guards` should be the one to refuse.
            .max_buf_size(settings.max_header * 2)
            .max_headers(MAX_FIELDS);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_pending_accept_reset_streams(RESETS_UNSEEN)
            .max_local_error_reset_streams(RESETS_OF_OURS)
            // HTTP/2 counts 32 bytes more a field. Also bounds how many CONTINUATION frames are read.
            .max_header_list_size(u32::try_from(settings.max_header * 2).unwrap_or(u32::MAX))
            .header_table_size(HEADER_TABLE)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_frame_size(FRAME)
            .max_send_buf_size(SEND_BUFFER);
        Self {
            http1,
            http2,
            behind,
            encryption,
            lifecycle,
            drops,
            first_byte: settings.first_byte_timeout(),
            write: settings.write_timeout(),
            patience: Patience::new(settings),
        }
    }

    /// From the first byte to the last.
    pub(super) async fn serve(&self, stream: TcpStream, held: Held, mut peer: Peer) {
        let (address, socket) = (peer.address, Socket::new(stream, self.write, held));
        let ended = match &self.encryption {
            None => self.talk(socket, None, peer).await,
            Some(encryption) => match self.first(&mut peer, socket.peek()).await {
                // Boxed, so that who says nothing does not hold the room of a handshake.
                Ok(Some(first)) => Box::pin(self.encrypted(encryption, socket, first, peer)).await,
                Ok(None) => Ok(()),
                Err(why) => Err(why),
            },
        };
        if let Err(why) = ended {
            tracing::debug!(peer = %address, ?why, "a connection was dropped");
            self.drops.note(why);
        }
    }

    async fn encrypted(
        &self,
        encryption: &Encryption,
        socket: Socket,
        first: u8,
        mut peer: Peer,
    ) -> Result<(), Cause> {
        let stream = tokio::select! {
            shaken = encryption.begin(socket, first) => shaken?,
            () = late(&mut peer, LATE_HANDSHAKE) => return Ok(()),
        };
        let protocol = agreed(&stream);
        self.talk(stream, Some(protocol), peer).await
    }

    /// HTTP, of the version that was agreed on, or else of the one that the first bytes tell.
    async fn talk<S: Stream>(
        &self,
        mut stream: S,
        agreed: Option<Protocol>,
        mut peer: Peer,
    ) -> Result<(), Cause> {
        let Some((spoken, first)) = self.first(&mut peer, sniff(&mut stream)).await? else {
            return Ok(());
        };
        // Boxed, so that who says nothing does not hold the room of a connection in use.
        let dropped = match (agreed.unwrap_or(spoken), spoken) {
            (Protocol::Http1, _) => Box::pin(self.http1(stream, first, peer)).await,
            (Protocol::Http2, Protocol::Http2) => Box::pin(self.http2(stream, first, peer)).await,
            (Protocol::Http2, Protocol::Http1) => Some(Cause::Malformed),
        };
        dropped.map_or(Ok(()), Err)
    }

    async fn http1<S: Stream>(&self, stream: S, first: Bytes, mut peer: Peer) -> Option<Cause> {
        let (address, activity) = (peer.address, Activity::new());
        activity.heard();
        let io = TokioIo::new(Guarded::new(stream, first, None, Arc::clone(&activity)));
        let service = service_fn(|request| self.answer(request, address, Protocol::Http1, &activity));
        let connection = self.http1.serve_connection(io, service).with_upgrades();
        let say_goodbye = UpgradeableConnection::graceful_shutdown;
        watch(connection, say_goodbye, &activity, true, self.patience, &mut peer.told).await
    }

    async fn http2<S: Stream>(&self, stream: S, first: Bytes, mut peer: Peer) -> Option<Cause> {
        let (address, activity) = (peer.address, Activity::new());
        let frames = Frames::new(Instant::now(), Arc::clone(&activity));
        let io = TokioIo::new(Guarded::new(stream, first, Some(frames), Arc::clone(&activity)));
        let service = service_fn(|request| self.answer(request, address, Protocol::Http2, &activity));
        let connection = self.http2.serve_connection(io, service);
        let say_goodbye = http2::Connection::graceful_shutdown;
        watch(connection, say_goodbye, &activity, false, self.patience, &mut peer.told).await
    }

    /// Waits for the first of something. A peer that closes instead is no fault of anybody: probes do.
    async fn first<T>(
        &self,
        peer: &mut Peer,
        something: impl Future<Output = io::Result<Option<T>>>,
    ) -> Result<Option<T>, Cause> {
        tokio::select! {
            greeted = timeout(self.first_byte, something) => match greeted {
                Ok(greeted) => Ok(greeted.ok().flatten()),
                Err(_) => Err(Cause::Silent),
            },
            () = late(peer, LATE_FIRST_BYTE) => Ok(None),
        }
    }

    fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        protocol: Protocol,
        activity: &Arc<Activity>,
    ) -> impl Future<Output = Result<Response<Tracked>, Infallible>> + use<A> {
        let mut work = Work::begin(Arc::clone(activity));
        let waiting = waiting(&request);
        let request = request.map(|body| Received::new(body, waiting.clone(), activity));
        let lifecycle = self.lifecycle.clone();
        // Not async: such a block would hold the request twice, and each time that it is moved, twice as much is.
        self.behind.clone().answer(request, peer).map(move |mut response| {
            // What has a length has an end.
            let is_endless = response.body().size_hint().exact().is_none();
            if is_endless
                && response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream")
            {
                work.becomes_stream();
            }
            let is_left = waiting.is_some_and(|waiting| waiting.load(Ordering::Relaxed));
            let is_late = response.status() == StatusCode::REQUEST_TIMEOUT;
            if protocol == Protocol::Http1 && (lifecycle.is_draining() || is_left || is_late) {
                // So that who keeps connections alive takes its next request elsewhere before the end, and that nobody
                // takes what comes after a body that was not asked for, or did not come (RFC 9110, 10.1.1 and 15.5.9), for one.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response.map(|body| Tracked::new(body, work, protocol)))
        })
    }
}

/// Ends so long after a stop has begun.
async fn late(peer: &mut Peer, most: Duration) {
    // An error means that the server has gone.
    let _ = peer.told.wait_for(|phase| *phase != Phase::Serving).await;
    tokio::time::sleep(most).await;
}

/// What answers requests.
pub trait Answer: Clone + Send + Sync + 'static {
    /// The answer to a request of this peer. Dropped when its client goes away.
    fn answer(
        self,
        request: Request<Received>,
        peer: SocketAddr,
    ) -> impl Future<Output = axum::response::Response> + Send;
}
