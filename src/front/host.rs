//! Whether the request is for us: on loopback this stops DNS rebinding, by which a foreign page reaches a server on
//! the visitor's own machine under its own name.

use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Request, StatusCode, Version};

use crate::http::host::{is_this_machine, normal, of_authority};
use crate::http::problem::Problem;

/// The names under which we answer.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// In their one form.
    pub allowed: Vec<String>,
    /// Listening on loopback only.
    pub loopback: bool,
}

impl Hosts {
    fn allow(&self, host: &str) -> bool {
        let is_named = || self.allowed.iter().any(|allowed| *allowed == *normal(host));
        if self.loopback {
            is_this_machine(host) || is_named()
        } else {
            self.allowed.is_empty() || is_named()
        }
    }
}

/// The host that a request names, if it does so once and well.
pub(super) fn authority<B>(request: &Request<B>) -> Option<Authority> {
    let mut lines = request.headers().get_all(HOST).iter();
    let line = lines.next();
    if lines.next().is_some() {
        return None;
    }
    // The target of a request takes precedence over the Host line (RFC 9112, 3.2.2).
    let authority: Authority = match request.uri().authority() {
        Some(authority) => authority.clone(),
        None => line?.to_str().ok()?.parse().ok()?,
    };
    of_authority(authority.as_str()).is_some().then_some(authority)
}

/// Whether a request names this machine. A page behind a name that leads here, though it is another's, comes from here
/// too: what is given to this machine asks for its name as well.
pub(super) fn names_this_machine<B>(request: &Request<B>) -> bool {
    is_plain(request) || authority(request).is_some_and(|authority| is_this_machine(authority.host()))
}

/// What needs no second look: one line with the name of this machine as it is commonly written.
fn is_plain<B>(request: &Request<B>) -> bool {
    let mut lines = request.headers().get_all(HOST).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return false };
    let line = line.as_bytes();
    let port = ["localhost", "127.0.0.1"].iter().find_map(|name| line.strip_prefix(name.as_bytes()));
    let is_port = |port: &[u8]| port.is_empty() || matches!(port, [b':', digits @ ..] if is_port(digits));
    request.uri().authority().is_none() && port.is_some_and(is_port)
}

fn is_port(digits: &[u8]) -> bool {
    (1..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// Refuses a request for another host.
pub(super) fn check<B>(hosts: &Hosts, request: &mut Request<B>) -> Result<(), Problem> {
    if hosts.loopback && is_plain(request) {
        return Ok(());
    }
    let names_none = request.uri().authority().is_none() && !request.headers().contains_key(HOST);
    if names_none && request.version() < Version::HTTP_11 {
        return Ok(());
    }
    let Some(authority) = authority(request) else {
        return Err(Problem::bad_request("The request needs exactly one valid Host header."));
    };
    if !hosts.allow(authority.host()) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "This server does not answer under this host name; its operator can add it to allowed_hosts.",
        ));
    }
    // HTTP/2 names the host in :authority alone. Further in it is found in one place, by whoever compares an Origin.
    if request.uri().authority().is_some()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(HOST, host);
    }
    Ok(())
}
