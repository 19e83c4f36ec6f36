//! Which web pages are trusted.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// Which origins are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Exactly these.
    Listed(Vec<String>),
    /// Pages of this machine, on any port.
    Loopback,
    /// All: for a wholly public API, never together with credentials.
    Any,
}

impl Origins {
    /// Whether pages of this origin may read answers.
    #[must_use]
    pub fn trust(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(origins) => origins.iter().any(|known| known == origin),
            Self::Loopback => origin.strip_prefix("http://").is_some_and(|authority| {
                let host = authority.split_once(':').map_or(authority, |(host, port)| {
                    if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { "" }
                });
                host == "localhost" || host == "127.0.0.1"
            }),
        }
    }

    /// Whether a request with these headers comes from a page that is trusted, or is our own.
    #[must_use]
    pub fn trust_request(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()) else {
            return false;
        };
        let own = headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| {
            origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        });
        own || self.trust(origin)
    }
}
