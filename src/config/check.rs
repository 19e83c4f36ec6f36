//! What only the whole configuration can tell: what does not go together, and what an operator must not overlook.

use super::error::Error;
use super::settings::{Config, TlsMode, TrustedMode};
use crate::service::caller::Role;

impl Config {
    pub(super) fn check(&self) -> Result<(), Error> {
        self.database_url.check_database("database_url")?;
        self.copy_to.iter().try_for_each(|url| url.check_database("copy_to"))?;
        self.limits.storage().map_err(|fault| Error(format!("configuration key {fault}")))?;
        self.auth.jwt.check()?;
        match self.fault() {
            Some(fault) => Err(Error(format!("configuration key {fault}"))),
            None => Ok(()),
        }
    }

    /// The key, then what is wrong with it and what would be right.
    fn fault(&self) -> Option<&'static str> {
        let origins = self.cors.allowed_origins.as_deref().unwrap_or_default();
        let tls = &self.tls;
        let is_cert = tls.mode == Some(TlsMode::Cert);
        Some(if self.auth.anonymous_role == Some(Role::Admin) {
            "auth.anonymous_role: an anonymous caller cannot be admin; use viewer, voter or editor"
        } else if origins.len() > 1 && origins.iter().any(|origin| origin == "*") {
            "cors.allowed_origins: \"*\" means every origin and stands alone"
        } else if tls.mode == Some(TlsMode::Proxy) && self.trusted_proxies.is_empty() {
            "tls.mode: \"proxy\" needs to know the proxy: set trusted_proxies to its address, such as [\"10.0.0.5\"]"
        } else if tls.mode.is_none() && !self.is_loopback() {
            "tls.mode: listening beyond this machine needs a word on encryption: set tls.mode = \"cert\" with tls.cert and tls.key when filmgate is to encrypt, or \"self-signed\" to try that; \"proxy\" together with trusted_proxies = [\"ADDRESS\"] when a proxy terminates TLS; or \"off\" on a trusted network; or listen on 127.0.0.1"
        } else if is_cert && tls.cert.is_none() {
            "tls.cert: tls.mode = \"cert\" needs the name of a file in PEM"
        } else if is_cert && tls.key.is_none() {
            "tls.key: tls.mode = \"cert\" needs the name of a file in PEM"
        // Somebody believes to be encrypted.
        } else if !is_cert && tls.cert.is_some() {
            "tls.cert: is used with tls.mode = \"cert\" only; set that, or leave it out"
        } else if !is_cert && tls.key.is_some() {
            "tls.key: is used with tls.mode = \"cert\" only; set that, or leave it out"
        } else if self.graphql.trusted_documents.is_none() && self.graphql.trusted_mode != TrustedMode::Off {
            "graphql.trusted_mode: needs graphql.trusted_documents, the file with the documents to trust"
        } else if self.shares_admin_port() {
            "admin.listen: needs a port of its own, other than that of listen and tls.redirect_listen: what it tells is for whoever runs the server"
        } else {
            return self.redirect_fault();
        })
    }

    fn shares_admin_port(&self) -> bool {
        let ports =
            [Some(self.listen), self.tls.redirect_listen].into_iter().flatten().map(|other| other.port());
        let own = self.admin.listen.map(|address| address.port()).filter(|port| *port != 0);
        own.is_some_and(|own| ports.into_iter().any(|port| port == own))
    }

    fn redirect_fault(&self) -> Option<&'static str> {
        let address = self.tls.redirect_listen?;
        Some(if !self.tls.is_ours() {
            "tls.redirect_listen: leads to HTTPS, so it needs tls.mode = \"cert\" or \"self-signed\""
        } else if address.port() != 0 && address.port() == self.listen.port() {
            "tls.redirect_listen: needs another port than listen, which speaks TLS"
        } else if self.listen.port() == 0 && self.tls.redirect_port.is_none() {
            "tls.redirect_listen: needs to know where to lead: set tls.redirect_port, since listen leaves the port to the system"
        } else if !address.ip().to_canonical().is_loopback() && self.allowed_hosts.is_empty() {
            "tls.redirect_listen: leads to the host that a request names, so it needs allowed_hosts beyond this machine: or anybody could be led anywhere"
        } else {
            return None;
        })
    }

    /// What holds, and what an operator must not overlook all the same: one sentence each, for the start and for
    /// `filmgate config check`.
    #[must_use]
    pub fn notices(&self) -> Vec<&'static str> {
        let is_open_under = |mode| self.tls.mode == Some(mode) && !self.is_loopback();
        let is_any_origin = self.cors.allowed_origins.iter().flatten().any(|origin| origin == "*");
        [
            (!self.limits.enabled, "limits.enabled = false: nobody is limited, by nothing"),
            (
                self.admin.listen.is_some_and(|address| !address.ip().to_canonical().is_loopback()),
                "admin.listen: whoever reaches that address reads the metrics, in the clear; keep it within a network that you trust",
            ),
            (is_any_origin, "cors.allowed_origins = \"*\": every web page may read every answer"),
            (is_open_under(TlsMode::Off), "tls.mode = \"off\": everything goes over the network in the clear"),
            (
                is_open_under(TlsMode::SelfSigned),
                "tls.mode = \"self-signed\": nobody vouches for this server, so anybody in between can pretend to be it",
            ),
        ]
        .into_iter()
        .filter_map(|(holds, notice)| holds.then_some(notice))
        .collect()
    }
}
