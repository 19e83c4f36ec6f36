//! Event streams of both surfaces: how they are asked for, what is refused, and how they end.

use std::process::{Command, Stdio};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request};
use filmgate::server::Stop;
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Live, Server, Socket, TestApp, UNLIMITED, Wire, code, greedy, greedy_request, skip};

const VOTED: &str = "subscription { filmVoted(id: 1) { likes } }";
const EVENTS: &str = "/v1/films/events";

async fn remaining(app: &TestApp) -> u64 {
    let limits = app.get("/v1/rate_limit").await.expect(200).json();
    let limits = limits["limits"].as_array().expect("limits");
    let browse = limits.iter().find(|limit| limit["name"] == "browse-1d").expect("a window");
    browse["remaining"].as_u64().expect("a number")
}

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn an_event_stream_says_that_it_is_one() {
    let app = TestApp::new("browse=9/day").await;
    let get = format!("/graphql?query={}", percent(VOTED));
    for (method, path, document) in [
        (Method::POST, "/graphql", Some(VOTED)),
        (Method::GET, get.as_str(), None),
        (Method::GET, EVENTS, None),
    ] {
        let (answer, events) = app.stream(method, path, document).await;
        let answer = answer.expect(200);
        assert_eq!(answer.header("content-type"), "text/event-stream");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-accel-buffering"), "no");
        assert!(answer.header("ratelimit").contains("browse-1d"), "{path}");
        drop(events);
        assert!(app.service.is_unheard());
    }
    assert_eq!(remaining(&app).await, 6, "one each");
    // Headers alone, at the same price.
    for path in [get.as_str(), EVENTS] {
        let headers = [("accept", "text/event-stream")];
        let head = app.call(Method::HEAD, path, &headers, None).await.expect(200);
        assert_eq!((head.header("content-type"), head.body.len()), ("text/event-stream", 0));
        assert!(app.service.is_unheard());
    }
    assert_eq!(remaining(&app).await, 4);
}

#[tokio::test]
async fn graphql_answers_everything_on_a_stream_that_is_preferred() {
    let app = TestApp::new(UNLIMITED).await;
    for (document, wanted) in [
        ("{ film(id: 1) { name } }", json!({"data": {"film": {"name": "Frozen"}}})),
        ("mutation { like(id: 1) { likes } }", json!({"data": {"like": {"likes": 1}}})),
    ] {
        let (answer, mut events) = app.stream(Method::POST, "/graphql", Some(document)).await;
        answer.expect(200);
        assert_eq!(events.data("next").await, wanted);
        let last = events.next().await.expect("the last word");
        assert_eq!((last.name.as_str(), last.data.as_str()), ("complete", ""));
        assert_eq!(events.next().await, None);
    }
    // The protocol: what does not validate is told on the stream.
    for (document, wanted) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { filmVoted(id: 9999) { id } }", "FILM_NOT_FOUND"),
    ] {
        let (answer, mut events) = app.stream(Method::POST, "/graphql", Some(document)).await;
        answer.expect(200);
        let told = events.data("next").await;
        assert_eq!(code(&told.to_string()), wanted);
        // Nothing ran.
        assert_eq!(told.get("data"), None, "{told}");
        let error = &told["errors"][0];
        assert_eq!(error["locations"][0]["line"], 1, "{error}");
        let path = if wanted == "FILM_NOT_FOUND" { json!(["filmVoted"]) } else { Value::Null };
        assert_eq!(error["path"], path, "{error}");
        assert_eq!(events.next().await.expect("the last word").name, "complete");
    }
    let deep = format!("{{ film(id: {}1{}) {{ id }} }}", "[".repeat(40), "]".repeat(40));
    let (refused, _) = app.stream(Method::POST, "/graphql", Some(&deep)).await;
    assert_eq!(refused.expect(400).code(), "DOCUMENT_TOO_LARGE");
    let mutation = format!("/graphql?query={}", percent("mutation { like(id: 1) { id } }"));
    let (refused, _) = app.stream(Method::GET, &mutation, None).await;
    let refused = refused.expect(405);
    assert_eq!((refused.header("allow"), refused.code().as_str()), ("POST", "METHOD_NOT_ALLOWED"));
    let headers = [("content-type", "application/json"), ("accept", "text/event-stream")];
    let batch = json!([{"query": "{ __typename }"}]).to_string();
    app.call(Method::POST, "/graphql", &headers, Some(batch)).await.expect(400);
}

