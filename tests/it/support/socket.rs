//! A client of `graphql-transport-ws` over a real socket.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Duplex, Stream, header_of};

const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Socket(pub WebSocketStream<Stream>);

impl Socket {
    /// A handshake with these headers beside the usual ones.
    pub(crate) async fn handshake(
        address: SocketAddr,
        headers: &[(&'static str, &str)],
    ) -> Result<(Self, Response), Error> {
        let stream = TcpStream::connect(address).await.expect("a connection");
        Self::handshake_over(stream, address, headers).await
    }

    pub(crate) async fn handshake_over(
        stream: impl Duplex + 'static,
        address: SocketAddr,
        headers: &[(&'static str, &str)],
    ) -> Result<(Self, Response), Error> {
        let mut request = format!("ws://{address}/graphql").into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header value"));
        }
        let stream: Stream = Box::new(stream);
        let shaken = timeout(LONG, tokio_tungstenite::client_async(request, stream)).await.expect("in time");
        shaken.map(|(socket, response)| (Self(socket), response))
    }

    /// Connected, with the right subprotocol.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
        Self::handshake(address, &headers).await.expect("a socket").0
    }

    /// Connected and acknowledged.
    pub(crate) async fn ready(address: SocketAddr) -> Self {
        let mut socket = Self::open(address).await;
        socket.say(json!({"type": "connection_init"})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Connected and acknowledged, with a credential in the first message.
    pub(crate) async fn ready_as(address: SocketAddr, credential: &str) -> Self {
        let mut socket = Self::open(address).await;
        let (name, value) = header_of(credential);
        socket.say(json!({"type": "connection_init", "payload": {name: value}})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.send(Message::Text(message.to_string().into())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("it is sent");
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"id": id, "type": "subscribe", "payload": {"query": query}})).await;
    }

    /// An operation that has one result: its message, and `complete` behind it.
    pub(crate) async fn ask(&mut self, query: &str) -> Value {
        self.subscribe("ask", query).await;
        let message = self.hear().await;
        if message["type"] == "next" {
            assert_eq!(self.hear().await, json!({"id": "ask", "type": "complete"}));
        }
        message
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> Value {
        self.hear_or_end().await.unwrap_or_else(|end| panic!("closed with {end:?}"))
    }

    /// The next message, or how it was closed.
    pub(crate) async fn hear_or_end(&mut self) -> Result<Value, Option<(u16, String)>> {
        loop {
            match timeout(LONG, self.0.next()).await.expect("a message in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(Some((frame.code.into(), frame.reason.to_string())));
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err(None),
                Some(Ok(_)) => {}
            }
        }
    }

    /// How it is closed, by the very next message.
    pub(crate) async fn end(&mut self) -> Option<(u16, String)> {
        self.hear_or_end().await.expect_err("an end")
    }

    /// The data of the next message, a result of this operation.
    pub(crate) async fn data(&mut self, id: &str) -> Value {
        let mut message = self.hear().await;
        assert_eq!((&message["id"], &message["type"]), (&json!(id), &json!("next")), "{message}");
        message["payload"]["data"].take()
    }
}
