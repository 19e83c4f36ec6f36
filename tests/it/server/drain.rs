//! A stop loses nothing that was begun.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use filmgate::server::Stop;
use rstest::rstest;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::http2::{END_HEADERS, END_STREAM, GET, HEADERS, Peer, fields, frame};
use crate::support::{Live, Server, Transport, UNLIMITED, Wire};

const SHORTLY: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(10);
const BODY: &str = r#"{"name":"N","studio":"S"}"#;

async fn half_a_request(wire: &mut Wire) {
    let head = format!(
        "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        BODY.len()
    );
    wire.send(head.as_bytes()).await;
    wire.send(&BODY.as_bytes()[..5]).await;
    tokio::time::sleep(SHORTLY).await;
}

/// First it says that it is not ready, then it takes no more, and what was begun is finished all the while.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_announced_and_what_was_begun_is_finished(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let folder = TempDir::new().expect("a folder");
    let unlimited = [("FILMGATE_LIMITS__ENABLED", "false")];
    let mut server = Server::start_with(folder.path(), &unlimited, &transport.variables(folder.path()));
    let mut begun = transport.connect(server.address()).await;
    half_a_request(&mut begun).await;
    let mut kept = transport.connect(server.address()).await;
    assert_eq!(kept.get("/").await, Some(200));
    server.signal("TERM");
    tokio::time::sleep(SHORTLY).await;
    // The delay: a balancer sees it, and strangers are still answered.
    assert_eq!(transport.connect(server.address()).await.get("/health/ready").await, Some(503));
    assert_eq!(transport.connect(server.address()).await.get("/health/live").await, Some(200));
    kept.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let (status, head, _) = kept.answer().await;
    assert_eq!(status, 200);
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!(kept.get("/").await, None, "and it is closed");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let address = server.address();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
    begun.send(&BODY.as_bytes()[5..]).await;
    let (status, head, body) = begun.answer().await;
    assert_eq!(status, 201, "{body}");
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!(server.wait(LONG), Some(0));
}

/// Clients that ask without a pause, each on a connection that it keeps while it may.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn under_load_no_request_fails(#[values(Transport::Plain, Transport::Tls)] transport: Transport) {
    let folder = TempDir::new().expect("a folder");
    for signal in ["TERM", "INT"] {
        let mut server = Server::start_with(
            folder.path(),
            &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")],
            &transport.variables(folder.path()),
        );
        let (answered, address) = (Arc::new(AtomicUsize::new(0)), server.address());
        let mut clients = JoinSet::new();
        for _ in 0..8 {
            let answered = Arc::clone(&answered);
            clients.spawn(async move {
                loop {
                    // Nobody listens any more: that is how a client learns of the end.
                    let Ok(stream) = tokio::net::TcpStream::connect(address).await else { return };
                    let mut wire = transport.over(stream, "http/1.1").await;
                    loop {
                        wire.send(b"GET /?like=2 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
                        let (status, head, body) = wire.answer().await;
                        assert_eq!(status, 200, "{body}");
                        answered.fetch_add(1, Ordering::Relaxed);
                        if head.contains("connection: close") {
                            break;
                        }
                    }
                }
            });
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.signal(signal);
        while let Some(client) = clients.join_next().await {
            client.expect("no request failed");
        }
        assert_eq!(server.wait(LONG), Some(0));
        assert!(answered.load(Ordering::Relaxed) > 100);
    }
}

/// Connected, but not accepted yet when the stop comes: the loop is not given a turn in between.
#[tokio::test]
async fn who_was_connected_in_time_is_answered() {
    let live = Live::start(UNLIMITED, &[], |_| {}).await;
    let address = live.address;
    let mut late = std::net::TcpStream::connect(address).expect("a connection");
    let stopping = tokio::spawn(live.stop(Stop::AtOnce));
    tokio::time::sleep(SHORTLY).await;
    assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
    late.set_nonblocking(true).expect("a socket");
    std::io::Write::write_all(&mut late, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
    let mut late = tokio::net::TcpStream::from_std(late).expect("a socket");
    let mut read = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut late, &mut read).await.expect("an answer");
    assert!(read.starts_with("HTTP/1.1 200"), "{read}");
    stopping.await.expect("a quiet end");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_waits_for_nobody_who_is_idle(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start_with(folder.path(), &[], &transport.variables(folder.path()));
    let mut idle = transport.connect(server.address()).await;
    assert_eq!(idle.get("/v1/films/1").await, Some(200));
    server.signal("INT");
    assert_eq!(server.wait(Duration::from_secs(1)), Some(0));
    assert_eq!(idle.rest().await.0, b"");
}

/// Clients that have gone to sleep: nobody hears the goodbye, nor answers it, and a header that was begun is never ended.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_nobody_who_says_nothing_any_more(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start_with(folder.path(), &[], &transport.variables(folder.path()));
    let fresh = Peer::connect(transport.connect_h2(server.address()).await, &[]).await;
    let mut answered = Peer::connect(transport.connect_h2(server.address()).await, &[]).await;
    answered.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields(GET, "/"))).await;
    let mut half = transport.connect(server.address()).await;
    half.send(b"GET / HTTP/1.1\r\nHo").await;
    let mut second = transport.connect(server.address()).await;
    assert_eq!(second.get("/v1/films/1").await, Some(200));
    second.send(b"GET / HTTP/1.1\r\nHo").await;
    tokio::time::sleep(SHORTLY).await;
    server.signal("INT");
    assert_eq!(server.wait(Duration::from_secs(4)), Some(0));
    let told = server.log();
    let is_late = |line: &Value| line["message"].as_str().is_some_and(|told| told.contains("still in work"));
    assert!(!told.iter().any(is_late), "{told:?}");
    drop((fresh, answered, half, second));
}

