//! `[tls]`: who encrypts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::choice;
use super::error::Error;
use crate::tls::Files;

/// `[tls]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// Needed as soon as others than this machine can connect.
    #[serde(deserialize_with = "choice::optional")]
    pub mode: Option<TlsMode>,
    /// PEM: the certificate first, then those that lead to its issuer.
    pub cert: Option<PathBuf>,
    /// PEM: the private key of the certificate.
    pub key: Option<PathBuf>,
    /// Seconds for a handshake, from its first byte.
    pub handshake_timeout: u64,
    /// Seconds for which a browser comes by HTTPS only.
    pub hsts_max_age: u64,
    /// Whether that holds for all names below ours.
    pub hsts_include_subdomains: bool,
    /// Where plain HTTP is heard, to lead pages to HTTPS.
    pub redirect_listen: Option<SocketAddr>,
    /// The port that they are led to; that of `listen` where none is named.
    pub redirect_port: Option<u16>,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            mode: None,
            cert: None,
            key: None,
            handshake_timeout: 10,
            hsts_max_age: 365 * 24 * 60 * 60,
            hsts_include_subdomains: false,
            redirect_listen: None,
            redirect_port: None,
        }
    }
}

/// Who encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// filmgate, with a certificate from files.
    Cert,
    /// filmgate, with a certificate that it makes: for trying.
    SelfSigned,
    /// A proxy in front, which is in `trusted_proxies`.
    Proxy,
    /// Nobody: for a trusted network.
    Off,
}

impl Tls {
    /// Where the certificate and its key are, if filmgate encrypts with them.
    #[must_use]
    pub fn files(&self) -> Option<Files> {
        match (self.mode, &self.cert, &self.key) {
            (Some(TlsMode::Cert), Some(cert), Some(key)) => {
                Some(Files { cert: cert.clone(), key: key.clone() })
            }
            _ => None,
        }
    }

    /// Whether filmgate encrypts by itself.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(self.mode, Some(TlsMode::Cert | TlsMode::SelfSigned))
    }

    /// Time for a handshake, from its first byte.
    #[must_use]
    pub fn handshake_timeout(&self) -> Duration {
        Duration::from_secs(self.handshake_timeout)
    }

    /// Beside what the others say: where is listened, which proxies are believed, which hosts are answered.
    pub(super) fn check(&self, listen: SocketAddr, proxies: &[IpNet], hosts: &[String]) -> Result<(), Error> {
        const DAY: u64 = 24 * 60 * 60;
        match self.mode {
            Some(TlsMode::Proxy) if proxies.is_empty() => {
                return Err(Error::value(
                    "tls.mode",
                    "\"proxy\" needs to know the proxy: set trusted_proxies to its address, such as [\"10.0.0.5\"]",
                ));
            }
            None if !listen.ip().to_canonical().is_loopback() => {
                return Err(Error::value(
                    "tls.mode",
                    "listening beyond this machine needs a word on encryption: set tls.mode = \"cert\" with tls.cert and tls.key when filmgate is to encrypt, or \"self-signed\" to try that; \"proxy\" together with trusted_proxies = [\"ADDRESS\"] when a proxy terminates TLS; or \"off\" on a trusted network; or listen on 127.0.0.1",
                ));
            }
            _ => {}
        }
        for (key, file) in [("tls.cert", &self.cert), ("tls.key", &self.key)] {
            match (self.mode, file) {
                (Some(TlsMode::Cert), None) => {
                    return Err(Error::value(key, "tls.mode = \"cert\" needs the name of a file in PEM"));
                }
                // Somebody believes to be encrypted.
                (mode, Some(_)) if mode != Some(TlsMode::Cert) => {
                    return Err(Error::value(
                        key,
                        "is used with tls.mode = \"cert\" only; set that, or leave it out",
                    ));
                }
                _ => {}
            }
        }
        if !(1..=DAY).contains(&self.handshake_timeout) {
            return Err(Error::value("tls.handshake_timeout", format!("must lie between 1 and {DAY}")));
        }
        if self.hsts_max_age > 10 * 365 * DAY {
            return Err(Error::value("tls.hsts_max_age", "must not be more than ten years, 315360000"));
        }
        self.check_redirect(listen, hosts)
    }

    fn check_redirect(&self, listen: SocketAddr, hosts: &[String]) -> Result<(), Error> {
        let Some(address) = self.redirect_listen else {
            return Ok(());
        };
        let fault = if !self.is_ours() {
            "leads to HTTPS, so it needs tls.mode = \"cert\" or \"self-signed\""
        } else if address.port() != 0 && address.port() == listen.port() {
            "needs another port than listen, which speaks TLS"
        } else if listen.port() == 0 && self.redirect_port.is_none() {
            "needs to know where to lead: set tls.redirect_port, since listen leaves the port to the system"
        } else if !address.ip().to_canonical().is_loopback() && hosts.is_empty() {
            "leads to the host that a request names, so it needs allowed_hosts beyond this machine: or anybody could be led anywhere"
        } else {
            return Ok(());
        };
        Err(Error::value("tls.redirect_listen", fault))
    }
}
