//! As many lines as requests were sent, whatever becomes of them; what never became a request is counted.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use crate::server::http2::{
    CONTINUATION, END_HEADERS, END_STREAM, GET, HEADERS, POST, Peer, RST_STREAM, fields, frame, literal,
    settle,
};
use crate::support::{Server, Wire};

const LONG: Duration = Duration::from_secs(20);

/// How many lines there are of each status.
type Statuses = BTreeMap<u64, usize>;

fn is_request(line: &Value) -> bool {
    line["target"] == "filmgate::request"
}

/// Waits for so many lines, and for more of them in vain; each has what is known of every request.
async fn lines(server: &Server, count: usize) -> Statuses {
    // More of them would be as wrong as fewer.
    for _ in 0..100 {
        if server.log().into_iter().filter(is_request).count() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut statuses = Statuses::new();
    let mut ids = HashSet::new();
    for line in server.log().into_iter().filter(is_request) {
        assert!(line["outcome"].is_string() && line["client"] == "127.0.0.1", "{line}");
        assert!(ids.insert(line["request_id"].as_str().expect("an id").to_owned()), "{line}");
        *statuses.entry(line["status"].as_u64().expect("a status")).or_default() += 1;
    }
    statuses
}

fn merged(mut statuses: Statuses) -> Statuses {
    let gone = statuses.remove(&499).unwrap_or(0);
    *statuses.entry(400).or_default() += gone;
    statuses
}

/// What the log has of it.
#[derive(Debug, Clone, Copy)]
enum Told {
    Line(u64),
    Counted(&'static str),
}

use Told::{Counted, Line};

/// Stops the server; how many connections were dropped, by cause.
fn dropped(server: &mut Server) -> BTreeMap<String, u64> {
    server.signal("TERM");
    assert_eq!(server.wait(LONG), Some(0));
    let mut all = BTreeMap::new();
    for line in server.log().into_iter().filter(|line| line["target"] == "filmgate::connections") {
        for count in line["counts"].as_str().expect("counts").split(',') {
            let (cause, count) = count.split_once('=').expect("a count");
            *all.entry(cause.to_owned()).or_default() += count.parse::<u64>().expect("a number");
        }
    }
    all
}

/// What is sent over a connection of its own, what comes back (0 for nothing), and the status in the log, or how what
/// never became a request is counted.
const OVER_HTTP1: [(&str, &str, u16, Told); 14] = [
    ("good", "GET /v1/films/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200, Line(200)),
    ("not found", "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404, Line(404)),
    ("no host", "GET /v1/films/1 HTTP/1.1\r\nConnection: close\r\n\r\n", 400, Line(400)),
    ("not HTTP", "this is not HTTP\r\n\r\n", 400, Counted("malformed")),
    (
        "another protocol",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{7c}\u{3}\u{3}hello",
        400,
        Counted("malformed"),
    ),
    ("a bad method", "G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, Counted("malformed")),
    ("a bad version", "GET / HTTP/3.7\r\nHost: localhost\r\n\r\n", 400, Counted("malformed")),
    ("a bad field", "GET / HTTP/1.1\r\nHost: localhost\r\nA b: c\r\n\r\n", 400, Counted("malformed")),
    (
        "a bad length",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        400,
        Counted("malformed"),
    ),
    (
        "a bad encoding",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        400,
        Counted("malformed"),
    ),
    ("half a preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", 400, Counted("malformed")),
    (
        "a bad chunk",
        "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        400,
        Line(400),
    ),
    ("half a header", "GET / HTTP/1.1\r\nHost: local", 0, Counted("broken_off")),
    (
        "half a body",
        "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
        400,
        Line(400),
    ),
];

/// The status that came back. A connection that is closed before all of it was read may lose its answer.
async fn send_once(server: &Server, sent: &[u8]) -> u16 {
    let mut wire = Wire::connect(server.address()).await;
    let _ = wire.stream.write_all(sent).await;
    // So that what breaks off is not waited for.
    let _ = wire.stream.shutdown().await;
    let answer = wire.rest().await.0;
    let status = String::from_utf8_lossy(&answer);
    status.get(9..12).map_or(0, |status| status.parse().expect("a status"))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_http1_has_its_line_and_what_is_none_is_counted(#[values(1, 25)] times: usize) {
    let folder = TempDir::new().expect("a folder");
    let server = Arc::new(Server::start(
        folder.path(),
        &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_HTTP__MAX_CONNECTIONS_PER_CLIENT", "1000")],
    ));
    let many_fields = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(200));
    let large = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(64 * 1024));
    let long = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "x".repeat(9_000));
    let mut cases: Vec<(&str, String, u16, Told)> = OVER_HTTP1
        .iter()
        .map(|(name, sent, answer, told)| (*name, (*sent).to_owned(), *answer, *told))
        .collect();
    cases.extend([
        ("too many fields", many_fields, 431, Counted("malformed")),
        ("too large a header", large, 431, Counted("malformed")),
        ("too long an address", long, 414, Line(414)),
    ]);
    let (mut wanted, mut wanted_counts) = (Statuses::new(), BTreeMap::new());
    let mut sending = JoinSet::new();
    for (name, sent, answer, told) in cases {
        match told {
            Line(status) => *wanted.entry(status).or_default() += times,
            Counted(cause) => *wanted_counts.entry(cause.to_owned()).or_default() += times as u64,
        }
        for _ in 0..times {
            let (server, sent) = (Arc::clone(&server), sent.clone());
            sending.spawn(async move { (name, send_once(&server, sent.as_bytes()).await, answer) });
        }
    }
    while let Some(sent) = sending.join_next().await {
        let (name, status, wanted) = sent.expect("no panic");
        assert!(status == wanted || status == 0 && wanted >= 400, "{name}: {status}");
    }
    assert_eq!(lines(&server, wanted.values().sum()).await, wanted);
    let mut server = Arc::into_inner(server).expect("the only one");
    assert_eq!(dropped(&mut server), wanted_counts);
}

/// Several in one packet, of which the last one is broken: that one has no line, and neither has a connection that ends
/// without a request.
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_behind_a_good_request_takes_no_line_from_it() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let good = "GET /v1/films/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (sent, answers) in [
        (format!("{good}{good}BROKEN\r\n\r\n"), 3),
        (format!("{good}GET / HT"), 1),
        (format!("{good}\r\n"), 1),
        (String::new(), 0),
    ] {
        let mut wire = Wire::connect(server.address()).await;
        wire.send(sent.as_bytes()).await;
        wire.stream.shutdown().await.expect("half a close");
        let answer = wire.rest().await.0;
        assert_eq!(String::from_utf8_lossy(&answer).matches("HTTP/1.1 ").count(), answers, "{sent}");
    }
    assert_eq!(lines(&server, 4).await, Statuses::from([(200, 4)]));
}

/// Refused before its body has come: what comes of it afterwards is not another request.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_nobody_reads_is_no_request() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    for _ in 0..20 {
        let mut wire = Wire::connect(server.address()).await;
        wire.send(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n").await;
        let (status, ..) = wire.answer().await;
        assert_eq!(status, 413);
        // Until it is closed, and then it is reset.
        while wire.stream.write_all(&[b'x'; 4_096]).await.is_ok() {}
    }
    assert_eq!(lines(&server, 20).await, Statuses::from([(413, 20)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_too_late_or_too_often_has_its_line() {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(
        folder.path(),
        &[
            ("FILMGATE_LIMITS__FLOOD", "10/minute"),
            ("FILMGATE_HTTP__HEADER_TIMEOUT", "1"),
            ("FILMGATE_HTTP__BODY_TIMEOUT", "1"),
            ("FILMGATE_HTTP__FIRST_BYTE_TIMEOUT", "1"),
        ],
    );
    let late_header = "GET / HTTP/1.1\r\nHost: local";
    let late_body = "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    let mut late = JoinSet::new();
    for sent in [late_header, late_body, ""].repeat(5) {
        let mut wire = Wire::connect(server.address()).await;
        late.spawn(async move {
            wire.send(sent.as_bytes()).await;
            wire.rest().await
        });
    }
    while let Some(ended) = late.join_next().await {
        ended.expect("no panic");
    }
    assert_eq!(lines(&server, 5).await, Statuses::from([(408, 5)]));
    let mut wire = Wire::connect(server.address()).await;
    for place in 0..30 {
        assert_eq!(wire.get("/nothing").await, Some(if place < 5 { 404 } else { 429 }));
    }
    assert_eq!(lines(&server, 35).await, Statuses::from([(404, 5), (408, 5), (429, 25)]));
    assert_eq!(
        dropped(&mut server),
        BTreeMap::from([("silent".to_owned(), 5), ("slow_header".to_owned(), 5)])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_no_room_has_a_line() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(
        folder.path(),
        &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_HTTP__MAX_IN_FLIGHT", "1")],
    );
    let mut asking = JoinSet::new();
    for _ in 0..40 {
        let mut wire = Wire::connect(server.address()).await;
        asking.spawn(async move {
            let mut statuses = Statuses::new();
            for _ in 0..10 {
                let status = wire.get("/v1/films?first=100").await.expect("an answer");
                *statuses.entry(status.into()).or_default() += 1;
            }
            statuses
        });
    }
    let mut wanted = Statuses::new();
    while let Some(statuses) = asking.join_next().await {
        for (status, times) in statuses.expect("no panic") {
            *wanted.entry(status).or_default() += times;
        }
    }
    assert_eq!(wanted.values().sum::<usize>(), 400);
    assert_eq!(lines(&server, 400).await, wanted);
}

/// A stop cuts off a body that never ends.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_stop_cuts_off_has_its_line() {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(
        folder.path(),
        &[("FILMGATE_HTTP__DRAIN_TIMEOUT", "1"), ("FILMGATE_HTTP__DRAIN_DELAY", "0")],
    );
    let mut body = Wire::connect(server.address()).await;
    body.send(b"POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.signal("TERM");
    body.rest().await;
    assert_eq!(server.wait(LONG), Some(0));
    assert_eq!(lines(&server, 1).await, Statuses::from([(499, 1)]));
}

/// Streams of one connection: what can be understood is a request.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_stream_of_http2_that_is_a_request_has_its_line(#[values(1, 20)] peers: usize) {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(
        folder.path(),
        &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_HTTP__MAX_CONNECTIONS_PER_CLIENT", "1000")],
    );
    let mut sending = JoinSet::new();
    for _ in 0..peers {
        let wire = Wire::connect(server.address()).await;
        sending.spawn(async move {
            let mut peer = Peer::connect(wire, &[]).await;
            let get = |stream, more: &[u8]| {
                let fields = [&fields(GET, "/v1/films/1")[..], more].concat();
                frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields)
            };
            peer.send(&get(1, &[])).await;
            // A connection has no fields here, a path comes once, and a method never after a field.
            peer.send(&get(3, &[&literal("a", "b")[..], &[0x82]].concat())).await;
            peer.send(&get(5, &literal("connection", "close"))).await;
            peer.send(&get(7, &literal(":path", "/"))).await;
            // Two of these are more than a header may hold.
            let large = literal("x-large", &"x".repeat(16_000));
            peer.send(&frame(HEADERS, END_STREAM, 9, &[&fields(GET, "/")[..], &large[..8_000]].concat()))
                .await;
            let rest = [&large[8_000..], &large, &large].concat();
            for part in rest.chunks(16_000) {
                peer.send(&frame(CONTINUATION, 0, 9, part)).await;
            }
            peer.send(&frame(CONTINUATION, END_HEADERS, 9, &[])).await;
            // Opened, and given up before its body is there.
            let post = [fields(POST, "/add_film"), literal("content-type", "application/json")].concat();
            peer.send(&frame(HEADERS, END_HEADERS, 11, &post)).await;
            settle(&mut peer).await;
            peer.send(&frame(RST_STREAM, 0, 11, &[0, 0, 0, 8])).await;
            settle(&mut peer).await;
            // And what is in work when its connection ends.
            peer.send(&frame(HEADERS, END_HEADERS, 13, &post)).await;
            settle(&mut peer).await;
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent.expect("no panic");
    }
    // Whether a body broke off (400) or its client went (499) is a matter of chance.
    let wanted = Statuses::from([(200, 1), (400, 2)]);
    let wanted = wanted.into_iter().map(|(status, times)| (status, times * peers)).collect::<Statuses>();
    assert_eq!(merged(lines(&server, 3 * peers).await), wanted);
}

/// More streams at once than there may be, and a connection that turns out not to speak HTTP/2.
#[tokio::test(flavor = "multi_thread")]
async fn what_http2_refuses_is_no_request() {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let mut peer = Peer::connect(Wire::connect(server.address()).await, &[]).await;
    let post = [fields(POST, "/add_film"), literal("content-type", "application/json")].concat();
    let streams: Vec<u8> =
        (0..105).flat_map(|place| frame(HEADERS, END_HEADERS, 1 + 2 * place, &post)).collect();
    peer.send(&streams).await;
    settle(&mut peer).await;
    // What has been read may not have come to its handler yet.
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(peer);
    assert_eq!(merged(lines(&server, 100).await), Statuses::from([(400, 100)]));
    // No settings first; then a header that cannot be decoded.
    let mut broken = Wire::connect(server.address()).await;
    broken.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnothing that would be a frame").await;
    broken.rest().await;
    let mut peer = Peer::connect(Wire::connect(server.address()).await, &[]).await;
    peer.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff; 20])).await;
    peer.goaway().await;
    assert_eq!(merged(lines(&server, 100).await), Statuses::from([(400, 100)]));
    assert_eq!(dropped(&mut server), BTreeMap::from([("flood".to_owned(), 2)]));
}