#[tokio::test]
async fn a_subscription_without_a_stream_is_told_of_both_ways() {
    let app = TestApp::new("browse=5/day").await;
    let get = format!("/graphql?query={}", percent(VOTED));
    for answer in [app.graphql(VOTED, json!({})).await, app.get(&get).await] {
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
        let text = answer.json()["errors"][0]["message"].to_string();
        assert!(text.contains("graphql-transport-ws") && text.contains("text/event-stream"), "{text}");
    }
    let batch = json!([{"query": VOTED}, {"query": "{ __typename }"}]);
    let answers = app.post("/graphql", batch).await.expect(200).json();
    assert_eq!(answers[0]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(answers[1]["data"]["__typename"], "Query");
    assert_eq!(remaining(&app).await, 5);
    // A client that takes both gets what fits.
    let headers =
        [("content-type", "application/json"), ("accept", "application/json, text/event-stream;q=0.5")];
    let query = json!({"query": "{ __typename }"}).to_string();
    let answer = app.call(Method::POST, "/graphql", &headers, Some(query)).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn what_is_refused_has_its_status_and_costs_nothing() {
    let app = TestApp::new("browse=2/day").await;
    let many = (1..=21).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    for (path, status, wanted) in [
        ("/v1/films/events?id=x", 400, "INVALID_INPUT"),
        ("/v1/films/events?id=1,-2", 400, "INVALID_INPUT"),
        ("/v1/films/events?id=", 400, "INVALID_INPUT"),
        ("/v1/films/events?id=1,", 400, "INVALID_INPUT"),
        ("/v1/films/random?exclude=", 400, "INVALID_INPUT"),
        ("/v1/films/events?ids=1", 400, "INVALID_INPUT"),
        (&format!("/v1/films/events?id={many}"), 400, "INVALID_INPUT"),
    ] {
        app.stream(Method::GET, path, None).await.0.expect_problem(status, wanted);
    }
    let json = [("accept", "application/json")];
    app.call(Method::GET, EVENTS, &json, None).await.expect_problem(406, "NOT_ACCEPTABLE");
    app.call(Method::POST, EVENTS, &json, None).await.expect_problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(remaining(&app).await, 2);
    app.stream(Method::GET, "/v1/films/events?id=1,9999", None).await.0.expect_problem(404, "FILM_NOT_FOUND");
    assert!(app.service.is_unheard(), "nor is anything kept of the film that is there");
    assert_eq!(remaining(&app).await, 1, "it was looked up");
    let twenty = many.trim_end_matches(",21");
    app.stream(Method::GET, &format!("/v1/films/events?id={twenty}"), None).await.0.expect(200);
    let by_rest = app.stream(Method::GET, EVENTS, None).await.0.expect_problem(429, "RATE_LIMITED");
    let by_graphql = app.stream(Method::POST, "/graphql", Some(VOTED)).await.0.expect(429);
    assert_eq!(by_graphql.code(), "RATE_LIMITED");
    assert_eq!(by_rest.header("retry-after"), by_graphql.header("retry-after"));
    assert!(by_graphql.json()["errors"][0]["extensions"]["retryAfter"].is_u64());
    assert!(app.service.is_unheard());
    app.lifecycle.drain();
    app.stream(Method::GET, EVENTS, None).await.0.expect_problem(503, "UNAVAILABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_stream_is_kept_alive_and_ended_by_no_timeout() {
    let live = Live::with(UNLIMITED, |config| {
        config.live.ping_interval = 1;
        config.http.idle_timeout = 1;
        config.http.request_timeout = 1;
        config.http.write_timeout = 1;
        config.http.max_in_flight = 1;
    })
    .await;
    let (answer, mut events) = live.app.stream(Method::GET, EVENTS, None).await;
    answer.expect(200);
    assert!(events.is_quiet_for(Duration::from_millis(2_500)).await);
    assert!(events.comments >= 2, "{}", events.comments);
    let mut wire = live.connect().await;
    wire.send(b"GET /v1/films/events?id=1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    // Neither of both holds the one place of a request in work.
    live.app.get("/?like=1").await.expect(200);
    let mut read = String::new();
    while !read.contains("event: filmVoted") {
        let mut some = [0; 4096];
        let count = tokio::io::AsyncReadExt::read(&mut wire.stream, &mut some).await.expect("bytes");
        assert!(count > 0, "it ended: {read}");
        read += &String::from_utf8_lossy(&some[..count]);
    }
    assert!(read.matches(": alive").count() >= 2, "{read}");
}

#[test]
fn curl_shows_events_as_they_come() {
    if Command::new("curl").arg("--version").output().is_err() {
        return skip("curl is not installed");
    }
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let url = format!("{}/v1/films/events?id=1", server.url);
    let mut curls = Vec::new();
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let curl = Command::new("curl").args(["-sN", version, &url]).stdout(Stdio::piped()).spawn();
        curls.push(curl.expect("curl runs"));
    }
    server.await_log(2, |line| line["action"] == "film_events" && line["status"] == 200);
    let voted =
        Command::new("curl").args(["-s", "-o", "/dev/null", &format!("{}/?like=1", server.url)]).status();
    assert!(voted.expect("curl runs").success());
    server.await_log(1, |line| line["action"] == "like");
    std::thread::sleep(Duration::from_millis(300));
    // A stop ends the streams at once, long before it would cut them.
    server.signal("TERM");
    for curl in curls {
        let output = curl.wait_with_output().expect("an end");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("event: filmVoted\ndata: {\"id\":1,"), "{text}");
    }
    assert_eq!(server.wait(Duration::from_secs(3)), Some(0));
}

/// Over HTTP/1.1, HTTP/2 and a socket: who does not read is dropped, holds no memory, and holds up nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_takes_nothing_is_dropped() {
    let live = Live::with(UNLIMITED, |config| config.http.write_timeout = 1).await;
    let name = "n".repeat(200);
    live.app.execute(&format!("UPDATE film SET name = '{name}' WHERE id = 1")).await;
    live.app.until("/v1/films/1", |answer| answer.json()["name"] == name.as_str()).await;

    let body = json!({"query": greedy()}).to_string();
    let mut http1 = live.connect().await;
    http1.send(greedy_request().as_bytes()).await;
    let wire = Wire::connect(live.address).await;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(16 * 1024).initial_connection_window_size(64 * 1024);
    let (mut client, connection) = builder.handshake(TokioIo::new(wire.stream)).await.expect("HTTP/2");
    let http2 = tokio::spawn(connection);
    let request = Request::post("http://localhost/graphql")
        .header("accept", "text/event-stream")
        .header("content-type", "application/json")
        .body(Full::<Bytes>::from(body))
        .expect("a request");
    let unread = client.send_request(request).await.expect("an answer");
    assert_eq!(unread.status(), 200);
    let mut socket = Socket::ready(live.address).await;
    socket.subscribe("greedy", &greedy()).await;
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await["type"], "pong");

    let (answer, mut quick) = live.app.stream(Method::POST, "/graphql", Some(VOTED)).await;
    answer.expect(200);
    let votes = 1_500;
    for likes in 1..=votes {
        live.app.get("/?like=1").await.expect(200);
        assert_eq!(quick.data("next").await["data"]["filmVoted"]["likes"], likes);
    }
    drop(quick);
    tokio::time::timeout(Duration::from_secs(15), async {
        while !live.app.service.is_unheard() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("nobody listens any more");
    tokio::time::timeout(Duration::from_secs(5), http2).await.expect("it is closed").expect("no panic").ok();
    drop((unread, http1, socket));
    live.stop(Stop::AtOnce).await;
}

/// Each stream ends early in a stop, whatever carries it, also when it is quiet.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_never_held_up_by_a_stream() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    let mut wire = live.connect().await;
    wire.send(b"GET /v1/films/events HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let _socket = Socket::ready(live.address).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stopped = tokio::time::timeout(Duration::from_millis(2_500), live.stop(Stop::AtOnce)).await;
    stopped.expect("sockets are given a second to say goodbye, streams none");
    let (bytes, _) = wire.rest().await;
    assert!(String::from_utf8_lossy(&bytes).ends_with("0\r\n\r\n"), "a whole answer");
}

/// Operations over a socket have a line each, and so has the upgrade.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_over_a_socket_has_its_line() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let mut socket = Socket::ready(server.address()).await;
    socket.ask("query Named { film(id: 3) { id } }").await;
    socket.subscribe("votes", VOTED).await;
    socket.ask("{ nothing }").await;
    for id in ["one", "two"] {
        socket.subscribe(id, "mutation { like(id: 5) { id } }").await;
    }
    let lines = server.await_log(6, |line| line["target"] == "filmgate::request");
    let of = |wanted: Value| {
        let holds = |line: &&Value| {
            wanted.as_object().expect("fields").iter().all(|(name, value)| &line[name] == value)
        };
        assert_eq!(lines.iter().filter(holds).count(), 1, "{wanted}: {lines:?}");
    };
    of(json!({"status": 101, "method": "GET", "action": "websocket", "outcome": "ok", "charges": "flood=1"}));
    of(
        json!({"operation": "Named", "action": "film", "film_id": 3, "outcome": "ok", "charges": "browse=1,flood=1", "surface": "graphql", "method": "SUBSCRIBE"}),
    );
    of(
        json!({"action": "film_voted", "film_id": 1, "outcome": "ok", "root_fields": "filmVoted", "charges": "browse=1,flood=1"}),
    );
    of(json!({"status": 400, "outcome": "GRAPHQL_VALIDATION_FAILED", "charges": "flood=1"}));
    of(json!({"action": "like", "film_id": 5, "outcome": "ok", "charges": "film=1,flood=1"}));
    of(json!({"action": "like", "status": 429, "outcome": "RATE_LIMITED", "charges": "flood=1"}));
}

/// It would be as long as the answer to a GET (RFC 9110, 8.6), which has no end.
#[tokio::test]
async fn the_headers_alone_of_a_stream_tell_no_length() {
    let live = Live::start(UNLIMITED, &[], |_| {}).await;
    for path in [EVENTS.to_owned(), format!("/graphql?query={}", percent(VOTED))] {
        let mut wire = live.connect().await;
        let head = format!(
            "HEAD {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n"
        );
        wire.send(head.as_bytes()).await;
        let (told, _) = wire.rest().await;
        let told = String::from_utf8(told).expect("UTF-8");
        assert!(told.starts_with("HTTP/1.1 200") && !told.contains("content-length"), "{told}");
        assert!(told.ends_with("\r\n\r\n"), "{told}");
    }
}
