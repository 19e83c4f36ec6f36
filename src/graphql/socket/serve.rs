//! GraphQL over WebSocket: one task a socket, which reads, runs and writes.
//!
//! While a reader takes nothing, nothing more is read from it or prepared for it; a subscription then falls behind and
//! ends, and the connection layer drops the socket after `http.write_timeout`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::{Map, Value};
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};
use tokio_tungstenite::tungstenite::{self, Bytes};

use crate::graphql::socket::frame_count::TooManyFrames;
use crate::graphql::socket::handshake::{Handshake, Socket};
use crate::graphql::socket::protocol::{Closing, Said, ack, pong, read};
use crate::graphql::socket::run;
use crate::graphql::socket::running::Operations;
use crate::graphql::socket::session::Session;
use crate::graphql::state::{GraphQl, WEBSOCKET};
use crate::http::context::Context;
use crate::http::credential::Credential;
use crate::http::origins::refuse_foreign_page;
use crate::http::problem::Problem;
use crate::http::streams::{Kind, Place};
use crate::limits::{Bucket, Price};

/// Time for a peer to say goodbye too: closed before, he might lose the reason.
const GOODBYE: Duration = Duration::from_secs(1);
/// Messages of a peer that are read in that time, since nobody pays for them.
const LAST_WORDS: usize = 100;

/// Turns the connection into a WebSocket.
///
/// # Errors
/// 403 for a page of another site, 400 or 426 for what is no handshake, 503 or 429 when there is no place.
pub(in crate::graphql) fn upgrade(
    graphql: Arc<GraphQl>,
    context: Arc<Context>,
    request: Request,
) -> Result<Response, Problem> {
    context.set_action(WEBSOCKET);
    refuse_foreign_page(request.headers(), &context.origins)?;
    let credential = Credential::in_headers(request.headers())?;
    let handshake = Handshake::read(request)?;
    let place = graphql.streams.admit(&context, Kind::Socket)?;
    let (max_message, knows_subprotocol) = (graphql.sockets.max_message, handshake.knows_subprotocol);
    let (operations, tasks) = (Operations::default(), JoinSet::new());
    let session = Session { graphql, context, credential, operations, tasks, is_acknowledged: false };
    Ok(handshake.answer(max_message, move |socket| session.run(socket, knows_subprotocol, place)))
}

/// Why a socket ends.
enum End {
    /// We say why.
    Close(Closing),
    /// Nobody is there to hear it.
    Gone,
}

