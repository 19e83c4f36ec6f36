//! Answers that are there before their request is: whoever still sends gets them, within bounds.

use std::process::Command;
use std::time::Duration;

use rstest::rstest;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use super::http2::{
    DATA, END_HEADERS, END_STREAM, HEADERS, PING, POST, Peer, RST_STREAM, fields, frame, literal,
};
use crate::support::{Live, Server, Told, Transport, UNLIMITED, Wire, code, say};

const LONG: Duration = Duration::from_secs(15);
const MIB: usize = 1024 * 1024;

fn head(path: &str, length: usize, more: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
    )
}

/// Refused by its length, and by its credential.
#[rstest]
#[case("/v1/films", "", 413, "PAYLOAD_TOO_LARGE")]
#[case("/graphql", "", 413, "DOCUMENT_TOO_LARGE")]
#[case("/v1/films", "Authorization: Basic bm9ib2R5\r\n", 401, "UNAUTHENTICATED")]
#[tokio::test(flavor = "multi_thread")]
async fn who_sends_first_and_reads_then_is_told_and_may_ask_again(
    #[case] path: &str,
    #[case] more: &str,
    #[case] status: u16,
    #[case] refusal: &str,
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let live = Live::start_over(transport, UNLIMITED, &[], |_| {}).await;
    for length in [70_000, 300_000, 12 * MIB] {
        let mut wire = live.connect().await;
        for _ in 0..2 {
            wire.send(head(path, length, more).as_bytes()).await;
            // Long after the answer, as far as that can be seen from here.
            for part in vec![b' '; length].chunks(length.div_ceil(4)) {
                wire.send(part).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let (answered, _, body) = wire.answer().await;
            assert_eq!((answered, code(&body).as_str()), (status, refusal), "{length}: {body}");
        }
        assert_eq!(wire.get("/v1/films/1").await, Some(200), "{length}");
    }
}

#[rstest]
#[tokio::test]
async fn a_stream_of_http2_is_not_reset(#[values(Transport::Plain, Transport::Tls)] transport: Transport) {
    let live = Live::start_over(transport, UNLIMITED, &[], |_| {}).await;
    let mut peer = Peer::connect(live.connect_h2().await, &[]).await;
    let open = [fields(POST, "/v1/films"), literal("authorization", "Basic bm9ib2R5")].concat();
    for stream in [1, 3, 5] {
        peer.send(&frame(HEADERS, END_HEADERS, stream, &open)).await;
        let mut answer = Vec::new();
        loop {
            let (kind, flags, of, payload) = peer.next().await.expect("an answer");
            assert_ne!(kind, RST_STREAM, "{payload:?}");
            if (kind, of) == (DATA, stream) {
                answer.extend(payload);
                if flags & END_STREAM != 0 {
                    break;
                }
            }
        }
        assert_eq!(code(&String::from_utf8_lossy(&answer)), "UNAUTHENTICATED");
        for _ in 0..20 {
            peer.send(&frame(DATA, 0, stream, &[b' '; 2_000])).await;
        }
        peer.send(&frame(DATA, END_STREAM, stream, b"{}")).await;
        peer.send(&frame(PING, 0, 0, b"all read")).await;
        while let (kind, _, _, payload) = peer.next().await.expect("an answer")
            && kind != PING
        {
            assert_ne!(kind, RST_STREAM, "{payload:?}");
        }
    }
}

/// As the program of everybody does it: it reports a stream that was reset as an error, whatever the answer was.
#[tokio::test(flavor = "multi_thread")]
async fn curl_has_its_answer_every_time() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let file = folder.path().join("body");
    for length in [10, 50_000, 300_000, 5 * MIB] {
        std::fs::write(&file, vec![b' '; length]).expect("a file");
        for version in ["--http1.1", "--http2-prior-knowledge"] {
            for _ in 0..10 {
                let mut curl = Command::new("curl");
                curl.args(["--silent", "--show-error", version, "--user", "nobody:nothing", "--data-binary"]);
                curl.arg(format!("@{}", file.display())).arg(format!("{}/v1/films", server.url));
                let said = Told::of(curl.output().expect("curl runs")).done();
                assert_eq!(code(&said), "UNAUTHENTICATED", "{length} {version}");
            }
        }
    }
}

/// Neither by bytes without end nor by silence.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_listened_to_for_ever(#[values(Transport::Plain, Transport::Tls)] transport: Transport) {
    let live = Live::start_over(transport, UNLIMITED, &[], |_| {}).await;
    let mut endless = live.connect().await;
    endless.send(head("/v1/films", 1024 * MIB, "").as_bytes()).await;
    let (mut reading, mut writing) = tokio::io::split(endless.stream);
    let sent = tokio::spawn(async move {
        let mut sent = 0;
        while sent < 1024 && say(&mut writing, &vec![b' '; MIB]).await.is_ok() {
            sent += 1;
        }
        sent
    });
    let mut read = Vec::new();
    let _ = timeout(LONG, reading.read_to_end(&mut read)).await.expect("it is closed");
    let sent = sent.await.expect("no panic");
    assert!((16..64).contains(&sent), "{sent} MiB");
    let mut silent = live.connect().await;
    silent.send(head("/v1/films", 100_000, "").as_bytes()).await;
    silent.send(b"{").await;
    assert_eq!(silent.answer().await.0, 413);
    let (_, took) = silent.rest().await;
    assert!(took > Duration::from_millis(950) && took < Duration::from_secs(3), "{took:?}");
    // A byte now and then: all of it has an end too.
    let dripping = live.connect().await;
    let (mut reading, mut writing) = tokio::io::split(dripping.stream);
    say(&mut writing, head("/v1/films", 100_000, "").as_bytes()).await.expect("sent");
    let drip = tokio::spawn(async move {
        while say(&mut writing, b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let _ = timeout(Duration::from_secs(8), reading.read_to_end(&mut read)).await.expect("it is closed");
    timeout(LONG, drip).await.expect("closed").expect("no panic");
}

/// Its body is not asked for, so nothing is waited for.
#[rstest]
#[tokio::test]
async fn who_waits_to_be_asked_for_a_body_is_told_at_once(
    #[values(Transport::Plain, Transport::Tls)] transport: Transport,
) {
    let live = Live::start_over(transport, UNLIMITED, &[], |_| {}).await;
    let mut wire: Wire = live.connect().await;
    wire.send(head("/v1/films", 100_000, "Expect: 100-continue\r\n").as_bytes()).await;
    let (status, head, _) = wire.answer().await;
    assert_eq!(status, 413, "and no 100");
    assert!(head.contains("connection: close"), "or what comes next might be read as that body: {head}");
    let (rest, took) = wire.rest().await;
    assert!(rest.is_empty() && took < Duration::from_millis(900), "{took:?}");
}
