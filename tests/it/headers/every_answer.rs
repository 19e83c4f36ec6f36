//! What every answer carries, whatever its status and its surface: the bare ones aside that the HTTP library gives to what
//! it cannot read.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Live, Wire};

const TRUSTED: &str = "http://localhost:5173";
const FOREIGN: &str = "http://evil.example";

const ALWAYS: [&str; 6] = [
    "content-security-policy: default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options: nosniff",
    "x-frame-options: deny",
    "referrer-policy: no-referrer",
    "cross-origin-resource-policy: same-origin",
    "x-request-id: ",
];

struct Request {
    line: &'static str,
    status: u16,
    head: String,
    body: String,
}

fn request(line: &'static str, status: u16, head: &str, body: &str) -> Request {
    Request { line, status, head: head.to_owned(), body: body.to_owned() }
}

fn graphql(status: u16, query: &str) -> Request {
    let head = "Content-Type: application/json\r\nAccept: application/graphql-response+json\r\n";
    request("POST /graphql", status, head, &json!({ "query": query }).to_string())
}

/// In a service whose film quota is used up.
fn requests() -> Vec<Request> {
    const JSON: &str = "Content-Type: application/json\r\n";
    let preflight = "Access-Control-Request-Method: POST\r\n";
    let socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let long_header = format!("X-Long: {}\r\n", "x".repeat(20_000));
    let large = format!("{JSON}Content-Length: 9000000\r\n");
    let frozen = json!({"name": "Frozen", "studio": "Disney", "year": 2013}).to_string();
    vec![
        request("GET /v1/films/1", 200, "", ""),
        request("GET /v1/films/1", 304, "If-None-Match: *\r\n", ""),
        graphql(200, "{ film(id: 1) { id } }"),
        request("GET /health/live", 200, "", ""),
        request("POST /v1/films", 201, JSON, &json!({"name": "N", "studio": "S"}).to_string()),
        request("OPTIONS /v1/films", 204, preflight, ""),
        request("OPTIONS /graphql", 204, preflight, ""),
        request(
            "GET /graphql",
            303,
            "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
            "",
        ),
        request("GET /?like=x", 400, "", ""),
        graphql(400, "{"),
        request("GET /v1/films/1", 401, "Authorization: Bearer nonsense\r\n", ""),
        request("POST /graphql", 401, &format!("{JSON}Authorization: Bearer nonsense\r\n"), "{}"),
        request("GET /?like=1", 403, "Sec-Purpose: prefetch\r\n", ""),
        request("GET /v1/films/9999", 404, "", ""),
        request("GET /nothing", 404, "", ""),
        request("GET /graphql/nothing", 404, "", ""),
        request("DELETE /v1/films", 405, "", ""),
        request("DELETE /graphql", 405, "", ""),
        request("GET /graphql?query=mutation%7Blike(id:1)%7Bid%7D%7D", 405, "", ""),
        request("POST /graphql", 406, &format!("{JSON}Accept: text/plain\r\n"), "{}"),
        request("POST /v1/films", 408, &format!("{JSON}Content-Length: 9\r\n"), ""),
        request("POST /graphql", 408, &format!("{JSON}Content-Length: 9\r\n"), ""),
        request("POST /v1/films", 409, JSON, &frozen),
        request("POST /v1/films", 413, &large, ""),
        request("POST /graphql", 413, &large, ""),
        request(LONG_REST, 414, "", ""),
        request(LONG_GRAPHQL, 414, "", ""),
        request("POST /v1/films", 415, "Content-Type: text/plain\r\n", "{}"),
        request("POST /graphql", 415, "Content-Type: text/plain\r\n", "{}"),
        request("POST /v1/films", 422, JSON, "{}"),
        graphql(422, "mutation { a: like(id: 1) { id } b: like(id: 1) { id } c: like(id: 1) { id } }"),
        request("GET /graphql", 426, socket, ""),
        request("GET /", 429, "", ""),
        graphql(429, "{ randomFilm { id } }"),
        request("GET /v1/films/1", 431, &long_header, ""),
        request("GET /graphql", 431, &long_header, ""),
    ]
}

const LONG_REST: &str = "GET /{long}";
const LONG_GRAPHQL: &str = "GET /graphql?query={long}";

/// Status and head of the answer to a request with this origin, if any.
async fn send(live: &Live, request: &Request, origin: Option<&str>) -> (u16, String) {
    let mut wire: Wire = live.connect().await;
    let asked = request.line.replace("{long}", &"x".repeat(9_000));
    let origin = origin.map_or(String::new(), |origin| format!("Origin: {origin}\r\n"));
    let length = if request.head.contains("Content-Length") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", request.body.len())
    };
    let Request { head, body, .. } = request;
    wire.send(format!("{asked} HTTP/1.1\r\nHost: localhost\r\n{origin}{length}{head}\r\n{body}").as_bytes())
        .await;
    // A body that never comes would not end an answer to HEAD; nobody asks for one here.
    let (status, head, _) = wire.answer().await;
    (status, head)
}

