//! What is spoken over TLS, and what a client may do before and below HTTP.

use std::time::Duration;

use filmgate::server::Stop;
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use rstest::rstest;
use rustls::HandshakeKind;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{
    Issued, Live, Server, Socket, Transport, UNLIMITED, Wire, client_config, issuer_der, say, shake,
    shake_with, variables,
};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(20);

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const PROTOCOL_VERSION: u8 = 70;
const HANDSHAKE_FAILURE: u8 = 40;

async fn live(change: impl FnOnce(&mut filmgate::config::Http)) -> Live {
    Live::start_over(Transport::Tls, UNLIMITED, &["127.0.0.0/8"], change).await
}

/// What an old client would send first: its highest version, and suites by their number.
fn hello(version: u16, suites: &[u16]) -> Vec<u8> {
    fn block(lengths: usize, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).expect("short").to_be_bytes();
        [&length[4 - lengths..], content].concat()
    }
    let extension = |kind: u16, content: &[u8]| [&kind.to_be_bytes()[..], &block(2, content)].concat();
    let numbers = |numbers: &[u16]| -> Vec<u8> { numbers.iter().flat_map(|n| n.to_be_bytes()).collect() };
    let extensions = [
        // Groups, point formats, signatures (ECDSA and RSA with SHA-256), extended master secret.
        extension(10, &block(2, &numbers(&[29, 23]))),
        extension(11, &block(1, &[0])),
        extension(13, &block(2, &numbers(&[0x0403, 0x0804, 0x0401]))),
        extension(23, &[]),
    ]
    .concat();
    let body = [
        &version.to_be_bytes()[..],
        &[7; 32],
        &block(1, &[]),
        &block(2, &numbers(suites)),
        &block(1, &[0]),
        &block(2, &extensions),
    ]
    .concat();
    let message = [&[1][..], &block(3, &body)].concat();
    [&[HANDSHAKE, 3, 1][..], &block(2, &message)].concat()
}

/// The kind of the first record, and its content.
async fn record(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut header = [0; 5];
    timeout(LONG, stream.read_exact(&mut header)).await.expect("in time").expect("a record");
    let mut content = vec![0; u16::from_be_bytes([header[3], header[4]]).into()];
    stream.read_exact(&mut content).await.expect("its content");
    (header[0], content)
}

/// A certificate with an RSA key, so that nothing is refused for want of a suite that fits the key.
fn rsa(folder: &TempDir) -> Vec<(&'static str, String)> {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
    variables(&Issued::of(&["localhost"], &key, |_| {}).write(folder.path()))
}

#[tokio::test(flavor = "multi_thread")]
async fn old_versions_and_weak_suites_are_refused() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start_with(folder.path(), &[], &rsa(&folder));
    let ask = async |version: u16, suites: &[u16]| {
        let mut stream = Wire::tcp("127.0.0.1", server.address()).await;
        stream.write_all(&hello(version, suites)).await.expect("bytes are sent");
        record(&mut stream).await
    };
    // ECDHE-RSA with AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305.
    for good in [0xc02f, 0xc030, 0xcca8] {
        let (kind, content) = ask(0x0303, &[good]).await;
        assert_eq!((kind, content[0], &content[4..6]), (HANDSHAKE, 2, &[3, 3][..]), "{good:#06x}");
        // SSL 3.0, TLS 1.0, TLS 1.1.
        for version in [0x0300, 0x0301, 0x0302] {
            assert_eq!(ask(version, &[good]).await, (ALERT, vec![2, PROTOCOL_VERSION]), "{version:#06x}");
        }
    }
    for (weak, why) in [
        (0x009c, "RSA key exchange with AES-GCM: no forward secrecy"),
        (0x002f, "RSA key exchange with AES-CBC"),
        (0xc013, "ECDHE-RSA with AES-CBC"),
        (0xc027, "ECDHE-RSA with AES-CBC and SHA-256"),
        (0x009e, "DHE-RSA with AES-GCM"),
        (0x000a, "3DES"),
        (0x0005, "RC4"),
        (0xc010, "no encryption"),
    ] {
        assert_eq!(ask(0x0303, &[weak]).await, (ALERT, vec![2, HANDSHAKE_FAILURE]), "{why}");
    }
}

