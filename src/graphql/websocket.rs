//! GraphQL over WebSocket: one task a socket, which reads, runs and writes.
//!
//! While a reader takes nothing, nothing more is read from it or prepared for it; a subscription then falls behind and
//! ends, and the connection layer drops the socket after `http.write_timeout`.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts as _, Request};
use axum::http::header::{SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value};
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_tungstenite::tungstenite;
use tracing::Instrument as _;

use super::http::GraphQl;
use super::operations::Operations;
use super::protocol::{Closing, SUBPROTOCOL, Said, ack, pong, read};
use super::socket_operation;
use crate::limits::{Bucket, Price};
use crate::middleware::cross_site::refuse_foreign_page;
use crate::middleware::streams::Place;
use crate::middleware::{Call, Problem};
use crate::service::caller::Caller;

/// Bytes of the buffer for reading; a longer message takes more for its time.
const READ_BUFFER: usize = 4 * 1024;
/// Time for a peer to say goodbye too: closed before, he might lose the reason.
const GOODBYE: Duration = Duration::from_secs(1);
/// The last version of the protocol, and the first that was a standard.
const VERSION: HeaderValue = HeaderValue::from_static("13");

/// Whether a request wants to become a WebSocket.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    headers.get(UPGRADE).is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Turns the connection into a WebSocket.
///
/// # Errors
/// 403 for a page of another site, 400 or 426 for what is no handshake, 503 or 429 when there is no place.
pub(super) async fn upgrade(
    graphql: GraphQl,
    call: Arc<Call>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    call.acts("websocket");
    refuse_foreign_page(request.headers(), &graphql.origins)?;
    let (mut parts, _) = request.into_parts();
    if parts.headers.get(SEC_WEBSOCKET_VERSION) != Some(&VERSION) {
        let detail = "The version of WebSocket spoken here is 13.";
        return Err(Problem::new(StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED", detail)
            .with_header(UPGRADE, HeaderValue::from_static("websocket"))
            .with_header(SEC_WEBSOCKET_VERSION, VERSION));
    }
    let handshake = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|_| Problem::bad_request("This is not the handshake of a WebSocket over HTTP/1.1."))?;
    let place = graphql.streams.admit(&call)?;
    let max_message = graphql.sockets.max_message;
    let socket = handshake
        .protocols([SUBPROTOCOL])
        .max_message_size(max_message)
        .max_frame_size(max_message)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0);
    let span = tracing::Span::current();
    Ok(socket.on_upgrade(move |socket| {
        let session =
            Session { graphql, call, caller, operations: Operations::default(), is_acknowledged: false };
        session.run(socket, place).instrument(span)
    }))
}

/// What is known of a socket.
pub(super) struct Session {
    pub graphql: GraphQl,
    pub call: Arc<Call>,
    pub caller: Caller,
    pub operations: Operations,
    is_acknowledged: bool,
}

/// Why a socket ends.
enum End {
    /// We say why.
    Close(Closing),
    /// Nobody is there to hear it.
    Gone,
}

impl Session {
    async fn run(mut self, mut socket: WebSocket, place: Place) {
        let end = match socket.protocol() {
            Some(_) => self.serve(&mut socket, &place).await,
            None => End::Close(Closing::SUBPROTOCOL),
        };
        // Nothing is listened to while we say goodbye.
        drop(self);
        if let End::Close(closing) = end {
            tracing::debug!(code = closing.code, reason = closing.reason(), "a socket is closed");
            let frame = CloseFrame { code: closing.code, reason: closing.reason().into() };
            let goodbye = async {
                // Refused when the peer was first; reading on then sends the answer to his goodbye.
                let _ = socket.send(Message::Close(Some(frame))).await;
                while let Some(Ok(_)) = socket.recv().await {}
            };
            let _ = timeout(GOODBYE, goodbye).await;
        }
    }