/// A header that is too large costs its sender little on HTTP/2, and no quota: it cannot be sent for ever.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_unread_again_and_again_is_sent_away() {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let peer = Peer::connect(Wire::connect(server.address()).await, &[]).await;
    let (mut reading, mut writing) = tokio::io::split(peer.0);
    let flood = tokio::spawn(async move {
        // Kept in the table of the connection (index 62), and then named by one byte each time.
        let kept = [&[0x40, 1, b'x', 0x7f][..], &[0xb9, 0x16], &[b'x'; 3_000]].concat();
        // Far more than what lies on the way while the server is slow.
        for stream in 0..1_000_000_u32 {
            let more = if stream == 0 { kept.clone() } else { vec![0xbe; 20] };
            // GET / of localhost, none of which is kept.
            let fields = [&[0x82, 0x86, 0x84, 0x01, 9][..], b"localhost", &more].concat();
            let sent = frame(HEADERS, END_HEADERS | END_STREAM, 1 + 2 * stream, &fields);
            if writing.write_all(&sent).await.is_err() {
                return true;
            }
        }
        false
    });
    let mut read = Vec::new();
    let _ = tokio::time::timeout(LONG, reading.read_to_end(&mut read)).await.expect("it is closed");
    assert!(flood.await.expect("no panic"), "a million of them were taken");
    // The first of them is not too large yet.
    assert!(lines(&server, 0).await.values().sum::<usize>() <= 1);
    assert_eq!(dropped(&mut server), BTreeMap::from([("flood".to_owned(), 1)]));
}