#[tokio::test]
async fn alpn_chooses_the_protocol_and_no_other_is_spoken() {
    let live = live(|_| {}).await;
    let connect = async || Wire::tcp("127.0.0.1", live.address).await;
    for (offered, chosen) in [
        (&["h2", "http/1.1"][..], Some(&b"h2"[..])),
        (&["http/1.1"], Some(b"http/1.1")),
        (&["http/0.9", "http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let stream = shake(connect().await, offered).await.expect("a handshake");
        assert_eq!(stream.get_ref().1.alpn_protocol(), chosen);
        if chosen != Some(b"h2") {
            assert_eq!(Wire::over(stream).get("/").await, Some(200));
        }
    }
    // A protocol that is not ours is none of our business: mail, say.
    shake(connect().await, &["imap"]).await.expect_err("nothing in common");
    // Who agrees on HTTP/2 and speaks HTTP/1 is not listened to.
    let mut wire = Wire::over(shake(connect().await, &["h2"]).await.expect("a handshake"));
    assert_eq!(wire.get("/").await, None);
}

/// A session may be resumed, but nothing is taken before the handshake is done: it could be sent again by others.
#[tokio::test]
async fn a_session_is_resumed_without_early_data() {
    let live = live(|_| {}).await;
    let mut config = client_config(&[issuer_der()]);
    config.resumption = Resumption::in_memory_sessions(8);
    config.enable_early_data = true;
    for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
        let mut probe = rustls::ClientConnection::new(
            config.clone().into(),
            ServerName::try_from("localhost").expect("a name"),
        )
        .expect("a connection");
        assert!(probe.early_data().is_none());
        let stream = Wire::tcp("127.0.0.1", live.address).await;
        let mut stream = shake_with(config.clone(), stream).await.expect("a handshake");
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(expected));
        // The ticket comes with the first answer.
        say(&mut stream, ASK).await.expect("a request");
        assert!(stream.read(&mut [0; 4096]).await.expect("an answer") > 0);
    }
}

#[tokio::test]
async fn who_does_not_begin_a_handshake_is_closed() {
    let live = live(|http| http.first_byte_timeout = 1).await;
    let (read, took) = Wire::connect(live.address).await.rest().await;
    assert_eq!(read, b"");
    assert!(took > Duration::from_millis(950) && took < 4 * SECOND, "{took:?}");
}

/// In the middle of a message, a byte at a time, and after a whole message. (The timeout of these tests is a second.)
#[rstest]
#[case::half(100, false)]
#[case::dripping(40, true)]
#[case::whole(usize::MAX, false)]
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_end_a_handshake_is_closed(#[case] bytes: usize, #[case] drips: bool) {
    let live = live(|_| {}).await;
    let hello = hello(0x0303, &[0xc02b]);
    let (mut reading, mut writing) = Wire::tcp("127.0.0.1", live.address).await.into_split();
    writing.write_all(&hello[..bytes.min(hello.len())]).await.expect("bytes are sent");
    let drip = async {
        for byte in &hello[bytes.min(hello.len())..] {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if !drips || writing.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
    };
    let began = tokio::time::Instant::now();
    let mut read = Vec::new();
    let end = async { timeout(LONG, reading.read_to_end(&mut read)).await.expect("it is closed") };
    let (_, ()) = tokio::join!(end, drip);
    let took = began.elapsed();
    assert!(took > Duration::from_millis(900) && took < 6 * SECOND, "{took:?}");
    assert_eq!(Transport::Tls.connect(live.address).await.get("/").await, Some(200));
}

/// It is told so in a way that it can read, however much it has to say.
#[rstest]
#[case::http1("GET /?like=1 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned())]
#[case::body(format!("POST /add_film HTTP/1.1\r\nContent-Length: 50000\r\n\r\n{}", "x".repeat(50_000)))]
#[case::http2("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned())]
#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_told_to_use_tls(#[case] request: String) {
    let live = live(|_| {}).await;
    let mut stream = Wire::tcp("127.0.0.1", live.address).await;
    stream.write_all(request.as_bytes()).await.expect("bytes are sent");
    let mut answer = String::new();
    timeout(LONG, stream.read_to_string(&mut answer)).await.expect("in time").expect("not reset");
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https://"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{answer}");
    assert_eq!(live.app.count("SELECT likes FROM film WHERE id = 1").await, 0);
}