impl Session {
    async fn run(mut self, mut socket: Socket, knows_subprotocol: bool, place: Place) {
        let end = if knows_subprotocol {
            self.serve(&mut socket, &place).await
        } else {
            End::Close(Closing::SUBPROTOCOL)
        };
        // Nothing is listened to while we say goodbye, and what has begun is done to its end.
        let Self { mut tasks, .. } = self;
        if let End::Close(closing) = end {
            tracing::debug!(code = closing.code, reason = closing.reason(), "a socket is closed");
            let frame = CloseFrame { code: closing.code.into(), reason: closing.reason().into() };
            let goodbye = async {
                // Refused when the peer was first; reading on then sends the answer to his goodbye.
                let _ = socket.send(Message::Close(Some(frame))).await;
                for _ in 0..LAST_WORDS {
                    let Some(Ok(_)) = socket.next().await else { return };
                }
            };
            let _ = timeout(GOODBYE, goodbye).await;
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn serve(&mut self, socket: &mut Socket, place: &Place) -> End {
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
                    if !Box::pin(self.still_holds()).await {
                        return End::Close(Closing::FORBIDDEN);
                    }
                    if std::mem::take(&mut is_heard) {
                        Message::Ping(Bytes::new())
                    } else {
                        // His answer may wait while he was slow to take what we send.
                        let Some(received) = socket.next().now_or_never() else {
                            tracing::debug!("a socket does not answer");
                            return End::Gone;
                        };
                        is_heard = true;
                        match self.hear(received).await {
                            Ok(Some(answer)) => Message::Text(answer.into()),
                            Ok(None) => continue,
                            Err(end) => return end,
                        }
                    }
                }
                message = self.operations.next() => Message::Text(message.into()),
                received = socket.next() => {
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
    async fn hear(
        &mut self,
        received: Option<Result<Message, tungstenite::Error>>,
    ) -> Result<Option<String>, End> {
        let message = match received {
            None => return Err(End::Gone),
            Some(Err(error)) => return Err(broken(error)),
            Some(Ok(message)) => message,
        };
        if matches!(message, Message::Close(_)) {
            return Err(End::Close(Closing::NORMAL));
        }
        let flood = Price::of(Bucket::Flood, 1);
        if let Err(refusal) = self.graphql.limiter.load().charge(self.context.client.key, &flood) {
            self.note(&self.context.refuse(&refusal));
            return Err(End::Close(Closing::FLOOD));
        }
        let said = match message {
            Message::Text(text) => read(&text, &self.graphql.limits).map_err(End::Close)?,
            Message::Binary(_) => return Err(End::Close(Closing::bad_message("Messages are text"))),
            // A ping is answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => return Ok(None),
        };
        // Boxed, so that a socket that says nothing does not hold the room of an operation.
        Box::pin(self.obey(said)).await.map_err(End::Close)
    }

    async fn obey(&mut self, said: Said) -> Result<Option<String>, Closing> {
        match said {
            Said::Init(_) if self.is_acknowledged => Err(Closing::SECOND_INIT),
            Said::Init(payload) => {
                self.welcome(&payload).await?;
                self.is_acknowledged = true;
                Ok(Some(ack()))
            }
            Said::Ping(payload) => Ok(Some(pong(payload.as_deref()))),
            Said::Pong => Ok(None),
            Said::Subscribe { .. } if !self.is_acknowledged => Err(Closing::UNAUTHORIZED),
            Said::Subscribe { id, .. } if self.operations.has(&id) => Err(Closing::id_in_use(&id)),
            Said::Subscribe { id, asked } => {
                run::begin(self, id, asked).await?;
                Ok(None)
            }
            Said::Complete(id) => {
                self.operations.end(&id);
                Ok(None)
            }
        }
    }

    /// Takes the credential of the first message, where there is one: a page cannot send it in a header.
    async fn welcome(&mut self, payload: &Map<String, Value>) -> Result<(), Closing> {
        let members = payload.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let credential = Credential::in_members(members).map_err(|problem| self.refuse(&problem))?;
        if credential == Credential::Nothing {
            return Ok(());
        }
        let credential = self.credential.or(credential).map_err(|problem| self.refuse(&problem))?;
        let identified = self.graphql.identities.identify(&self.context, &credential).await;
        identified.map_err(|problem| self.refuse(&problem))?;
        self.credential = credential;
        Ok(())
    }

    /// Whether the credential still holds, as far as that can be told: who only listens asks for nothing by which it
    /// would be found out.
    async fn still_holds(&mut self) -> bool {
        match self.graphql.identities.identify(&self.context, &self.credential).await {
            Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
                self.note(&problem);
                false
            }
            _ => true,
        }
    }

    fn refuse(&self, problem: &Problem) -> Closing {
        self.note(problem);
        Closing::FORBIDDEN
    }

    /// For the audit: a socket that is closed has no other line that tells why.
    fn note(&self, problem: &Problem) {
        self.context.note(problem, self.graphql.service.refusals());
    }

    /// A stop has begun: subscriptions end, and what was begun besides is finished and told.
    async fn leave(&mut self, socket: &mut Socket) -> End {
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

/// `false` when nobody takes it. A reader who takes nothing does not hold up a stop.
async fn send(
    socket: &mut Socket,
    message: Message,
    drained: Pin<&mut (impl Future<Output = ()> + Send)>,
) -> bool {
    tokio::select! {
        biased;
        sent = socket.send(message) => sent.is_ok(),
        () = drained => false,
    }
}

fn broken(error: tungstenite::Error) -> End {
    match error {
        tungstenite::Error::Capacity(_) => End::Close(Closing::TOO_LARGE),
        tungstenite::Error::Protocol(_) => End::Close(Closing::BROKEN),
        tungstenite::Error::Utf8(_) => End::Close(Closing::NOT_TEXT),
        tungstenite::Error::Io(error) if is_flood(&error) => End::Close(Closing::TOO_MANY_FRAMES),
        _ => End::Gone,
    }
}

fn is_flood(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooManyFrames>)
}
