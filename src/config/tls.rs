//! `[tls]`: who encrypts.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::choice;
use super::load::Error;

/// `[tls]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// Needed as soon as others than this machine can connect.
    #[serde(deserialize_with = "choice::optional")]
    pub mode: Option<TlsMode>,
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
    pub(super) fn check(&self, loopback: bool, trusted_proxies: &[IpNet]) -> Result<(), Error> {
        match self.mode {
            Some(TlsMode::Cert | TlsMode::SelfSigned) => Err(Error::value(
                "tls.mode",
                "this version does not terminate TLS itself; put a proxy in front and use \"proxy\", or \"off\" on a trusted network",
            )),
            Some(TlsMode::Proxy) if trusted_proxies.is_empty() => Err(Error::value(
                "tls.mode",
                "\"proxy\" needs to know the proxy: set trusted_proxies to its address, such as [\"10.0.0.5\"]",
            )),
            None if !loopback => Err(Error::value(
                "tls.mode",
                "listening beyond this machine needs a word on encryption: set tls.mode = \"proxy\" together with trusted_proxies = [\"ADDRESS\"] when a proxy terminates TLS, or tls.mode = \"off\" on a trusted network; or listen on 127.0.0.1",
            )),
            _ => Ok(()),
        }
    }
}