/// Counted and told in few lines, and everybody else is served meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_handshakes_holds_nothing() {
    const CLIENTS: u64 = 16;
    const EACH: u64 = 25;
    let folder = TempDir::new().expect("a folder");
    let tls = Transport::Tls.variables(folder.path());
    let mut server = Server::start_with(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")], &tls);
    let address = server.address();
    let mut bystander = Transport::Tls.connect(address).await;
    assert_eq!(bystander.get("/v1/films/1").await, Some(200));
    let before = server.memory();
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        flood.spawn(async move {
            for round in 0..EACH {
                let mut stream = Wire::tcp("127.0.0.1", address).await;
                let bytes = match round % 3 {
                    0 => b"this is no TLS at all".to_vec(),
                    1 => hello(0x0301, &[0xc02b]),
                    // Costs a signature, and goes.
                    _ => hello(0x0303, &[0xc02b]),
                };
                stream.write_all(&bytes).await.expect("bytes are sent");
                stream.read_u8().await.expect("an alert, or the server's part");
            }
        });
    }
    while !flood.is_empty() {
        assert_eq!(bystander.get("/v1/films/1").await, Some(200));
        let _ = timeout(Duration::from_millis(20), flood.join_next()).await;
    }
    assert_eq!(bystander.get("/v1/films/1").await, Some(200));
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 32 * 1024, "{grown} KiB more");
    server.signal("TERM");
    assert_eq!(server.wait(LONG), Some(0));
    let lines: Vec<Value> =
        server.log().into_iter().filter(|line| line["target"] == "filmgate::connections").collect();
    let counts = lines.iter().filter_map(|line| line["counts"].as_str()).flat_map(|line| line.split(','));
    let counted: u64 = counts.filter_map(|count| count.strip_prefix("handshake=")?.parse::<u64>().ok()).sum();
    assert_eq!(counted, CLIENTS * EACH, "{lines:?}");
}

/// An end that is an end, and not one that somebody in between could have made.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_closed_with_a_word() {
    let live = live(|http| http.idle_timeout = 1).await;
    let connect = async || {
        let stream = Wire::tcp("127.0.0.1", live.address).await;
        shake(stream, &["http/1.1"]).await.expect("a handshake")
    };
    let mut idle = connect().await;
    say(&mut idle, ASK).await.expect("a request");
    let mut read = Vec::new();
    timeout(LONG, idle.read_to_end(&mut read)).await.expect("in time").expect("close_notify");
    assert!(read.starts_with(b"HTTP/1.1 200"));
    // Who has asked and closes his side still gets the answer.
    let mut half = connect().await;
    say(&mut half, ASK).await.expect("a request");
    half.shutdown().await.expect("half closed");
    read.clear();
    timeout(LONG, half.read_to_end(&mut read)).await.expect("in time").expect("close_notify");
    assert!(read.starts_with(b"HTTP/1.1 200"));
    // At a stop as well.
    let mut kept = connect().await;
    say(&mut kept, ASK).await.expect("a request");
    assert!(kept.read(&mut [0; 4096]).await.expect("an answer") > 0);
    live.stop(Stop::AtOnce).await;
    timeout(LONG, kept.read_to_end(&mut read)).await.expect("in time").expect("close_notify");
}

/// Bytes that nobody with the keys has sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_record_ends_its_connection() {
    let live = live(|_| {}).await;
    let stream = Wire::tcp("127.0.0.1", live.address).await;
    let mut stream = shake(stream, &["http/1.1"]).await.expect("a handshake");
    say(&mut stream, ASK).await.expect("a request");
    assert!(stream.read(&mut [0; 4096]).await.expect("an answer") > 0);
    let (mut socket, _) = stream.into_inner();
    socket.write_all(&[&[23, 3, 3, 0, 32][..], &[0; 32]].concat()).await.expect("bytes are sent");
    let mut rest = Vec::new();
    let _ = timeout(2 * SECOND, socket.read_to_end(&mut rest)).await.expect("it is closed at once");
}

/// Live, over TLS: a socket and an event stream are told of a vote, and a stop ends both.
#[tokio::test(flavor = "multi_thread")]
async fn sockets_and_event_streams_are_spoken_over_tls() {
    let live = live(|_| {}).await;
    let stream = shake(Wire::tcp("127.0.0.1", live.address).await, &["http/1.1"]).await.expect("a handshake");
    let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
    let (mut socket, _) = Socket::handshake_over(stream, live.address, &headers).await.expect("a socket");
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
    socket.subscribe("1", "subscription { filmVoted(id: 1) { likes } }").await;
    assert_eq!(socket.ask("{ film(id: 1) { id } }").await["payload"]["data"]["film"]["id"], "1");
    let mut events = live.connect().await;
    events.send(b"GET /v1/films/events?id=1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(": alive") {
        timeout(LONG, events.stream.read_buf(&mut read)).await.expect("in time").expect("bytes");
    }
    assert_eq!(live.connect().await.get("/?like=1").await, Some(200));
    assert_eq!(socket.data("1").await, json!({"filmVoted": {"likes": 1}}));
    while !String::from_utf8_lossy(&read).contains("\"likes\":1") {
        timeout(LONG, events.stream.read_buf(&mut read)).await.expect("in time").expect("bytes");
    }
    let stopping = tokio::spawn(live.stop(Stop::AtOnce));
    assert_eq!(socket.end().await.expect("a reason").0, 1001);
    assert!(!events.rest().await.0.is_empty(), "the end of its chunks");
    stopping.await.expect("a quiet end");
}
