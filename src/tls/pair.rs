//! A certificate with its key, found to be of use.

use std::time::Duration;

use rustls::client::verify_server_name;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use super::certificate::{Certificate, Fault, Term, fingerprint};
use super::files::{Content, Files};
use super::protocol::provider;

/// A certificate, those that lead to its issuer, and its key.
pub struct Pair {
    chain: Vec<Certificate>,
    key: CertifiedKey,
}

impl Pair {
    /// Reads both files.
    ///
    /// # Errors
    /// When one cannot be read, when they do not belong together, and when the certificate is not valid now.
    pub fn load(files: &Files, now: Duration) -> Result<Self, Fault> {
        Self::of(files, &files.read()?, now)
    }

    pub(super) fn of(files: &Files, content: &Content, now: Duration) -> Result<Self, Fault> {
        let of_cert = |fault: &dyn std::fmt::Display| {
            Fault(format!("configuration key tls.cert: {} {fault}", files.cert.display()))
        };
        let of_key = |fault: &dyn std::fmt::Display| {
            Fault(format!("configuration key tls.key: {} {fault}", files.key.display()))
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&content.cert)
            .collect::<Result<_, _>>()
            .map_err(|error| of_cert(&not_pem(&error)))?;
        if chain.is_empty() {
            return Err(of_cert(&"has no certificate in PEM (-----BEGIN CERTIFICATE-----)"));
        }
        let key = PrivateKeyDer::from_pem_slice(&content.key).map_err(|_| of_key(&no_key(&content.key)))?;
        let pair = Self::new(chain, key).map_err(|unfit| match unfit {
            Unfit::Certificate(place, fault) => {
                of_cert(&format_args!("has a certificate that cannot be read, number {place}: {fault}"))
            }
            Unfit::Key(error) => of_key(&format_args!("has a key that cannot be used: {error}")),
            Unfit::Strangers => of_key(&format_args!(
                "does not belong to the certificate in {}; or another one comes first there",
                files.cert.display()
            )),
        })?;
        match pair.term().fault(now) {
            Some(fault) => Err(of_cert(&fault)),
            None => Ok(pair),
        }
    }

    /// Reads what it is made of, and sees that it belongs together.
    pub(super) fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, Unfit> {
        let read = chain
            .iter()
            .enumerate()
            .map(|(place, der)| Certificate::read(der).map_err(|fault| Unfit::Certificate(place + 1, fault)))
            .collect::<Result<Vec<_>, _>>()?;
        let key = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Unfit::Strangers,
            Error::InvalidCertificate(_) => Unfit::Certificate(1, Fault(error.to_string())),
            error => Unfit::Key(error),
        })?;
        Ok(Self { chain: read, key })
    }

    fn leaf(&self) -> &Certificate {
        // `CertifiedKey::from_der` takes no empty chain.
        &self.chain[0]
    }

    /// The first host name that the certificate is for, if it is for one in particular.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.leaf().names.iter().map(String::as_str).find(|name| !name.starts_with('*'))
    }

    /// SHA-256 of the certificate, as browsers and `openssl x509 -fingerprint` show it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.key.end_entity_cert().map(fingerprint).unwrap_or_default()
    }

    pub(super) fn term(&self) -> Term {
        self.leaf().term
    }

    /// What clients may stumble over, one sentence each. `hosts`: the names under which the server is known.
    #[must_use]
    pub fn warnings(&self, hosts: &[String], now: Duration) -> Vec<String> {
        let mut warnings: Vec<String> = self.term().warning(now).into_iter().collect();
        if let Some(place) = self.chain.windows(2).position(|two| !two[0].is_issued_by(&two[1])) {
            warnings.push(format!(
                "tls.cert: certificate {} is not issued by number {}: write the certificate first, then each one's \
                 issuer, or some clients will not find the way",
                place + 1,
                place + 2
            ));
        }
        if !self.leaf().names_something {
            warnings.push(
                "tls.cert: the certificate names no host (subjectAltName), so no client takes it".to_owned(),
            );
            return warnings;
        }
        for host in hosts.iter().filter(|host| !self.covers(host)) {
            warnings
                .push(format!("tls.cert: the certificate is not for {host:?}, which is in allowed_hosts"));
        }
        warnings
    }

    fn covers(&self, host: &str) -> bool {
        let certificate = self.key.end_entity_cert().and_then(ParsedCertificate::try_from);
        let name = ServerName::try_from(host.trim_start_matches('[').trim_end_matches(']'));
        matches!((certificate, name), (Ok(certificate), Ok(name)) if verify_server_name(&certificate, &name).is_ok())
    }

    pub(super) fn into_key(self) -> CertifiedKey {
        self.key
    }
}

/// Why a chain and a key make no pair.
#[derive(Debug)]
pub(super) enum Unfit {
    /// The one with this number, from 1 on.
    Certificate(usize, Fault),
    Key(Error),
    Strangers,
}

/// Without the place: the library would show it as bytes, and a key may stand in the same file.
fn not_pem(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "is not whole: a section has no end",
        _ => "is not PEM: what stands in a section cannot be decoded",
    }
}

fn no_key(pem: &[u8]) -> &'static str {
    let has = |text: &str| pem.windows(text.len()).any(|window| window == text.as_bytes());
    if has("ENCRYPTED") {
        "has a key with a passphrase, which nobody would be there to type: write it without one"
    } else {
        "has no private key in PEM (-----BEGIN PRIVATE KEY-----)"
    }
}
