//! Certificates, clients that trust them, and the choice between plain HTTP and TLS.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use filmgate::server::Encryption;
use filmgate::tls::{Files, Pair, provider, unchanging};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Wire;

/// What a client reads and writes.
pub(crate) type Stream = Box<dyn Duplex>;

pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

static ISSUER: LazyLock<CertifiedIssuer<'static, KeyPair>> = LazyLock::new(|| {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "the issuer of the tests");
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an issuer")
});

/// The issuer that the clients of the tests trust, as PEM.
pub(crate) fn issuer() -> String {
    ISSUER.pem()
}

pub(crate) fn issuer_der() -> CertificateDer<'static> {
    ISSUER.der().clone()
}

/// A certificate and its key.
pub(crate) struct Issued {
    pub der: CertificateDer<'static>,
    pub cert: String,
    pub key: String,
}

impl Issued {
    /// For `localhost`.
    pub(crate) fn new() -> Self {
        Self::with(&["localhost"], |_| {})
    }

    pub(crate) fn with(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Self {
        Self::of(names, &KeyPair::generate().expect("a key"), change)
    }

    pub(crate) fn of(names: &[&str], key: &KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.distinguished_name.push(DnType::CommonName, "a server of the tests");
        change(&mut params);
        let certificate = params.signed_by(key, &ISSUER).expect("a certificate");
        Self { der: certificate.der().clone(), cert: certificate.pem(), key: key.serialize_pem() }
    }

    /// Written beside each other.
    pub(crate) fn write(&self, folder: &Path) -> Files {
        let files = Files { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
        std::fs::write(&files.cert, &self.cert).expect("a file");
        std::fs::write(&files.key, &self.key).expect("a file");
        files
    }
}

/// What a process needs to know to use it.
pub(crate) fn variables(files: &Files) -> Vec<(&'static str, String)> {
    let text = |path: &Path| path.to_str().expect("a path").to_owned();
    vec![
        ("FILMGATE_TLS__MODE", "cert".to_owned()),
        ("FILMGATE_TLS__CERT", text(&files.cert)),
        ("FILMGATE_TLS__KEY", text(&files.key)),
    ]
}

/// How a client is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Plain,
    Tls,
}

impl Transport {
    /// What a process needs to know.
    pub(crate) fn variables(self, folder: &Path) -> Vec<(&'static str, String)> {
        match self {
            Self::Plain => Vec::new(),
            Self::Tls => variables(&Issued::new().write(folder)),
        }
    }

    /// For a server in this process.
    #[expect(clippy::disallowed_methods, reason = "a certificate is valid by the wall clock")]
    pub(crate) fn encryption(self) -> Option<Encryption> {
        if self == Self::Plain {
            return None;
        }
        let folder = TempDir::new().expect("a folder");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time");
        let pair = Pair::load(&Issued::new().write(folder.path()), now).expect("a pair");
        Some(Encryption { current: unchanging(pair).expect("TLS"), timeout: Duration::from_secs(1) })
    }

    /// For HTTP/1.1.
    pub(crate) async fn connect(self, address: SocketAddr) -> Wire {
        self.over(Wire::tcp("127.0.0.1", address).await, "http/1.1").await
    }

    /// For HTTP/2: by prior knowledge, or as ALPN says.
    pub(crate) async fn connect_h2(self, address: SocketAddr) -> Wire {
        self.over(Wire::tcp("127.0.0.1", address).await, "h2").await
    }

    pub(crate) async fn over(self, stream: TcpStream, protocol: &str) -> Wire {
        match self {
            Self::Plain => Wire::over(stream),
            Self::Tls => Wire::over(shake(stream, &[protocol]).await.expect("a handshake")),
        }
    }
}

/// Sends all of it. Without the last step TLS may keep the end of it to itself.
pub(crate) async fn say(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// A handshake with a server that has to show a certificate for `localhost`.
pub(crate) async fn shake(stream: TcpStream, protocols: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut config = client_config(&[issuer_der()]);
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    shake_with(config, stream).await
}

pub(crate) async fn shake_with(
    config: ClientConfig,
    stream: TcpStream,
) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Trusts these issuers, and remembers no session: every handshake shows a certificate.
pub(crate) fn client_config(issuers: &[CertificateDer<'static>]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for issuer in issuers {
        roots.add(issuer.clone()).expect("an issuer");
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(provider()));
    let mut config = builder
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config
}

/// A handshake with whoever is there.
pub(crate) async fn shake_anybody(address: SocketAddr) -> TlsStream<TcpStream> {
    let mut config = client_config(&[]);
    config.dangerous().set_certificate_verifier(Arc::new(Anybody));
    shake_with(config, Wire::tcp("127.0.0.1", address).await).await.expect("a handshake")
}

/// The certificate that a new connection is shown, whoever vouches for it.
pub(crate) async fn shown(address: SocketAddr) -> CertificateDer<'static> {
    let stream = shake_anybody(address).await;
    let chain = stream.get_ref().1.peer_certificates().expect("a certificate");
    chain[0].clone().into_owned()
}

#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
