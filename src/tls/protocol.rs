//! The protocol: versions, suites, and what is not spoken at all.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{self, Ticketer, cipher_suite};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedCipherSuite};

use super::certificate::Fault;

/// Written out, so that an update of the library adds none unseen. All of them give forward secrecy and authenticate
/// what they encrypt.
const SUITES: [SupportedCipherSuite; 9] = [
    cipher_suite::TLS13_AES_256_GCM_SHA384,
    cipher_suite::TLS13_AES_128_GCM_SHA256,
    cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// The cryptography of all that filmgate encrypts.
#[must_use]
pub fn provider() -> CryptoProvider {
    CryptoProvider { cipher_suites: SUITES.to_vec(), ..aws_lc_rs::default_provider() }
}

/// For libraries that ask for the one of the process: more than one is compiled in, and they would not choose. Only the
/// first call counts.
pub fn install_provider() {
    let _ = provider().install_default();
}

/// For connections that begin from now on.
///
/// # Errors
/// None that a test has seen: the suites fit the versions, and the machine has randomness.
pub(super) fn server_config(key: CertifiedKey) -> Result<Arc<ServerConfig>, Fault> {
    let told = |error: rustls::Error| Fault(format!("TLS cannot be set up: {error}"));
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(told)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Of its own for each certificate: who resumes a session is shown none, and must not go on under an old one.
    config.ticketer = Ticketer::new().map_err(told)?;
    // No early data: whoever records it can send it again, and a vote would count twice.
    config.max_early_data_size = 0;
    Ok(config.into())
}
