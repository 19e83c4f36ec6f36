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

/// What a request says of its host: read once.
#[derive(Debug, Clone)]
pub(super) enum Named {
    /// The name of this machine as it is commonly written, in one line: there is nothing more to look at.
    ThisMachine(&'static str),
    Host(Authority),
    /// As HTTP/1.0 may.
    Nothing,
    /// None, or not once and well.
    Badly,
}

impl Named {
    pub(super) fn by<B>(request: &Request<B>) -> Self {
        let mut lines = request.headers().get_all(HOST).iter();
        let (line, more) = (lines.next(), lines.next());
        let target = request.uri().authority();
        if let (None, Some(name), None) = (target, line.and_then(plain), more) {
            return Self::ThisMachine(name);
        }
        let authority = match (target, line) {
            _ if more.is_some() => None,
            // The target of a request takes precedence over the Host line (RFC 9112, 3.2.2).
            (Some(authority), _) => Some(authority.clone()),
            (None, Some(line)) => line.to_str().ok().and_then(|line| line.parse().ok()),
            (None, None) if request.version() < Version::HTTP_11 => return Self::Nothing,
            (None, None) => None,
        };
        let authority = authority.filter(|authority: &Authority| of_authority(authority.as_str()).is_some());
        authority.map_or(Self::Badly, Self::Host)
    }

    /// The host, without its port.
    pub(super) fn host(&self) -> Option<&str> {
        match self {
            Self::ThisMachine(name) => Some(name),
            Self::Host(authority) => Some(authority.host()),
            Self::Nothing | Self::Badly => None,
        }
    }

    /// Whether it is this machine. A page behind a name that leads here, though it is another's, comes from here too: what
    /// is given to this machine asks for its name as well.
    pub(super) fn is_this_machine(&self) -> bool {
        matches!(self, Self::ThisMachine(_)) || self.host().is_some_and(is_this_machine)
    }
}

/// The name of this machine, where there is nothing else but perhaps a port.
fn plain(line: &HeaderValue) -> Option<&'static str> {
    let is_port = |port: &[u8]| port.is_empty() || matches!(port, [b':', digits @ ..] if is_port(digits));
    let is_named = |name: &&str| line.as_bytes().strip_prefix(name.as_bytes()).is_some_and(is_port);
    ["localhost", "127.0.0.1"].into_iter().find(is_named)
}

fn is_port(digits: &[u8]) -> bool {
    (1..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// Refuses a request for another host.
pub(super) fn check<B>(hosts: &Hosts, named: &Named, request: &mut Request<B>) -> Result<(), Problem> {
    match named {
        Named::Nothing => return Ok(()),
        Named::ThisMachine(_) if hosts.loopback => return Ok(()),
        _ => {}
    }
    let Some(host) = named.host() else {
        return Err(Problem::bad_request("The request needs exactly one valid Host header."));
    };
    if !hosts.allow(host) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "This server does not answer under this host name; its operator can add it to allowed_hosts.",
        ));
    }
    // HTTP/2 names the host in :authority alone. Further in it is found in one place, by whoever compares an Origin.
    if let (Named::Host(authority), Some(_)) = (named, request.uri().authority())
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(HOST, host);
    }
    Ok(())
}
