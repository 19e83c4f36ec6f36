//! Where the second listener is, who is answered there, and when it goes.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use reqwest::header::{HOST, HeaderMap};
use reqwest::{Client, Method};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::scrape::{ON, Scrape, address};
use crate::support::{Server, TestApp, Told, UNLIMITED, Wire};

const LONG: Duration = Duration::from_secs(20);

fn place(server: &Server) -> SocketAddr {
    let url = reqwest::Url::parse(&address(server)).expect("a URL");
    url.socket_addrs(|| None).expect("an address")[0]
}

#[tokio::test]
async fn nothing_is_measured_until_it_is_asked_for() {
    let app = TestApp::new(UNLIMITED).await;
    app.get("/metrics").await.expect_problem(404, "NOT_FOUND");
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_ADMIN__LISTEN", "")]);
    assert!(!server.greeting.contains("metrics"), "{}", server.greeting);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_listener_has_metrics_for_this_machine_and_the_first_one_none() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[ON]);
    assert!(place(&server).ip().is_loopback(), "a port alone is of this machine");
    assert_ne!(place(&server), server.address());
    for (method, path, host, status) in [
        (Method::GET, "/metrics", "localhost", 200),
        (Method::GET, "/metrics?a=b", "127.0.0.1:9090", 200),
        (Method::HEAD, "/metrics", "localhost", 200),
        (Method::POST, "/metrics", "localhost", 405),
        (Method::GET, "/metrics", "films.example", 403),
        (Method::GET, "/", "localhost", 404),
        (Method::GET, "/v1/films/1", "localhost", 404),
        (Method::GET, "/health/live", "localhost", 404),
    ] {
        let url = format!("http://{}{path}", place(&server));
        let answer =
            Client::new().request(method.clone(), url).header(HOST, host).send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{method} {path} {host}");
        let text = answer.text().await.expect("a text");
        assert_eq!(text.contains("filmgate_films"), method == Method::GET && status == 200, "{path}: {text}");
    }
    // Whatever came through a proxy or a browser, and whoever names himself twice, asks for no reload.
    let reload = format!("http://{}/reload", place(&server));
    for (name, value) in [
        ("forwarded", "for=192.0.2.1"),
        ("x-forwarded-for", "192.0.2.1"),
        ("via", "1.1 proxy"),
        ("x-real-ip", "192.0.2.1"),
        ("origin", "http://localhost"),
        ("host", "films.example"),
    ] {
        let call = Client::new().post(&reload).header(HOST, "localhost");
        let mut headers = HeaderMap::new();
        headers.append(name, value.parse().expect("a value"));
        let answer = call.headers(headers).send().await.expect("an answer");
        assert_eq!(answer.status(), 403, "{name}");
    }
    let url = format!("http://{}/metrics", place(&server));
    let curl =
        ["--http2-prior-knowledge", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", &url];
    let by_http2 = Command::new("curl").args(curl).output().expect("curl");
    assert_eq!(String::from_utf8_lossy(&by_http2.stdout), "200", "over HTTP/2");
    let public = reqwest::get(format!("{}/metrics", server.url)).await.expect("an answer");
    assert_eq!(public.status(), 404);
    let text = public.text().await.expect("a text");
    assert!(!text.contains("filmgate_films"), "{text}");
}

/// A port that is taken, or that clients come to.
#[test]
fn a_start_is_refused_that_cannot_have_it_or_would_show_it_to_clients() {
    let folder = TempDir::new().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let start = |admin: &str, listen: &str| {
        let variables = [("FILMGATE_ADMIN__LISTEN", admin), ("FILMGATE_LISTEN", listen)];
        Told::of(Server::output(folder.path(), &[], &variables))
    };
    start(&port, "0").failed(1, &[&format!("127.0.0.1:{port} is in use"), "admin.listen"]);
    start("127.0.0.1:4444", "4444").failed(2, &["admin.listen", "a port of its own"]);
    start("0.0.0.0:4444", "127.0.0.1:4444").failed(2, &["admin.listen", "a port of its own"]);
    start("films.example", "0").failed(2, &["admin.listen", "127.0.0.1"]);
    assert!(!folder.path().join("filmgate.db").exists(), "a start that is refused leaves no trace");
}

/// Collectors are no clients: neither a limit nor a cap of theirs keeps one out. And it is there until the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_clients_keeps_no_collector_out_and_a_stop_closes_it_last() {
    let folder = TempDir::new().expect("a folder");
    let variables = [
        ON,
        ("FILMGATE_HTTP__MAX_CONNECTIONS", "2"),
        ("FILMGATE_LIMITS__FLOOD", "1/hour"),
        ("FILMGATE_HTTP__DRAIN_DELAY", "2"),
    ];
    let mut server = Server::start(folder.path(), &variables);
    let mut crowd = [Wire::connect(server.address()).await, Wire::connect(server.address()).await];
    assert_eq!(crowd[0].get("/").await, Some(200));
    assert_eq!(crowd[1].get("/").await, Some(429));
    for _ in 0..10 {
        let scrape = Scrape::of(&server).await;
        assert_eq!(scrape.sum("filmgate_connections", &[]), Some(2.0));
    }
    server.signal("TERM");
    tokio::time::sleep(Duration::from_millis(500)).await;
    Scrape::of(&server).await;
    drop(crowd);
    let at = place(&server);
    assert_eq!(server.wait(LONG), Some(0));
    assert!(TcpStream::connect(at).await.is_err(), "nobody listens any more");
    let stops = server.log().into_iter().filter(|line| {
        line["message"].as_str().is_some_and(|message| message.starts_with("stopping: no new connections"))
    });
    assert_eq!(stops.count(), 1);
}

/// Beyond this machine it goes by every name, and the start says what that means.
#[tokio::test(flavor = "multi_thread")]
async fn beyond_this_machine_it_is_announced() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_ADMIN__LISTEN", "0.0.0.0:0")]);
    let warned = |line: &serde_json::Value| {
        line["message"].as_str().is_some_and(|message| message.starts_with("admin.listen: whoever reaches"))
    };
    server.await_log(1, warned);
    let url = format!("http://127.0.0.1:{}/metrics", place(&server).port());
    let answer = Client::new().get(url).header(HOST, "films.example").send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
}
