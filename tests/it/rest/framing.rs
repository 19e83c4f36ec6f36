//! Where a request ends: nothing is left for a proxy in front to see otherwise (request smuggling).

use crate::server::http2::{
    DATA, END_HEADERS, END_STREAM, GET, HEADERS, POST, Peer, RST_STREAM, fields, frame, literal,
};
use crate::support::{Live, UNLIMITED};

/// What an attacker wants to be taken for a request of its own.
const SMUGGLED: &str = "GET /?like=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";

const FILM: &str = r#"{"name":"N","studio":"S"}"#;

/// A request that adds a film, with these header lines and this body, and what is smuggled behind it.
fn request(lines: &str, body: &str) -> String {
    format!(
        "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{lines}\r\n{body}{SMUGGLED}"
    )
}

fn chunked(size: &str) -> String {
    format!("{size}\r\n{FILM}\r\n0\r\n\r\n")
}

/// The statuses of all answers until the connection ends.
async fn statuses(live: &Live, bytes: &str) -> Vec<u16> {
    let mut wire = live.connect().await;
    wire.send(bytes.as_bytes()).await;
    let mut statuses = Vec::new();
    while let Some((status, ..)) = wire.try_answer().await {
        statuses.push(status);
    }
    statuses
}

#[tokio::test]
async fn a_body_whose_length_can_be_read_in_two_ways_ends_the_connection() {
    let live = Live::start(UNLIMITED, &[], |_| {}).await;
    let whole = chunked("19");
    // Whoever goes by the length sees a request in what follows; the chunks say where the body ends, and then nobody
    // is listened to any more.
    for lines in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
    ] {
        let status = statuses(&live, &request(lines, &whole)).await;
        assert!(matches!(status[..], [201 | 409]), "{lines:?}: {status:?}");
    }
    for lines in [
        "Content-Length: 25\r\nContent-Length: 4\r\n",
        "Content-Length: 25, 25\r\n",
        "Content-Length: +25\r\n",
        "Content-Length: 0x19\r\n",
        "Content-Length: 25;\r\n",
        "Content-Length: \r\n",
        "Content-Length: 18446744073709551641\r\n",
        "Content-Length : 25\r\n",
        "X: a\r\n Content-Length: 4\r\n",
        "X: a\rContent-Length: 4\r\n",
        "X: a\0\r\nContent-Length: 25\r\n",
    ] {
        assert_eq!(statuses(&live, &request(lines, FILM)).await, [400], "{lines:?}");
    }
    for lines in [
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: \u{b}chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
    ] {
        assert_eq!(statuses(&live, &request(lines, &whole)).await, [400], "{lines:?}");
    }
    for size in ["-1", "+19", "0x19", " 19", "19\n", "", "10000000000000019", "19;a=\"\n\""] {
        let bytes = request("Transfer-Encoding: chunked\r\n", &chunked(size));
        assert_eq!(statuses(&live, &bytes).await, [400], "{size:?}");
    }
    let old =
        request("Transfer-Encoding: chunked\r\n", &whole).replace("HTTP/1.1\r\nHost", "HTTP/1.0\r\nHost");
    assert_eq!(statuses(&live, &old).await, [400]);
    assert_eq!(live.app.count("SELECT COUNT(*) FROM vote").await, 0, "nothing was smuggled");
    assert_eq!(live.app.count("SELECT COUNT(*) FROM film").await, 621, "and nothing refused was done");
}

/// A vote has no use for a body. One that comes all the same has to come to its end, or there was no request.
#[tokio::test]
async fn a_change_is_made_only_when_its_body_has_ended() {
    let live = Live::start(UNLIMITED, &[], |http| http.body_timeout = 1).await;
    let whole = chunked("19");
    for (target, lines, body, status) in [
        ("POST /v1/films/1/like", "Transfer-Encoding: chunked\r\n", "ZZ\r\n", 400),
        ("POST /v1/films/1/dislike", "Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n", 400),
        ("GET /?like=1", "Transfer-Encoding: chunked\r\n", "19;\r\n{", 408),
        ("GET /?dislike=1", "Content-Length: 10\r\n", "{}", 408),
        ("POST /v1/films/1/like", "Transfer-Encoding: chunked, chunked\r\n", &whole, 400),
        (
            "POST /v1/films/1/like",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            &whole,
            400,
        ),
        ("POST /v1/films/1/like", "Transfer-Encoding: gzip, chunked\r\n", &whole, 400),
    ] {
        let bytes = format!("{target} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n{body}");
        assert_eq!(statuses(&live, &bytes).await, [status], "{target} {lines:?}");
    }
    let votes = async || live.app.count("SELECT COUNT(*) FROM vote").await;
    assert_eq!(votes().await, 0);
    for (method, path, length) in [("POST", "/v1/films/1/like", "5"), ("GET", "/?like=1", "1")] {
        let mut peer = Peer::connect(live.connect().await, &[]).await;
        let mut head = fields(if method == "POST" { POST } else { GET }, path);
        head.extend(literal("content-length", length));
        peer.send(&frame(HEADERS, END_HEADERS, 1, &head)).await;
        peer.send(&frame(DATA, END_STREAM, 1, b"ab")).await;
        while let Some((kind, _, stream, _)) = peer.next().await {
            if stream == 1 && matches!(kind, HEADERS | RST_STREAM) {
                break;
            }
        }
        assert_eq!(votes().await, 0, "{method} {path}");
    }
    let whole = "POST /v1/films/1/like HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(statuses(&live, whole).await, [200]);
    assert_eq!(votes().await, 1);
}

#[tokio::test]
async fn what_http2_forbids_is_no_request() {
    let live = Live::start(UNLIMITED, &[], |_| {}).await;
    let cases: [(&str, &str, i64); 10] = [
        ("content-length", "24", 0),
        ("content-length", "26", 0),
        ("transfer-encoding", "chunked", 0),
        ("connection", "close", 0),
        ("X-Upper", "a", 0),
        ("x-colon: a", "a", 0),
        ("x-value", "a\r\nx-smuggled: b", 0),
        ("x-value", "a\nb", 0),
        ("x-value", "a\0b", 0),
        ("content-length", "25", 1),
    ];
    for (name, value, added) in cases {
        let mut peer = Peer::connect(live.connect().await, &[]).await;
        let mut head = fields(POST, "/add_film");
        head.extend(literal("content-type", "application/json"));
        head.extend(literal(name, value));
        peer.send(&frame(HEADERS, END_HEADERS, 1, &head)).await;
        peer.send(&frame(DATA, END_STREAM, 1, FILM.as_bytes())).await;
        while let Some((kind, _, stream, _)) = peer.next().await {
            if stream == 1 && matches!(kind, HEADERS | RST_STREAM) {
                break;
            }
        }
        let films = live.app.count("SELECT COUNT(*) FROM film").await;
        assert_eq!(films, 620 + added, "{name}: {value:?}");
    }
}
