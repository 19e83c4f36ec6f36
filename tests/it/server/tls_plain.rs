//! Plain HTTP beside TLS, and how browsers are kept from it.

use std::net::SocketAddr;
use std::time::Duration;

use rstest::rstest;
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::support::{Server, Transport, Wire, code, shake_anybody};

const CANARY: &str = "CaNaRy-4711";

/// A server that encrypts, and the address of its entrance for plain HTTP.
fn start(folder: &TempDir, more: &[(&str, &str)]) -> (Server, SocketAddr) {
    let settings = [("FILMGATE_TLS__REDIRECT_LISTEN", "127.0.0.1:0"), ("FILMGATE_TLS__REDIRECT_PORT", "443")];
    let all: Vec<(&str, &str)> = settings.iter().chain(more).copied().collect();
    let server = Server::start_with(folder.path(), &all, &Transport::Tls.variables(folder.path()));
    let line = server.greeting.lines().find(|line| line.contains("plain HTTP")).expect("a line");
    let address = line.split_whitespace().nth(2).expect("an address").parse().expect("an address");
    (server, address)
}

/// Status, head in small letters, body.
async fn ask(address: SocketAddr, request: &str) -> (u16, String, String) {
    let mut wire = Wire::connect(address).await;
    wire.send(request.replace('\n', "\r\n").as_bytes()).await;
    wire.answer().await
}

fn location(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("location: "))
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_led_to_https_and_calls_are_refused() {
    let folder = TempDir::new().expect("a folder");
    let (server, address) = start(&folder, &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    for (method, target, accept, led) in [
        ("GET", "/playground", html, Some("https://localhost/playground")),
        ("HEAD", "/playground", html, Some("https://localhost/playground")),
        (
            "GET",
            "/playground/rest?path=/v1/films",
            html,
            Some("https://localhost/playground/rest?path=/v1/films"),
        ),
        ("GET", "/index.html", html, Some("https://localhost/index.html")),
        ("GET", "/", html, Some("https://localhost/")),
        ("GET", "/playground", "*/*", None),
        ("GET", "/playgrounds", html, None),
        ("POST", "/playground", html, None),
        ("GET", "/", "*/*", None),
        ("GET", "/?like=1", html, None),
        ("GET", "/?", html, None),
        ("HEAD", "/", "*/*", None),
        ("GET", "/v1/films", html, None),
        ("POST", "/add_film", "*/*", None),
        ("GET", "/graphql?query=%7Bfilm(id:1)%7Bid%7D%7D", html, None),
        ("POST", "/graphql", "application/json", None),
        ("OPTIONS", "/graphql", "*/*", None),
        ("GET", "/health/live", "*/*", None),
        ("GET", "/no/such/path", html, None),
    ] {
        let request = format!(
            "{method} {target} HTTP/1.1\nHost: localhost:80\nAccept: {accept}\nContent-Length: 0\nConnection: close\n\n"
        );
        let mut wire = Wire::connect(address).await;
        wire.send(request.replace('\n', "\r\n").as_bytes()).await;
        let text = String::from_utf8(wire.rest().await.0).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let (status, head) = (&head[9..12], head.to_ascii_lowercase());
        assert_eq!(location(&head), led, "{method} {target}");
        assert!(
            head.contains("\r\nx-request-id: ") && head.contains("\r\ncache-control: no-store"),
            "{head}"
        );
        assert!(!head.contains("strict-transport-security"), "{head}");
        let form = match (led, target.starts_with("/graphql")) {
            (Some(_), _) => {
                assert_eq!((status, body), ("308", ""));
                continue;
            }
            (None, false) => "application/problem+json",
            (None, true) => "application/json; charset=utf-8",
        };
        assert_eq!(status, "403", "{method} {target}");
        assert!(head.contains(&format!("\r\ncontent-type: {form}")), "{head}");
        if method == "HEAD" {
            assert_eq!(body, "");
        } else {
            assert_eq!(code(body), "HTTPS_REQUIRED");
        }
    }
    let mut film = Transport::Tls.connect(server.address()).await;
    film.send(b"GET /v1/films/1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(film.answer().await.2.contains("\"likes\":0"), "no vote was recorded");
}

