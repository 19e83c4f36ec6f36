//! What a connection may take: time, room, and how many of them there may be.

use std::time::Duration;

use filmgate::server::Stop;
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Live, Server, Transport, UNLIMITED, Wire, code, say};

const SECOND: Duration = Duration::from_secs(1);

/// Between the timeout and the time by which it has to have fired.
#[track_caller]
fn about_a_second(took: Duration) {
    assert!(took > Duration::from_millis(950) && took < 3 * SECOND, "{took:?}");
}

#[rstest]
#[tokio::test]
async fn who_says_nothing_is_closed(#[values(Transport::Plain, Transport::Tls)] transport: Transport) {
    let live = Live::start_over(transport, UNLIMITED, &[], |http| http.first_byte_timeout = 1).await;
    let (read, took) = live.connect().await.rest().await;
    assert_eq!(read, b"");
    about_a_second(took);
}

/// A server that is busy for a moment: newcomers wait in the system, and none of them is reset or has to ask again.
#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_newcomers_waits_and_nobody_is_lost() {
    // More than the standard library lets wait, where the system does.
    let system = std::fs::read_to_string("/proc/sys/net/core/somaxconn").expect("a bound");
    let burst = 300.min(system.trim().parse::<usize>().expect("a number"));
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    server.signal("STOP");
    let mut waiting = Vec::new();
    for _ in 0..burst {
        let connected = tokio::time::timeout(20 * SECOND, Wire::connect(server.address())).await;
        waiting.push(connected.expect("the system takes it"));
    }
    let asking =
        waiting.into_iter().map(|mut wire| tokio::spawn(async move { wire.get("/v1/films/1").await }));
    let asking: Vec<_> = asking.collect();
    tokio::time::sleep(SECOND / 2).await;
    server.signal("CONT");
    for asked in asking {
        assert_eq!(asked.await.expect("no panic"), Some(200));
    }
}

