//! What TLS costs: requests, handshakes and memory, against the same over plain HTTP in the same run.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use filmgate::tls::provider;
use futures_util::future::join_all;
use rcgen::{CertificateParams, KeyPair};
use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::{Client, RANDOM_FILM, connect};
use crate::target::Target;
use crate::{block_on, promise};

const CLIENTS: usize = 64;
const IDLE: usize = 2_000;
const TIME: Duration = Duration::from_secs(5);

pub(crate) fn run() -> bool {
    let folder = TempDir::new().expect("a folder");
    let place = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let (cert, key) = (place("cert.pem"), place("key.pem"));
    let pair = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.self_signed(&pair).expect("a certificate");
    std::fs::write(&cert, certificate.pem()).expect("a file");
    std::fs::write(&key, pair.serialize_pem()).expect("a file");
    let common = [
        ("FILMGATE_LIMITS__ENABLED", "false"),
        ("FILMGATE_LOG__LEVEL", "warn"),
        ("FILMGATE_HTTP__IDLE_TIMEOUT", "300"),
    ];
    let encrypted =
        [("FILMGATE_TLS__MODE", "cert"), ("FILMGATE_TLS__CERT", &cert), ("FILMGATE_TLS__KEY", &key)];
    let plain = Target::start(&common);
    let tls = Target::start(&[&common[..], &encrypted].concat());
    let full = client(certificate.der(), Resumption::disabled());
    let resuming = client(certificate.der(), Resumption::in_memory_sessions(8));
    block_on(async {
        let shaken = async || shake(&full, tls.address).await;
        let connected = async || connect(2, plain.address).await.expect("a connection");
        let (over_plain, over_tls) = (requests(&connected).await, requests(&shaken).await);
        println!("  requests over plain HTTP:  {over_plain:.0}/s");
        println!("  requests over TLS:         {over_tls:.0}/s ({:.0} %)", 100.0 * over_tls / over_plain);
        println!("  full handshakes:           {:.0}/s", handshakes(&shaken).await);
        let resumed = async || {
            let mut client = Client::over(shake(&resuming, tls.address).await);
            // The tickets for the next one come with the answer.
            client.ask(RANDOM_FILM).await.expect("an answer");
        };
        println!("  resumed, with a request:   {:.0}/s", handshakes(&resumed).await);
        let idle_plain = idle(&plain, &connected).await;
        let idle_tls = idle(&tls, &shaken).await;
        println!("  memory of an idle one:     {idle_plain} B plain, {idle_tls} B under TLS");
        promise("an idle connection under TLS holds less than 64 KiB", idle_tls < 64 * 1024)
    })
}

fn client(issuer: &CertificateDer<'static>, resumption: Resumption) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(issuer.clone()).expect("an issuer");
    let builder = ClientConfig::builder_with_provider(Arc::new(provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.resumption = resumption;
    TlsConnector::from(Arc::new(config))
}

async fn shake(connector: &TlsConnector, address: SocketAddr) -> TlsStream<TcpStream> {
    let stream = connect(2, address).await.expect("a connection");
    let name = ServerName::try_from("localhost").expect("a name");
    connector.connect(name, stream).await.expect("a handshake")
}

/// Random films a second, on connections that are kept.
async fn requests<S>(connect: &impl AsyncFn() -> S) -> f64
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let one = async |begin: Instant, answered: &AtomicUsize| {
        let mut client = Client::over(connect().await);
        while begin.elapsed() < TIME {
            assert_eq!(client.ask(RANDOM_FILM).await.expect("an answer").status, 200);
            answered.fetch_add(1, Ordering::Relaxed);
        }
    };
    rate(one).await
}

/// How often a second something new is made.
async fn handshakes<T>(make: &impl AsyncFn() -> T) -> f64 {
    let one = async |begin: Instant, made: &AtomicUsize| {
        while begin.elapsed() < TIME {
            make().await;
            made.fetch_add(1, Ordering::Relaxed);
        }
    };
    rate(one).await
}

/// One core of load: the other one is the server's.
async fn rate(one: impl AsyncFn(Instant, &AtomicUsize)) -> f64 {
    let (begin, done) = (Instant::now(), AtomicUsize::new(0));
    join_all((0..CLIENTS).map(|_| one(begin, &done))).await;
    let done = u32::try_from(done.into_inner()).expect("few");
    f64::from(done) / begin.elapsed().as_secs_f64()
}

/// Bytes of the server for a connection that has been used once.
async fn idle<S>(target: &Target, connect: &impl AsyncFn() -> S) -> u64
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let before = target.memory();
    let mut held = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        let mut client = Client::over(connect().await);
        client.ask(RANDOM_FILM).await.expect("an answer");
        held.push(client);
    }
    (target.memory().saturating_sub(before)) * 1024 / held.len() as u64
}
