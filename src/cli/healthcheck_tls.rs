//! A client's side of TLS, for `filmgate healthcheck`.

use std::sync::Arc;

use http::uri::Authority;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::tls::provider;

/// Shakes hands with the server that is addressed by `host`, which may have a port.
///
/// Whose certificate it is matters only where somebody could stand in between: what is sent to an address of this
/// machine never leaves it, and there the server goes by names that this client was not told.
pub(super) async fn encrypt(stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, String> {
    let config = if is_on_this_machine(&stream) { unverified() } else { verified() }?;
    shake(config, host, stream).await
}

async fn shake<S>(config: ClientConfig, host: &str, stream: S) -> Result<TlsStream<S>, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = host.parse::<Authority>().map_err(|error| format!("{host:?} is no host: {error}"))?;
    let name = name.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(name).map_err(|error| format!("{host:?} is no host: {error}"))?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| error.to_string())
}

/// A connection to an address of this machine begins at that very address.
fn is_on_this_machine(stream: &TcpStream) -> bool {
    let (Ok(here), Ok(there)) = (stream.local_addr(), stream.peer_addr()) else {
        return false;
    };
    there.ip().to_canonical().is_loopback() || here.ip() == there.ip()
}

/// By the certificates that the system trusts.
fn verified() -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn unverified() -> Result<ClientConfig, String> {
    let provider = Arc::new(provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth())
}

/// Takes every certificate; that the server holds its key is verified all the same.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

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
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::tls::{self_signed, unchanging};

    /// A handshake with a server whose certificate nobody vouches for.
    async fn shaken(config: ClientConfig, host: &str) -> Result<(), String> {
        let in_2026 = Duration::from_secs(1_780_000_000);
        let pair = self_signed(IpAddr::V4(Ipv4Addr::UNSPECIFIED), &[], in_2026).expect("a certificate");
        let current = unchanging(pair).expect("TLS");
        let acceptor = TlsAcceptor::from(Arc::clone(&current.borrow()));
        let (client, server) = tokio::io::duplex(64 * 1024);
        let (shaken, _) = tokio::join!(shake(config, host, client), acceptor.accept(server));
        shaken.map(|_| ())
    }

    #[tokio::test]
    async fn elsewhere_somebody_has_to_vouch_and_on_this_machine_nobody() {
        for host in ["localhost:3000", "127.0.0.1", "[::1]:3000", "films.example"] {
            shaken(unverified().expect("a client"), host).await.expect(host);
            let refused = shaken(verified().expect("a client"), host).await.expect_err(host);
            assert!(refused.contains("certificate"), "{refused}");
        }
    }

    #[tokio::test]
    async fn an_address_of_loopback_is_on_this_machine() {
        for address in ["127.0.0.1:0", "127.0.0.9:0"] {
            let listener = TcpListener::bind(address).await.expect("a port");
            let address = listener.local_addr().expect("an address");
            assert!(is_on_this_machine(&TcpStream::connect(address).await.expect("a connection")));
        }
    }
}
