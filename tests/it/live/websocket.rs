//! GraphQL over WebSocket, on real sockets: how a socket is opened, what is said on it, and with which code it is closed.

use std::time::Duration;

use axum::http::Method;
use filmgate::server::Stop;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::support::{Live, Socket, UNLIMITED, code};

const VOTED: &str = "subscription { filmVoted(id: 1) { likes } }";
const ADDED: &str = "subscription { filmAdded { name } }";
const SUBPROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// What is left of a window.
async fn left(live: &Live, window: &str) -> i64 {
    let limits = live.app.get("/v1/rate_limit").await.expect(200).json();
    let limits = limits["limits"].as_array().expect("limits");
    let limit = limits.iter().find(|limit| limit["name"] == window).expect(window);
    limit["remaining"].as_i64().expect("a number")
}

async fn assert_unheard(live: &Live) {
    for _ in 0..200 {
        if live.app.service.is_unheard() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a topic is left");
}

fn error_code(message: &Value) -> &str {
    assert_eq!(message["type"], "error", "{message}");
    message["payload"][0]["extensions"]["code"].as_str().expect("a code")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_socket_carries_subscriptions_queries_and_mutations() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    let mut socket = Socket::ready(live.address).await;
    socket.say(json!({"type": "ping", "payload": {"a": [1]}})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong", "payload": {"a": [1]}}));
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong"}));
    socket.say(json!({"type": "pong"})).await;
    assert_eq!(
        socket.ask("{ film(id: 1) { name } }").await["payload"],
        json!({"data": {"film": {"name": "Frozen"}}})
    );
    socket.subscribe("votes", VOTED).await;
    socket.subscribe("films", ADDED).await;
    // Asked for on the same socket right behind: the subscription hears of it.
    socket.subscribe("like", "mutation { like(id: 1) { likes } }").await;
    let mut said = Vec::new();
    for _ in 0..3 {
        said.push(socket.hear().await);
    }
    for wanted in [
        json!({"id": "votes", "type": "next", "payload": {"data": {"filmVoted": {"likes": 1}}}}),
        json!({"id": "like", "type": "next", "payload": {"data": {"like": {"likes": 1}}}}),
        json!({"id": "like", "type": "complete"}),
    ] {
        assert!(said.contains(&wanted), "{wanted} in {said:?}");
    }
    for likes in 2..=4 {
        live.app.get("/?like=1").await.expect(200);
        assert_eq!(socket.data("votes").await, json!({"filmVoted": {"likes": likes}}));
    }
    live.app.post("/add_film", json!({"name": "N", "studio": "S"})).await.expect(201);
    assert_eq!(socket.data("films").await, json!({"filmAdded": {"name": "N"}}));
    socket.say(json!({"id": "votes", "type": "complete"})).await;
    socket.say(json!({"id": "unknown", "type": "complete"})).await;
    // The id is free again, and only one of both subscriptions is there.
    socket.subscribe("votes", VOTED).await;
    assert_eq!(socket.ask("mutation { like(id: 2) { likes } }").await["type"], "next");
    live.app.get("/?like=1").await.expect(200);
    assert_eq!(socket.data("votes").await, json!({"filmVoted": {"likes": 5}}));
    live.app.execute("DELETE FROM film WHERE id = 1").await;
    assert_eq!(socket.hear().await, json!({"id": "votes", "type": "complete"}));
    socket.send(Message::Close(None)).await;
    assert_eq!(socket.end().await, None, "and it says goodbye too");
    assert_unheard(&live).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_said_as_the_protocol_says_closes_the_socket() {
    let live = Live::with(UNLIMITED, |config| config.live.init_timeout = 1).await;
    let ok = json!({"query": "{ __typename }"});
    let id = json!({"id": "a", "type": "subscribe", "payload": {"query": VOTED}});
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    for (is_ready, messages, code) in [
        (true, vec!["x".to_owned()], 4400),
        (true, vec!["[]".to_owned()], 4400),
        (true, vec![json!(["ping"]).to_string()], 4400),
        (true, vec![json!(["subscribe", "a", ok]).to_string()], 4400),
        (true, vec![json!({"type": "next", "id": "a", "payload": {}}).to_string()], 4400),
        (true, vec![json!({"type": "start", "id": "a", "payload": ok}).to_string()], 4400),
        (true, vec![json!({"id": "a"}).to_string()], 4400),
        (true, vec![json!({"type": 5, "id": "a"}).to_string()], 4400),
        (true, vec![json!({"type": "subscribe", "payload": ok}).to_string()], 4400),
        (true, vec![json!({"type": "subscribe", "id": "", "payload": ok}).to_string()], 4400),
        (true, vec![json!({"type": "subscribe", "id": 5, "payload": ok}).to_string()], 4400),
        (true, vec![json!({"type": "subscribe", "id": "i".repeat(256), "payload": ok}).to_string()], 4400),
        (true, vec![json!({"type": "subscribe", "id": "a"}).to_string()], 4400),
        (true, vec![json!({"type": "subscribe", "id": "a", "payload": {}}).to_string()], 4400),
        (
            true,
            vec![
                json!({"type": "subscribe", "id": "a", "payload": {"query": "{a}", "variables": 5}})
                    .to_string(),
            ],
            4400,
        ),
        (true, vec![json!({"type": "complete"}).to_string()], 4400),
        (true, vec![json!({"type": "ping", "payload": 5}).to_string()], 4400),
        (true, vec![format!("{{\"type\":\"ping\",\"payload\":{{\"a\":{}}}}}", deep(32))], 4400),
        (false, vec![format!("{{\"type\":\"connection_init\",\"payload\":{{\"a\":{}}}}}", deep(32))], 4400),
        (false, vec![json!({"type": "connection_init", "payload": 5}).to_string()], 4400),
        (
            false,
            vec![
                r#"{"type":"connection_init","payload":{"x-api-key":"fg_a","x-api-key":"fg_b"}}"#.to_owned(),
            ],
            4400,
        ),
        (
            true,
            vec![r#"{"type":"subscribe","id":"a","payload":{"query":"{a}","query":"{b}"}}"#.to_owned()],
            4400,
        ),
        (false, vec![id.to_string()], 4401),
        (
            false,
            vec![json!({"type": "connection_init", "payload": {"Authorization": "Bearer x"}}).to_string()],
            4403,
        ),
        (false, vec![json!({"type": "connection_init", "payload": {"x-api-key": "x"}}).to_string()], 4403),
        (false, vec![], 4408),
        (true, vec![id.to_string(), id.to_string()], 4409),
        (true, vec![json!({"type": "connection_init"}).to_string()], 4429),
        (true, vec!["x".repeat(70_000)], 1009),
    ] {
        let mut socket =
            if is_ready { Socket::ready(live.address).await } else { Socket::open(live.address).await };
        for message in &messages {
            // Who is cut off in the middle of what he sends need not succeed.
            let _ = futures_util::SinkExt::send(&mut socket.0, Message::Text(message.into())).await;
        }
        let (closed, reason) = socket.end().await.unwrap_or_else(|| panic!("no code for {messages:?}"));
        assert_eq!(closed, code, "{messages:?}: {reason}");
        let wanted = match code {
            4401 => "Unauthorized",
            4403 => "Forbidden",
            4408 => "Connection initialisation timeout",
            4409 => "Subscriber for a already exists",
            4429 => "Too many initialisation requests",
            _ => &reason,
        };
        assert_eq!(reason, wanted);
    }
    let mut socket = Socket::ready(live.address).await;
    socket.send(Message::Binary(json!({"type": "ping"}).to_string().into())).await;
    assert_eq!(socket.end().await.expect("a code").0, 4400, "binary");
    let mut socket = Socket::ready(live.address).await;
    socket.subscribe(&"é".repeat(200), VOTED).await;
    socket.subscribe(&"é".repeat(200), VOTED).await;
    assert_eq!(socket.end().await.expect("a code").0, 4409, "an id too long for a reason");
    assert_unheard(&live).await;
    assert_eq!(Socket::ready(live.address).await.ask("{ __typename }").await["type"], "next");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_is_looked_at_before_it_is_answered() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    for origin in
        ["http://localhost:5173", "http://127.0.0.1:1", "https://localhost:5173", "http://[::1]:5173"]
    {
        let (_, response) =
            Socket::handshake(live.address, &[SUBPROTOCOL, ("origin", origin)]).await.expect("a socket");
        assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        assert!(response.headers().contains_key("x-request-id"));
    }
    let own = format!("http://{}", live.address);
    Socket::handshake(live.address, &[SUBPROTOCOL, ("origin", &own)]).await.expect("our own page");
    let refused = async |headers: &[(&'static str, &str)], status: u16, wanted: &str| {
        let Err(Error::Http(response)) = Socket::handshake(live.address, headers).await else {
            panic!("no refusal of {headers:?}")
        };
        assert_eq!(response.status(), status, "{headers:?}");
        let body = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        assert!(body.is_empty() || code(&body) == wanted, "{body}");
    };
    refused(&[SUBPROTOCOL, ("origin", "https://elsewhere.example")], 403, "FORBIDDEN").await;
    refused(&[SUBPROTOCOL, ("origin", "null")], 403, "FORBIDDEN").await;
    refused(&[SUBPROTOCOL, ("sec-websocket-version", "8")], 426, "UPGRADE_REQUIRED").await;
    refused(&[SUBPROTOCOL, ("authorization", "Bearer x")], 401, "UNAUTHENTICATED").await;
    refused(&[SUBPROTOCOL, ("host", "elsewhere.example")], 403, "FORBIDDEN").await;
    // No subprotocol, and the older one alone: accepted, so that the code can be told.
    let mut bare = Socket::handshake(live.address, &[]).await.expect("a socket").0;
    assert_eq!(
        bare.end().await,
        Some((4406, "Subprotocol not acceptable; speak graphql-transport-ws".to_owned()))
    );
    let mut wire = live.connect().await;
    wire.send(
        b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
          Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
          Sec-WebSocket-Protocol: graphql-ws\r\n\r\n",
    )
    .await;
    let (bytes, _) = wire.rest().await;
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    assert!(!String::from_utf8_lossy(&bytes[..head]).to_lowercase().contains("sec-websocket-protocol"));
    assert_eq!(bytes[head], 0x88, "a close frame");
    assert_eq!(bytes[head + 2..head + 4], 4406u16.to_be_bytes());
    let both =
        Socket::handshake(live.address, &[("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")]);
    let mut both = both.await.expect("a socket").0;
    both.say(json!({"type": "connection_init"})).await;
    assert_eq!(both.hear().await, json!({"type": "connection_ack"}));
}

/// A client that has not found the name of the protocol in the answer falls back to the older one.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_the_older_protocol_is_told_which_to_speak() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    for kind in ["start", "stop", "connection_terminate"] {
        let mut socket = Socket::ready(live.address).await;
        socket.say(json!({"id": "1", "type": kind, "payload": {"query": "{ __typename }"}})).await;
        let (code, reason) = socket.end().await.expect("a reason");
        assert!(code == 4400 && reason.contains("speak graphql-transport-ws"), "{code} {reason}");
    }
}

/// By POST, on an event stream and on a socket: the same price, the same code, and a refusal costs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_operation_costs_what_it_costs_by_post() {
    let live = Live::with("browse=20/day; film=2/day; flood=1000/day", |_| {}).await;
    let mut socket = Socket::ready(live.address).await;
    for (document, price, wanted) in [
        (VOTED, 1, ""),
        (ADDED, 1, ""),
        ("{ film(id: 1) { id } films { edges { cursor } } }", 2, ""),
        ("subscription { filmVoted(id: 9999) { id } }", 1, "FILM_NOT_FOUND"),
        ("subscription { filmVoted(id: \"x\") { id } }", 0, "INVALID_INPUT"),
        ("subscription { filmVoted(id: 1) { nothing } }", 0, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", 0, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: filmAdded { id } b: filmAdded { id } }", 0, "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { ...F ...F filmAdded { name } } fragment F on Subscription { filmAdded { id } }",
            1,
            "",
        ),
        ("subscription { __typename }", 0, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { filmAdded @skip(if: true) { id } }", 0, "GRAPHQL_VALIDATION_FAILED"),
        ("{ filmAdded { id } }", 0, "GRAPHQL_VALIDATION_FAILED"),
        ("{", 0, "GRAPHQL_PARSE_FAILED"),
        (
            "mutation { a: like(id: 1) { id } b: like(id: 1) { id } c: like(id: 1) { id } }",
            0,
            "PRICE_ABOVE_BURST",
        ),
    ] {
        let before = left(&live, "browse-1d").await;
        socket.subscribe("it", document).await;
        // A ping behind it, so that something is heard of a subscription too.
        socket.say(json!({"type": "ping"})).await;
        let (mut errors, mut is_answered) = (String::new(), false);
        while !is_answered || errors != wanted {
            let message = socket.hear().await;
            match message["type"].as_str() {
                Some("error") => errors = error_code(&message).to_owned(),
                Some("pong") => is_answered = true,
                _ => {}
            }
        }
        assert_eq!(errors, wanted, "{document}");
        assert_eq!(before - left(&live, "browse-1d").await, price, "socket: {document}");
        // Whatever goes on is ended.
        socket.say(json!({"id": "it", "type": "complete"})).await;

        let before = left(&live, "browse-1d").await;
        let (answer, mut events) = live.app.stream(Method::POST, "/graphql", Some(document)).await;
        let by_stream = if answer.status != 200 {
            answer.code()
        } else if wanted.is_empty() {
            String::new()
        } else {
            code(&events.data("next").await.to_string())
        };
        assert_eq!(by_stream, wanted, "event stream: {document}");
        assert_eq!(before - left(&live, "browse-1d").await, price, "event stream: {document}");
        live.app.clock.advance(Duration::from_hours(24));
    }
    // Once the last goodbye has been read too.
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await["type"], "pong");
    let flood = left(&live, "flood-1d").await;
    socket.say(json!({"type": "ping"})).await;
    socket.hear().await;
    // One for the message, one for the question.
    assert_eq!(flood - left(&live, "flood-1d").await, 2);
    // Events are not charged.
    let before = left(&live, "browse-1d").await;
    socket.subscribe("votes", VOTED).await;
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await["type"], "pong");
    for likes in 1..=2 {
        live.app.get("/?like=1").await.expect(200);
        assert_eq!(socket.data("votes").await["filmVoted"]["likes"], likes);
    }
    assert_eq!(left(&live, "browse-1d").await, before - 1, "the subscription itself was");
    // Over quota, and the socket goes on.
    let refused = socket.ask("mutation { like(id: 1) { id } }").await;
    assert_eq!(error_code(&refused), "RATE_LIMITED");
    assert!(refused["payload"][0]["extensions"]["retryAfter"].is_u64(), "{refused}");
    assert_eq!(socket.ask("{ film(id: 1) { likes } }").await["payload"]["data"]["film"]["likes"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_too_much_is_sent_away() {
    let live = Live::with("flood=20/day", |_| {}).await;
    let mut socket = Socket::ready(live.address).await;
    for _ in 0..18 {
        socket.say(json!({"type": "pong"})).await;
    }
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.end().await.expect("a code").0, 1013);
    let Err(Error::Http(response)) = Socket::handshake(live.address, &[SUBPROTOCOL]).await else {
        panic!("no refusal")
    };
    assert_eq!(response.status(), 429);
    assert!(response.headers().contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bound_is_exact() {
    let live = Live::with(UNLIMITED, |config| {
        config.live.max_operations = 3;
        config.live.max_streams_per_client = 4;
        config.live.max_streams = 5;
    })
    .await;
    let mut sockets = Vec::new();
    for _ in 0..4 {
        sockets.push(Socket::ready(live.address).await);
    }
    let refused = async |source: &str, status: u16| {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(format!("{source}:0").parse().expect("an address")).expect("a source");
        let stream = socket.connect(live.address).await.expect("a connection");
        match Socket::handshake_over(stream, live.address, &[SUBPROTOCOL]).await {
            Err(Error::Http(response)) => {
                assert_eq!(response.status(), status);
                assert_eq!(response.headers()["retry-after"], "10");
                None
            }
            other => Some(other.expect("a socket").0),
        }
    };
    assert!(refused("127.0.0.1", 429).await.is_none(), "one more of this client");
    assert_eq!(live.app.stream(Method::GET, "/v1/films/events", None).await.0.code(), "RATE_LIMITED");
    let other = refused("127.0.0.2", 429).await.expect("another client");
    assert!(refused("127.0.0.3", 503).await.is_none(), "one more in all");
    assert_eq!(live.app.stream(Method::GET, "/v1/films/events", None).await.0.code(), "UNAVAILABLE");
    drop(other);
    let socket = &mut sockets[0];
    for id in ["a", "b", "c"] {
        socket.subscribe(id, VOTED).await;
    }
    assert_eq!(error_code(&socket.ask("{ __typename }").await), "RATE_LIMITED");
    socket.say(json!({"id": "b", "type": "complete"})).await;
    assert_eq!(socket.ask("{ __typename }").await["type"], "next");
    // Gone without a word: the places come back, and no topic is left.
    drop(sockets);
    assert_unheard(&live).await;
    let mut again = Vec::new();
    for _ in 0..4 {
        again.push(Socket::ready(live.address).await);
    }
}

/// A connection counts for as long as its socket is open.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_a_connection_until_it_is_closed() {
    let live = Live::start(UNLIMITED, &[], |http| http.max_connections = 2).await;
    let first = Socket::ready(live.address).await;
    let mut second = Socket::ready(live.address).await;
    assert_eq!(live.connect().await.get("/").await, None, "no room");
    drop(first);
    let mut is_there = false;
    for _ in 0..100 {
        is_there = is_there || live.connect().await.get("/").await == Some(200);
    }
    assert!(is_there, "room again");
    assert_eq!(second.ask("{ __typename }").await["type"], "next");
}

/// Neither an idle timeout nor the one of a request ends it; a peer that does not answer pings is dropped.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_lives_as_long_as_it_answers() {
    let live = Live::with(UNLIMITED, |config| {
        config.live.ping_interval = 1;
        config.http.idle_timeout = 1;
        config.http.request_timeout = 1;
        config.http.header_timeout = 1;
    })
    .await;
    let mut alive = Socket::ready(live.address).await;
    alive.subscribe("votes", VOTED).await;
    let mut silent = Socket::ready(live.address).await;
    silent.subscribe("votes", ADDED).await;
    // Reading answers pings; the other one does not read.
    let heard = tokio::spawn(async move { (alive.data("votes").await, alive) });
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    live.app.get("/?like=1").await.expect(200);
    assert_eq!(heard.await.expect("no panic").0["filmVoted"]["likes"], 1);
    assert_eq!(silent.end().await, None, "dropped without a word");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_closes_sockets_at_once_and_finishes_what_was_begun() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    let mut listening = Socket::ready(live.address).await;
    listening.subscribe("votes", VOTED).await;
    let mut voting = Socket::ready(live.address).await;
    let database = sqlx::SqlitePool::connect(&live.app.database_url).await.expect("the database");
    let mut writer = database.acquire().await.expect("a connection");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *writer).await.expect("the lock");
    voting.subscribe("like", "mutation { like(id: 1) { likes } }").await;
    voting.say(json!({"type": "ping"})).await;
    assert_eq!(voting.hear().await["type"], "pong", "the vote waits for the disk");
    live.app.lifecycle.drain();
    assert_eq!(listening.end().await, Some((1001, "Going away".to_owned())));
    let Err(Error::Http(response)) = Socket::handshake(live.address, &[SUBPROTOCOL]).await else {
        panic!("no refusal")
    };
    assert_eq!(response.status(), 503);
    sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.expect("no lock");
    assert_eq!(voting.data("like").await, json!({"like": {"likes": 1}}));
    assert_eq!(voting.hear().await, json!({"id": "like", "type": "complete"}));
    assert_eq!(voting.end().await.expect("a code").0, 1001);
}

/// It was paid for: whoever goes, or has heard enough, leaves no half of it behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_that_has_begun_is_done_to_its_end() {
    let live = Live::with("add_film=1000/day", |_| {}).await;
    let films = async |studio: &str| {
        let page = live.app.get(&format!("/v1/films?studio={studio}&first=1")).await.expect(200).json();
        page["totalCount"].as_u64().expect("a count")
    };
    for (studio, end) in
        [("Completed", "complete"), ("Closed", "close"), ("Broken", "junk"), ("Gone", "drop")]
    {
        let fields: String = (0..40)
            .map(|n| {
                format!("a{n}: addFilm(input: {{name: \"{studio} {n}\", studio: \"{studio}\"}}) {{ id }} ")
            })
            .collect();
        let mut socket = Socket::ready(live.address).await;
        socket.subscribe("it", &format!("mutation {{ {fields} }}")).await;
        while films(studio).await == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match end {
            "complete" => socket.say(json!({"id": "it", "type": "complete"})).await,
            "close" => socket.0.close(None).await.expect("a goodbye"),
            "junk" => socket.say(json!({"type": "junk"})).await,
            _ => drop(socket),
        }
        for _ in 0..500 {
            if films(studio).await == 40 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(films(studio).await, 40, "{studio}");
    }
}

/// Who completes an operation has no more of them than anybody else, and a stop waits for what they have begun.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_running_counts_and_is_waited_for() {
    let live = Live::with(UNLIMITED, |config| config.live.max_operations = 2).await;
    let database = sqlx::SqlitePool::connect(&live.app.database_url).await.expect("the database");
    let mut writer = database.acquire().await.expect("a connection");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *writer).await.expect("the lock");
    let mut socket = Socket::ready(live.address).await;
    for id in ["a", "b"] {
        socket.subscribe(id, "mutation { a: like(id: 1) { id } b: like(id: 1) { id } }").await;
        socket.say(json!({"id": id, "type": "complete"})).await;
    }
    socket.subscribe("c", "mutation { like(id: 1) { id } }").await;
    let refused = socket.hear().await;
    assert_eq!((&refused["id"], &refused["type"]), (&json!("c"), &json!("error")), "{refused}");
    drop(socket);
    let release = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.expect("no lock");
    };
    tokio::join!(live.stop(Stop::AtOnce), release);
    let votes: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM vote").fetch_one(&mut *writer).await.expect("a count");
    assert_eq!(votes, 4);
}