fn check(name: &str, head: &str, origin: Option<&str>) {
    for header in ALWAYS {
        assert!(head.contains(header), "{name}: no {header} in {head}");
    }
    // What is the same for everybody has a tag, and is asked for again by that.
    let kept = if head.contains("\r\netag: ") { "no-cache" } else { "no-store" };
    assert!(head.contains(&format!("\r\ncache-control: {kept}")), "{name}: {head}");
    let lines = |prefix: &str| head.lines().filter(|line| line.starts_with(prefix)).collect::<Vec<_>>();
    let varies = lines("vary: ").iter().any(|line| line.split([',', ' ']).any(|part| part == "origin"));
    assert!(varies, "{name}: {head}");
    let (allowed, exposed) = (lines("access-control-allow-origin"), lines("access-control-expose-headers"));
    if origin == Some(TRUSTED) {
        assert_eq!(allowed, [format!("access-control-allow-origin: {TRUSTED}")], "{name}");
        let exposed = exposed.concat();
        for header in [
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "location",
            "etag",
            "accept-query",
            "x-request-id",
        ] {
            assert!(exposed.split([',', ' ']).any(|part| part == header), "{name}: {exposed}");
        }
    } else {
        assert!(!head.contains("access-control-"), "{name}: {head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_status_of_both_surfaces_has_its_headers() {
    let live = Live::with("film=2/day; add_film=100/day; browse=1000/day", |config| {
        config.http.body_timeout = 1;
        // Lists come from the database, which is going to break.
        config.catalogue.max_bytes = 0;
    })
    .await;
    for _ in 0..2 {
        live.app.get("/").await.expect(200);
    }
    let mut seen = BTreeSet::new();
    for request in requests() {
        for origin in [None, Some(TRUSTED), Some(FOREIGN)] {
            let (status, head) = send(&live, &request, origin).await;
            let name = format!("{} {} from {origin:?}", request.line, request.status);
            // A foreign page is refused where it could change something, so is a film that is there already; and what
            // comes from no page is no preflight.
            let is_other = origin == Some(FOREIGN)
                || request.status == 201 && status == 409
                || request.status == 204 && origin.is_none();
            assert!(status == request.status || is_other, "{name}: {status}");
            check(&name, &head, origin);
            seen.insert(status);
        }
    }
    let votes = live.app.count("SELECT COUNT(*) FROM vote").await;
    assert_eq!(votes, 0);
    // When something breaks, and when there is no room.
    live.app.execute("DROP TABLE film_genre").await;
    for origin in [None, Some(TRUSTED), Some(FOREIGN)] {
        let (status, head) = send(&live, &request("GET /v1/films", 500, "", ""), origin).await;
        assert_eq!(status, 500);
        check("500", &head, origin);
        seen.insert(status);
    }
    let full = Live::with("", |config| config.http.max_in_flight = 0).await;
    for request in [request("GET /v1/films/1", 503, "", ""), graphql(503, "{ __typename }")] {
        for origin in [None, Some(TRUSTED), Some(FOREIGN)] {
            let (status, head) = send(&full, &request, origin).await;
            assert_eq!(status, 503);
            assert!(head.contains("retry-after: "), "{head}");
            check("503", &head, origin);
            seen.insert(status);
        }
    }
    let all = [
        200, 201, 204, 303, 304, 400, 401, 403, 404, 405, 406, 408, 409, 413, 414, 415, 422, 426, 429, 431,
        500, 503,
    ];
    assert_eq!(seen, BTreeSet::from(all));
}

/// What a page of another site can send without a preflight never runs a mutation; and a preflight runs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn simple_requests_and_preflights_change_nothing() {
    let live = Live::with("", |_| {}).await;
    let vote = json!({"query": "mutation { like(id: 1) { id } }"}).to_string();
    let film = json!({"name": "N", "studio": "S"}).to_string();
    let form = "query=mutation%7Blike(id:1)%7Bid%7D%7D&name=N&studio=S".to_owned();
    let parts =
        format!("--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{vote}\r\n--x--\r\n");
    for origin in [None, Some("null"), Some(FOREIGN), Some(TRUSTED)] {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain; application/json",
            "",
        ] {
            for body in [&vote, &film, &form, &parts] {
                for line in ["POST /graphql", "POST /add_film", "POST /v1/films"] {
                    let head =
                        if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
                    let (status, _) = send(&live, &request(line, 415, &head, body), origin).await;
                    assert!([415, 403].contains(&status), "{line} {kind} {origin:?}: {status}");
                }
            }
        }
        for line in ["OPTIONS /graphql", "OPTIONS /?like=1", "OPTIONS /v1/films/1/like", "OPTIONS /add_film"]
        {
            let head = "Access-Control-Request-Method: POST\r\nContent-Type: application/json\r\n";
            send(&live, &request(line, 204, head, &film), origin).await;
        }
    }
    assert_eq!(live.app.count("SELECT COUNT(*) FROM vote").await, 0);
    assert_eq!(live.app.count("SELECT COUNT(*) FROM film").await, 620);
}