/// A byte now and then does not buy time.
#[rstest]
#[tokio::test]
async fn a_header_that_drips_is_closed(#[values(Transport::Plain, Transport::Tls)] transport: Transport) {
    let live = Live::start_over(transport, UNLIMITED, &[], |http| http.header_timeout = 1).await;
    let mut wire = live.connect().await;
    let (mut reading, mut writing) = tokio::io::split(wire.stream);
    let drip = tokio::spawn(async move {
        for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".iter().chain(&[b'x'; 200]) {
            if say(&mut writing, &[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody closed it");
    });
    let mut read = Vec::new();
    let end = tokio::time::timeout(3 * SECOND, tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut read));
    let _ = end.await.expect("it is closed");
    assert_eq!(read, b"");
    drip.await.expect("closed while it dripped");
    // Between two requests as well.
    wire = live.connect().await;
    assert_eq!(wire.get("/").await, Some(200));
    wire.send(b"GET / HT").await;
    wire.rest().await;
}

#[rstest]
#[tokio::test]
async fn an_idle_connection_is_kept_for_its_time_and_then_closed(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let live = Live::start_over(transport, UNLIMITED, &[], |http| http.idle_timeout = 1).await;
    let mut wire = live.connect().await;
    for _ in 0..3 {
        assert_eq!(wire.get("/").await, Some(200));
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    let (read, took) = wire.rest().await;
    assert_eq!(read, b"");
    assert!(took > Duration::from_millis(2_100), "{took:?}: it was in use");
}

/// Through both surfaces, in the form of each.
#[rstest]
#[case("/add_film", "application/problem+json")]
#[case("/v1/films", "application/problem+json")]
#[case("/graphql", "application/json")]
#[tokio::test]
async fn a_slow_body_is_told_so(
    #[case] path: &str,
    #[case] form: &str,
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let live = Live::start_over(transport, UNLIMITED, &[], |http| {
        http.body_timeout = 1;
        // What waits for a body is not in work.
        http.max_in_flight = 1;
    })
    .await;
    let mut slow = live.connect().await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
    );
    slow.send(head.as_bytes()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    slow.send(b"\"").await;
    assert_eq!(live.connect().await.get("/").await, Some(200));
    let (status, head, body) = slow.answer().await;
    assert_eq!((status, code(&body).as_str()), (408, "REQUEST_TIMEOUT"));
    assert!(head.contains(&format!("content-type: {form}")), "{head}");
    assert!(head.contains("connection: close"), "{head}");
    let (_, took) = slow.rest().await;
    about_a_second(took);
}

/// Its answers fill the socket, and then nothing more is done for it.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_closed(#[values(Transport::Plain, Transport::Tls)] transport: Transport) {
    let live = Live::start_over(transport, UNLIMITED, &[], |http| http.write_timeout = 1).await;
    let wire = live.connect().await;
    let (mut reading, mut writing) = tokio::io::split(wire.stream);
    let asks = 4_000;
    let ask = tokio::spawn(async move {
        for _ in 0..asks {
            if say(&mut writing, b"GET /v1/films?first=100 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await
                .is_err()
            {
                return;
            }
        }
    });
    tokio::time::sleep(4 * SECOND).await;
    let mut read = Vec::new();
    let end = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut read);
    let _ = tokio::time::timeout(4 * SECOND, end).await.expect("it is closed");
    let answers = read.windows(15).filter(|bytes| bytes == b"HTTP/1.1 200 OK").count();
    assert!(answers > 1 && answers < asks / 2, "{answers} of {asks} were answered");
    ask.await.expect("no panic");
}

#[rstest]
#[tokio::test]
async fn one_client_may_have_so_many_connections_and_no_more(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let live = Live::start_over(transport, UNLIMITED, &[], |http| http.max_connections_per_client = 3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut wire = live.connect().await;
        assert_eq!(wire.get("/").await, Some(200));
        held.push(wire);
    }
    let (read, took) = Wire::connect(live.address).await.rest().await;
    assert_eq!(read, b"");
    assert!(took < SECOND, "at once, not after {took:?}");
    // Nobody else notices, and those that are connected go on.
    assert_eq!(live.connect_from("127.0.0.2").await.get("/").await, Some(200));
    assert_eq!(held[0].get("/").await, Some(200));
    drop(held.pop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(live.connect().await.get("/").await, Some(200));
}

#[rstest]
#[tokio::test]
async fn a_proxy_is_held_by_the_total_alone_and_the_total_holds_everybody(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let live = Live::start_over(transport, UNLIMITED, &["127.0.0.1/32"], |http| {
        http.max_connections = 5;
        http.max_connections_per_client = 1;
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..5 {
        let mut wire = live.connect().await;
        assert_eq!(wire.get("/").await, Some(200));
        held.push(wire);
    }
    for source in ["127.0.0.1", "127.0.0.2"] {
        let (read, took) = Wire::connect_from(source, live.address).await.rest().await;
        assert!(read.is_empty() && took < SECOND, "{source}: {took:?}");
    }
    held.clear();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut first = live.connect_from("127.0.0.2").await;
    assert_eq!(first.get("/").await, Some(200));
    assert_eq!(Wire::connect_from("127.0.0.2", live.address).await.get("/").await, None);
    live.stop(Stop::AtOnce).await;
}

/// Connections are counted and told in few lines, never one each.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_is_told_in_samples(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let folder = TempDir::new().expect("a folder");
    let first_byte = [("FILMGATE_HTTP__FIRST_BYTE_TIMEOUT", "1")];
    let mut server = Server::start_with(folder.path(), &first_byte, &transport.variables(folder.path()));
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(transport.connect(server.address()).await);
        let mut wire = transport.connect(server.address()).await;
        wire.send(b"this is not HTTP\r\n\r\n").await;
        assert!(wire.rest().await.0.starts_with(b"HTTP/1.1 400"));
    }
    for mut wire in silent {
        wire.rest().await;
    }
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(10)), Some(0));
    let log = server.log();
    let lines: Vec<&Value> = log.iter().filter(|line| line["target"] == "filmgate::connections").collect();
    assert!((1..=2).contains(&lines.len()), "{lines:?}");
    let sum = |name: &str| -> u64 {
        let counts = lines.iter().filter_map(|line| line["counts"].as_str()).flat_map(|line| line.split(','));
        counts.filter_map(|count| count.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok()).sum()
    };
    assert_eq!((sum("silent"), sum("malformed")), (20, 20), "{lines:?}");
    // What never became a request has no line of its own.
    assert!(log.iter().all(|line| line["target"] != "filmgate::request"));
}

/// Who is connected is served, who comes waits, and when there is room again all is as before.
#[tokio::test(flavor = "multi_thread")]
async fn running_out_of_file_descriptors_passes() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start_with_descriptors(
        folder.path(),
        64,
        &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_HTTP__FIRST_BYTE_TIMEOUT", "60")],
    );
    let mut first = Wire::connect(server.address()).await;
    assert_eq!(first.get("/v1/films/1").await, Some(200));
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(Wire::connect(server.address()).await);
    }
    server.await_log(1, |line| line["level"] == "WARN");
    assert_eq!(first.get("/v1/films/1").await, Some(200), "who is connected is served");
    tokio::time::sleep(2 * SECOND).await;
    drop(held);
    let mut late = Wire::connect(server.address()).await;
    assert_eq!(late.get("/?like=1").await, Some(200));
    let warnings = server.await_log(1, |line| {
        line["message"].as_str().is_some_and(|text| text.contains("cannot be accepted"))
    });
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}