/// Nobody is led to a host that is not ours.
#[rstest]
#[case::foreign("GET /playground HTTP/1.1\nHost: evil.example\nAccept: text/html\n\n", 403)]
#[case::absolute("GET http://evil.example/playground HTTP/1.1\nHost: localhost\nAccept: text/html\n\n", 403)]
#[case::user("GET /playground HTTP/1.1\nHost: localhost@evil.example\nAccept: text/html\n\n", 400)]
#[case::two("GET /playground HTTP/1.1\nHost: localhost\nHost: evil.example\nAccept: text/html\n\n", 400)]
#[case::none("GET /playground HTTP/1.1\nAccept: text/html\n\n", 400)]
#[case::old("GET /playground HTTP/1.0\nAccept: text/html\n\n", 403)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_elsewhere(#[case] request: &str, #[case] status: u16) {
    let folder = TempDir::new().expect("a folder");
    let (_server, address) = start(&folder, &[]);
    let (answered, head, _) = ask(address, request).await;
    assert_eq!((answered, location(&head)), (status, None), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_that_is_led_to_is_the_one_that_was_asked_for() {
    let folder = TempDir::new().expect("a folder");
    let settings = [("FILMGATE_ALLOWED_HOSTS", "films.example"), ("FILMGATE_TLS__REDIRECT_PORT", "8443")];
    let (_server, address) = start(&folder, &settings);
    for (host, led) in [
        ("films.example", "films.example:8443"),
        ("Films.Example:80", "films.example:8443"),
        ("[::1]:80", "[::1]:8443"),
    ] {
        let request = format!("GET /playground//evil.example HTTP/1.1\nHost: {host}\nAccept: text/html\n\n");
        let (status, head, _) = ask(address, &request).await;
        let led = format!("https://{led}/playground//evil.example");
        assert_eq!((status, location(&head)), (308, Some(led.as_str())));
    }
}

/// What was sent in the clear is not written down as well, and its sender is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_came_in_the_clear_is_refused_and_logged_nowhere() {
    let folder = TempDir::new().expect("a folder");
    let (server, address) = start(&folder, &[("FILMGATE_LOG__LEVEL", "trace")]);
    for request in [
        format!(
            "GET /playground HTTP/1.1\nHost: localhost\nAccept: text/html\nAuthorization: Bearer {CANARY}\n\n"
        ),
        format!("GET /playground HTTP/1.1\nHost: localhost\nAccept: text/html\nX-API-Key: {CANARY}\n\n"),
        format!("GET /?key={CANARY} HTTP/1.1\nHost: localhost\n\n"),
    ] {
        let (status, head, body) = ask(address, &request).await;
        assert_eq!((status, location(&head), code(&body).as_str()), (403, None, "HTTPS_REQUIRED"));
        assert!(!body.contains(CANARY) && body.contains("exchange it"), "{body}");
    }
    let lines = server.await_log(3, |line| line["target"] == "filmgate::request");
    assert!(
        lines.iter().all(|line| line["outcome"] == "HTTPS_REQUIRED" && line["status"] == 403),
        "{lines:?}"
    );
    assert!(server.log().iter().all(|line| !line.to_string().contains(CANARY)));
}