    async fn serve(&mut self, socket: &mut WebSocket, place: &Place) -> End {
        let mut drained = Box::pin(place.drained());
        let mut init = Box::pin(sleep(self.graphql.sockets.init));
        let every = place.ping_interval();
        let mut pings = interval_at(Instant::now() + every, every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_heard = true;
        loop {
            let message = tokio::select! {
                () = drained.as_mut() => return self.leave(socket).await,
                () = init.as_mut(), if !self.is_acknowledged => return End::Close(Closing::INIT_TIMEOUT),
                _ = pings.tick() => {
                    if !std::mem::take(&mut is_heard) {
                        tracing::debug!("a socket does not answer");
                        return End::Gone;
                    }
                    Message::Ping(Default::default())
                }
                message = self.operations.next() => Message::Text(message.into()),
                received = socket.recv() => {
                    is_heard = true;
                    match self.hear(received).await {
                        Ok(Some(answer)) => Message::Text(answer.into()),
                        Ok(None) => continue,
                        Err(end) => return end,
                    }
                }
            };
            if !send(socket, message, drained.as_mut()).await {
                return End::Gone;
            }
        }
    }

    /// What a client sends; the answer if there is one at once.
    async fn hear(&mut self, received: Option<Result<Message, axum::Error>>) -> Result<Option<String>, End> {
        let message = match received {
            None => return Err(End::Gone),
            Some(Err(error)) => return Err(broken(error)),
            Some(Ok(message)) => message,
        };
        if matches!(message, Message::Close(_)) {
            return Err(End::Close(Closing::NORMAL));
        }
        let limiter = &self.graphql.limiter;
        if limiter.charge(self.call.client.key, &Price::of(Bucket::Flood, 1)).is_err() {
            return Err(End::Close(Closing::FLOOD));
        }
        let said = match message {
            Message::Text(text) => read(&text, &self.graphql.limits).map_err(End::Close)?,
            Message::Binary(_) => return Err(End::Close(Closing::bad_message("Messages are text"))),
            // A ping is answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(None),
        };
        self.obey(said).await.map_err(End::Close)
    }

    async fn obey(&mut self, said: Said) -> Result<Option<String>, Closing> {
        match said {
            Said::Init(_) if self.is_acknowledged => Err(Closing::SECOND_INIT),
            Said::Init(payload) => {
                welcome(&payload)?;
                self.is_acknowledged = true;
                Ok(Some(ack()))
            }
            Said::Ping(payload) => Ok(Some(pong(payload.as_deref()))),
            Said::Pong => Ok(None),
            Said::Subscribe { .. } if !self.is_acknowledged => Err(Closing::UNAUTHORIZED),
            Said::Subscribe { id, .. } if self.operations.has(&id) => Err(Closing::id_in_use(&id)),
            Said::Subscribe { id, asked } => {
                socket_operation::begin(self, id, asked).await;
                Ok(None)
            }
            Said::Complete(id) => {
                self.operations.end(&id);
                Ok(None)
            }
        }
    }

    /// A stop has begun: subscriptions end, and what was begun besides is finished and told.
    async fn leave(&mut self, socket: &mut WebSocket) -> End {
        self.operations.end_endless();
        while self.operations.len() > 0 {
            let message = self.operations.next().await;
            match timeout(GOODBYE, socket.send(Message::Text(message.into()))).await {
                Ok(Ok(())) => {}
                _ => return End::Gone,
            }
        }
        End::Close(Closing::GOING_AWAY)
    }
}

/// The place where a credential will be looked at. Until then every credential is a bad one, as in a header: a socket
/// that went on without it would hide that it does not work.
fn welcome(payload: &Map<String, Value>) -> Result<(), Closing> {
    let is_credential = |name: &String| {
        ["authorization", "x-api-key"].iter().any(|credential| name.eq_ignore_ascii_case(credential))
    };
    if payload.keys().any(is_credential) { Err(Closing::FORBIDDEN) } else { Ok(()) }
}

/// `false` when nobody takes it. A reader who takes nothing does not hold up a stop.
async fn send(
    socket: &mut WebSocket,
    message: Message,
    drained: Pin<&mut (impl Future<Output = ()> + Send)>,
) -> bool {
    tokio::select! {
        biased;
        sent = socket.send(message) => sent.is_ok(),
        () = drained => false,
    }
}

fn broken(error: axum::Error) -> End {
    match error.into_inner().downcast_ref::<tungstenite::Error>() {
        Some(tungstenite::Error::Capacity(_)) => End::Close(Closing::TOO_LARGE),
        Some(tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_)) => End::Close(Closing::BROKEN),
        _ => End::Gone,
    }
}
