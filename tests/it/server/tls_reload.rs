//! A certificate is exchanged while requests go on.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use filmgate::tls::Files;
use rcgen::date_time_ymd;
use rustls::HandshakeKind;
use rustls::client::Resumption;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;

use crate::support::{
    Issued, Server, Transport, Wire, client_config, issuer_der, say, shake_with, shown, variables,
};

fn start(folder: &Path, files: &Files) -> Server {
    let settings =
        [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "info,filmgate::request=off")];
    Server::start_with(folder, &settings, &variables(files))
}

/// Far longer than two looks at the files.
async fn until_shown(address: SocketAddr, issued: &Issued) {
    for _ in 0..400 {
        if shown(address).await == issued.der {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the new certificate was never shown");
}

fn errors(server: &Server) -> Vec<Value> {
    server.log().into_iter().filter(|line| line["level"] == "ERROR").collect()
}

fn is_about(line: &Value, word: &str) -> bool {
    line["message"].as_str().is_some_and(|text| text.contains(word))
}

/// Connections that are kept and ones that are made for each request, while there are twenty new certificates.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_exchanges_under_load_fail_no_request() {
    let folder = TempDir::new().expect("a folder");
    let files = Issued::new().write(folder.path());
    let mut server = start(folder.path(), &files);
    let address = server.address();
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for number in 0..16 {
        let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
        clients.spawn(async move {
            let keeps = number % 2 == 0;
            let mut wire = Transport::Tls.connect(address).await;
            while !stop.load(Ordering::Relaxed) {
                if !keeps {
                    wire = Transport::Tls.connect(address).await;
                }
                assert_eq!(wire.get("/?like=1").await, Some(200));
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    for _ in 0..20 {
        let next = Issued::new();
        next.write(folder.path());
        server.signal("HUP");
        until_shown(address, &next).await;
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client.expect("no request failed");
    }
    assert!(answered.load(Ordering::Relaxed) > 200, "{answered:?}");
    let exchanged = server.await_log(20, |line| is_about(line, "a new certificate is in use"));
    assert_eq!(exchanged.len(), 20);
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(20)), Some(0));
    assert!(errors(&server).is_empty(), "{:?}", errors(&server));
}

/// Nobody says a word: as when a tool renews the files, and as an orchestrator does, which turns a link.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_without_a_signal() {
    let folder = TempDir::new().expect("a folder");
    let generation = |name: &str, issued: &Issued| {
        let place = folder.path().join(name);
        std::fs::create_dir(&place).expect("a folder");
        issued.write(&place);
        let link = folder.path().join("new");
        std::os::unix::fs::symlink(name, &link).expect("a link");
        std::fs::rename(link, folder.path().join("current")).expect("turned");
    };
    let first = Issued::new();
    generation("1", &first);
    let place = folder.path().join("current");
    let files = Files { cert: place.join("cert.pem"), key: place.join("key.pem") };
    let server = start(folder.path(), &files);
    assert_eq!(shown(server.address()).await, first.der);
    let second = Issued::new();
    generation("2", &second);
    until_shown(server.address(), &second).await;
    // Half of it is there for a moment.
    let third = Issued::new();
    std::fs::write(&files.cert, &third.cert).expect("a file");
    tokio::time::sleep(Duration::from_millis(300)).await;
    std::fs::write(&files.key, &third.key).expect("a file");
    until_shown(server.address(), &third).await;
    assert!(errors(&server).is_empty(), "{:?}", errors(&server));
}

/// The one in use stays, and the log says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_pair_is_refused_and_a_mended_one_taken() {
    let folder = TempDir::new().expect("a folder");
    let first = Issued::new();
    let files = first.write(folder.path());
    let server = start(folder.path(), &files);
    let expired = Issued::with(&["localhost"], |params| params.not_after = date_time_ymd(2020, 1, 1));
    let other = Issued::new();
    for (number, (cert, key, words)) in [
        (other.cert.as_str(), first.key.as_str(), ["tls.key", "does not belong"]),
        (&expired.cert, &expired.key, ["tls.cert", "has expired"]),
        ("", &first.key, ["tls.cert", "no certificate"]),
        (&first.cert, "-----BEGIN", ["tls.key", "no private key"]),
    ]
    .into_iter()
    .enumerate()
    {
        std::fs::write(&files.cert, cert).expect("a file");
        std::fs::write(&files.key, key).expect("a file");
        server.signal("HUP");
        let told = server.await_log(number + 1, |line| line["level"] == "ERROR");
        assert!(words.iter().all(|word| is_about(told.last().expect("a line"), word)), "{words:?}: {told:?}");
        assert_eq!(shown(server.address()).await, first.der);
    }
    // A fault that stays is told without a signal too, and once.
    std::fs::remove_file(&files.key).expect("removed");
    server.await_log(5, |line| line["level"] == "ERROR");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(errors(&server).len(), 5, "{:?}", errors(&server));
    other.write(folder.path());
    server.signal("HUP");
    until_shown(server.address(), &other).await;
    server.signal("HUP");
    server.await_log(1, |line| is_about(line, "have not changed"));
    assert_eq!(errors(&server).len(), 5);
    let key = first.key.lines().nth(1).expect("a line of the key");
    assert!(server.log().iter().all(|line| !line.to_string().contains(key)));
}

/// Who resumes a session is shown no certificate: none may go on under one that has been taken out of use.
#[tokio::test(flavor = "multi_thread")]
async fn no_session_outlives_its_certificate() {
    let folder = TempDir::new().expect("a folder");
    let files = Issued::new().write(folder.path());
    let server = start(folder.path(), &files);
    let mut config = client_config(&[issuer_der()]);
    config.resumption = Resumption::in_memory_sessions(8);
    let ask = async || {
        let stream = Wire::tcp("127.0.0.1", server.address()).await;
        let mut stream = shake_with(config.clone(), stream).await.expect("a handshake");
        say(&mut stream, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("a request");
        assert!(stream.read(&mut [0; 4096]).await.expect("an answer") > 0);
        stream.get_ref().1.handshake_kind()
    };
    assert_eq!(ask().await, Some(HandshakeKind::Full));
    assert_eq!(ask().await, Some(HandshakeKind::Resumed));
    let next = Issued::new();
    next.write(folder.path());
    server.signal("HUP");
    until_shown(server.address(), &next).await;
    assert_eq!(ask().await, Some(HandshakeKind::Full));
    assert_eq!(ask().await, Some(HandshakeKind::Resumed));
}

/// A signal asks anew, also about a pair that was looked at before and is bad.
#[tokio::test(flavor = "multi_thread")]
async fn a_mismatched_pair_is_told_once_without_a_signal_and_again_at_each() {
    let folder = TempDir::new().expect("a folder");
    let first = Issued::new();
    let files = first.write(folder.path());
    let server = start(folder.path(), &files);
    std::fs::write(&files.cert, &Issued::new().cert).expect("a file");
    server.await_log(1, |line| line["level"] == "ERROR" && is_about(line, "does not belong"));
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(errors(&server).len(), 1, "{:?}", errors(&server));
    for number in 2..=3 {
        server.signal("HUP");
        server.await_log(number, |line| line["level"] == "ERROR" && is_about(line, "does not belong"));
    }
    assert_eq!(shown(server.address()).await, first.der);
}
