//! What stays open in the hands of somebody who means harm: sockets that cost nothing, and readers that hold up a stop.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use filmgate::server::Stop;
use futures_util::SinkExt as _;
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Live, Socket, UNLIMITED, Wire, greedy_request};

/// A message in so many frames; the last ones have no payload.
async fn cut(socket: &mut Socket, text: &str, frames: usize) {
    let mut parts: Vec<Vec<u8>> = text.bytes().take(frames - 1).map(|byte| vec![byte]).collect();
    parts.push(text.bytes().skip(parts.len()).collect());
    parts.resize(frames, Vec::new());
    for (place, part) in parts.into_iter().enumerate() {
        let kind = if place == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(part, OpCode::Data(kind), place == frames - 1);
        // It may be closed by now.
        let _ = socket.0.feed(Message::Frame(frame)).await;
    }
    let _ = socket.0.flush().await;
}

/// The library asks nobody before it has the last frame: no quota would ever stop one who never sends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_has_a_bounded_number_of_frames() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    let mut socket = Socket::ready(live.address).await;
    let ping = json!({"type": "ping"}).to_string();
    for frames in [2, 128, 128] {
        cut(&mut socket, &ping, frames).await;
        assert_eq!(socket.hear().await, json!({"type": "pong"}), "{frames}");
    }
    cut(&mut socket, &ping, 129).await;
    assert_eq!(socket.end().await, Some((1008, "A message of too many frames".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_not_utf8_is_told_apart_from_other_faults() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    let mut socket = Socket::ready(live.address).await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    socket.send(Message::Frame(frame)).await;
    assert_eq!(socket.end().await, Some((1007, "Text is UTF-8".to_owned())));
    let mut socket = Socket::ready(live.address).await;
    socket.send(Message::Frame(Frame::message(vec![], OpCode::Data(Data::Continue), true))).await;
    assert_eq!(socket.end().await.map(|(code, _)| code), Some(1002));
}

/// Between a proxy that sends the body and a server that takes it for frames, somebody else's bytes would be obeyed.
#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_has_no_body_and_a_real_key() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    let head = |key: &str, more: &str| {
        format!(
            "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\
             Sec-WebSocket-Protocol: other, graphql-transport-ws\r\n{more}\r\n"
        )
    };
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    for (request, status) in [
        (head(key, ""), 101),
        (head(key, "Content-Length: 0\r\n"), 101),
        (head(key, "Content-Length: 5\r\n") + "hello", 400),
        (head(key, "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400),
        (head("YWJj", ""), 400),
        (head("not base64 at all", ""), 400),
        (head(key, "").replace("Connection: keep-alive, Upgrade", "Connection: keep-alive"), 400),
        (head(key, "").replace("HTTP/1.1", "HTTP/1.0"), 400),
        (head(key, "").replace(": 13", ": 8"), 426),
    ] {
        let mut wire = live.connect().await;
        wire.send(request.as_bytes()).await;
        let (told, answer, _) = wire.answer().await;
        assert_eq!(told, status, "{request}: {answer}");
        if told == 101 {
            assert!(answer.contains("sec-websocket-protocol: graphql-transport-ws"), "{answer}");
            assert!(answer.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{answer}");
        }
    }
}

/// It is kept while it goes on: 2,000 subscriptions of 900 fields were hundreds of megabytes for one client.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_small_enough_to_be_kept() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    let mut socket = Socket::ready(live.address).await;
    // `subscription`, `filmAdded` and four brackets.
    let of = |tokens: usize| format!("subscription {{ filmAdded {{ {} }} }}", "id ".repeat(tokens - 6));
    let voted = "subscription ($id: ID!) { filmVoted(id: $id) { id } }";
    let padded = |bytes: usize| "0".repeat(bytes - voted.len() - "id".len() - 3) + "1";
    let mut refused = Vec::new();
    for (id, document, variables, passes) in [
        ("most tokens", of(300), json!({}), true),
        ("one token more", of(301), json!({}), false),
        ("most bytes", voted.to_owned(), json!({"id": padded(8 * 1024)}), true),
        ("one byte more", voted.to_owned(), json!({"id": padded(8 * 1024 + 1)}), false),
        ("a query", format!("{{ __typename {} }}", "__typename ".repeat(400)), json!({}), true),
    ] {
        let payload = json!({"query": document, "variables": variables});
        socket.say(json!({"id": id, "type": "subscribe", "payload": payload})).await;
        socket.say(json!({"type": "ping"})).await;
        let mut is_answered = false;
        // A pong may overtake a refusal.
        while !is_answered || !(passes || refused.iter().any(|(known, _)| known == id)) {
            let message = socket.hear().await;
            is_answered |= message["type"] == "pong";
            if message["type"] == "error" {
                refused.push((message["id"].clone(), message["payload"][0]["extensions"]["code"].clone()));
            }
        }
        socket.say(json!({"id": id, "type": "complete"})).await;
    }
    let too_large = |id: &str| (json!(id), json!("DOCUMENT_TOO_LARGE"));
    assert_eq!(refused, [too_large("one token more"), too_large("one byte more")]);
}

/// Their patience for a reader is longer than a stop may take: whoever reads hears the end at once, so the others are not
/// waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_those_who_do_not_read_their_stream() {
    let live = Live::with(UNLIMITED, |config| {
        config.http.write_timeout = 30;
        config.http.drain_timeout = 15;
    })
    .await;
    let name = "n".repeat(200);
    live.app.execute(&format!("UPDATE film SET name = '{name}' WHERE id = 1")).await;
    live.app.until("/v1/films/1", |answer| answer.json()["name"] == name.as_str()).await;
    let mut http1 = live.connect().await;
    http1.send(greedy_request().as_bytes()).await;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(1).initial_connection_window_size(64 * 1024);
    let wire = Wire::connect(live.address).await;
    let (mut client, connection) = builder.handshake(TokioIo::new(wire.stream)).await.expect("HTTP/2");
    let http2 = tokio::spawn(connection);
    let request = Request::get("http://localhost/v1/films/events").body(Full::<Bytes>::default());
    let unread = client.send_request(request.expect("a request")).await.expect("an answer");
    assert_eq!(unread.status(), 200);
    for _ in 0..1_500 {
        live.app.get("/?like=1").await.expect(200);
    }
    let stopped = tokio::time::timeout(Duration::from_secs(4), live.stop(Stop::AtOnce)).await;
    stopped.expect("not the whole of http.drain_timeout");
    drop((http1, unread));
    http2.await.expect("no panic").ok();
}