/// The same front surface: time, floods, and one count of connections for both entrances.
#[tokio::test(flavor = "multi_thread")]
async fn the_plain_entrance_is_guarded_like_the_other_one() {
    let folder = TempDir::new().expect("a folder");
    let settings = [
        ("FILMGATE_HTTP__FIRST_BYTE_TIMEOUT", "2"),
        ("FILMGATE_HTTP__MAX_CONNECTIONS", "4"),
        ("FILMGATE_LIMITS__FLOOD", "3/day"),
    ];
    let (mut server, address) = start(&folder, &settings);
    let mut held = Vec::new();
    for entrance in [address, server.address(), address, server.address()] {
        held.push(Wire::connect(entrance).await);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    for entrance in [address, server.address()] {
        let (read, took) = Wire::connect(entrance).await.rest().await;
        assert!(read.is_empty() && took < Duration::from_secs(1), "{took:?}");
    }
    for mut wire in held {
        let (read, took) = wire.rest().await;
        assert!(read.is_empty() && took < Duration::from_secs(6), "{took:?}");
    }
    for status in [403, 403, 403, 429] {
        assert_eq!(ask(address, "GET / HTTP/1.1\nHost: localhost\n\n").await.0, status);
    }
    // One limiter for both.
    assert_eq!(Transport::Tls.connect(server.address()).await.get("/").await, Some(429));
    server.signal("INT");
    assert_eq!(server.wait(Duration::from_secs(10)), Some(0));
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[rstest]
#[case::by_default(&[], Some("max-age=31536000"))]
#[case::below(&[("FILMGATE_TLS__HSTS_INCLUDE_SUBDOMAINS", "true"), ("FILMGATE_TLS__HSTS_MAX_AGE", "60")], Some("max-age=60; includesubdomains"))]
#[case::forget(&[("FILMGATE_TLS__HSTS_MAX_AGE", "0")], Some("max-age=0"))]
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_keeps_browsers_on_https(
    #[case] settings: &[(&str, &str)],
    #[case] wanted: Option<&str>,
) {
    let folder = TempDir::new().expect("a folder");
    let flood = ("FILMGATE_LIMITS__FLOOD", "11/day");
    let settings: Vec<(&str, &str)> = settings.iter().copied().chain([flood]).collect();
    let server = Server::start_with(folder.path(), &settings, &Transport::Tls.variables(folder.path()));
    for (request, status) in [
        ("GET / HTTP/1.1\nHost: localhost\n\n", 200),
        ("GET /playground/basic HTTP/1.1\nHost: localhost\n\n", 200),
        ("GET /index.html HTTP/1.1\nHost: localhost\n\n", 303),
        ("GET /?like=x HTTP/1.1\nHost: localhost\n\n", 400),
        ("GET /v1/films HTTP/1.1\nHost: localhost\nAuthorization: Bearer x\n\n", 401),
        ("GET / HTTP/1.1\nHost: evil.example\n\n", 403),
        ("GET /no/such/path HTTP/1.1\nHost: localhost\n\n", 404),
        ("PUT / HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n", 405),
        ("GET /graphql?query=%7B__typename%7D HTTP/1.1\nHost: localhost\n\n", 200),
        (
            "GET /graphql?query=%7B HTTP/1.1\nHost: localhost\nAccept: application/graphql-response+json\n\n",
            400,
        ),
        ("GET /health/ready HTTP/1.1\nHost: 10.0.0.1\n\n", 200),
        ("GET / HTTP/1.1\nHost: localhost\n\n", 429),
        ("GET /graphql?query=%7B__typename%7D HTTP/1.1\nHost: localhost\n\n", 429),
    ] {
        let mut wire = Transport::Tls.connect(server.address()).await;
        wire.send(request.replace('\n', "\r\n").as_bytes()).await;
        let (answered, head, _) = wire.answer().await;
        assert_eq!(answered, status, "{request}");
        let said = head.lines().find_map(|line| line.strip_prefix("strict-transport-security: "));
        assert_eq!(said, wanted, "{request}");
    }
}

/// Where it would bar a browser from every server of this machine, or where nothing is encrypted by us.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_of_https_without_a_certificate_from_files() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_TLS__MODE", "self-signed")]);
    let other = TempDir::new().expect("a folder");
    let plain = Server::start(other.path(), &[("FILMGATE_TLS__MODE", "off")]);
    for (server, is_encrypted) in [(server, true), (plain, false)] {
        let mut wire = if is_encrypted {
            Wire::over(shake_anybody(server.address()).await)
        } else {
            Wire::connect(server.address()).await
        };
        wire.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let (status, head, _) = wire.answer().await;
        assert_eq!(status, 200);
        assert!(!head.contains("strict-transport-security"), "{head}");
    }
}