/// A connection of HTTP/1 may be in use by what is not its answer: whoever asks as soon as it is free is answered.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_while_it_stops_is_answered_and_told_to_leave(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    const REFUSED: &[u8] = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n12345";
    const NEXT: &[u8] = b"GET /v1/films/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start_with(folder.path(), &[], &transport.variables(folder.path()));
    let mut early = transport.connect(server.address()).await;
    early.send(REFUSED).await;
    assert_eq!(early.answer().await.0, 404);
    let mut slow = transport.connect(server.address()).await;
    assert_eq!(slow.get("/v1/films/1").await, Some(200));
    slow.send(&NEXT[..20]).await;
    tokio::time::sleep(SHORTLY).await;
    server.signal("INT");
    // Longer than a client of HTTP/1 has for its next request.
    tokio::time::sleep(Duration::from_millis(450)).await;
    early.send(&[b"6789", NEXT].concat()).await;
    slow.send(&NEXT[20..]).await;
    for mut asked in [early, slow] {
        let (status, head, _) = asked.answer().await;
        assert_eq!(status, 200);
        assert!(head.contains("connection: close"), "{head}");
        assert_eq!(asked.get("/").await, None, "and it is closed");
    }
    assert_eq!(server.wait(LONG), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_in_time_and_a_second_signal_ends_it_at_once() {
    for (second, most, code) in [(false, Duration::from_millis(3_500), 0), (true, SHORTLY * 3, 1)] {
        let folder = TempDir::new().expect("a folder");
        let mut server = Server::start(folder.path(), &[("FILMGATE_HTTP__DRAIN_TIMEOUT", "2")]);
        let mut begun = Wire::connect(server.address()).await;
        half_a_request(&mut begun).await;
        server.signal("TERM");
        if second {
            tokio::time::sleep(SHORTLY).await;
            server.signal("TERM");
        }
        assert_eq!(server.wait(most), Some(code));
    }
}

/// A database that takes its time. (Nobody who is killed by a signal has an exit code.)
#[test]
fn a_stop_during_the_start_is_heard() {
    let folder = TempDir::new().expect("a folder");
    let database = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("postgres://me@{}/films", database.local_addr().expect("an address"));
    for signal in ["TERM", "INT"] {
        let mut starting = Server::command(folder.path())
            .envs([
                ("FILMGATE_LISTEN", "127.0.0.1:0"),
                ("FILMGATE_DATABASE_URL", &url),
                ("FILMGATE_DATABASE__ACQUIRE_TIMEOUT", "20"),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let _silent = database.accept().expect("it asks the database");
        let killed = Command::new("kill").args(["-s", signal, &starting.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        assert_eq!(starting.wait().expect("an end").code(), Some(0), "{signal}");
    }
}

/// Whoever tells all services to read their files anew ends none that has no such files.
#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_ends_nothing() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    server.signal("HUP");
    tokio::time::sleep(SHORTLY).await;
    assert_eq!(Wire::connect(server.address()).await.get("/health/live").await, Some(200));
}

/// What is left to be put on record waits no longer than a stop may take.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_locked_holds_up_no_stop() {
    let folder = TempDir::new().expect("a folder");
    let times = [("FILMGATE_HTTP__DRAIN_DELAY", "0"), ("FILMGATE_HTTP__DRAIN_TIMEOUT", "1")];
    let mut server = Server::start(folder.path(), &times);
    let file = format!("sqlite://{}", folder.path().join("filmgate.db").display());
    let mut other = SqliteConnection::connect(&file).await.expect("the file");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.expect("the lock");
    let refused = b"GET /v1/me HTTP/1.1\r\nHost: localhost\r\nX-API-Key: fg_no\r\n\r\n";
    let mut wire = Wire::connect(server.address()).await;
    wire.send(refused).await;
    assert_eq!(wire.answer().await.0, 401);
    drop(wire);
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(3)), Some(0));
}
