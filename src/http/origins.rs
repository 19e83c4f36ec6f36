//! Which web pages are trusted, and what another site's page may not do in a visitor's name.
//!
//! A vote by GET is documented, so a picture on any page could cast one. Browsers tell where a request comes from
//! (Fetch Metadata); other clients send none of these headers and pass.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};

use crate::http::host::is_origin_of_this_machine;
use crate::http::problem::Problem;

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
            Self::Listed(origins) => origins.iter().any(|known| known.eq_ignore_ascii_case(origin)),
            Self::Loopback => is_origin_of_this_machine(origin),
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

/// Refuses a vote by GET that nobody meant to cast: a prefetch, a picture or frame, or another site's page. A link
/// that a person clicked passes.
///
/// # Errors
/// 403.
pub fn refuse_unmeant_vote(headers: &HeaderMap, origins: &Origins) -> Result<(), Problem> {
    let value = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let speculative = ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().any(|name| {
        value(name).is_some_and(|purpose| purpose.contains("prefetch") || purpose.contains("preview"))
    });
    if speculative {
        return Err(forbidden("A prefetch cannot vote."));
    }
    if value("sec-fetch-dest").is_some_and(|dest| !["document", "empty"].contains(&dest)) {
        return Err(forbidden("An embedded resource cannot vote."));
    }
    let clicked = value("sec-fetch-mode") == Some("navigate") && value("sec-fetch-user") == Some("?1");
    let foreign = value("sec-fetch-site") == Some("cross-site") || headers.contains_key(ORIGIN);
    if foreign && !clicked && !origins.trust_request(headers) {
        return Err(forbidden("A page of another site cannot vote."));
    }
    Ok(())
}

/// Refuses a change that a page of another site sends: a form needs nobody's leave to send a POST.
///
/// # Errors
/// 403.
pub fn refuse_foreign_page(headers: &HeaderMap, origins: &Origins) -> Result<(), Problem> {
    let cross_site = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if (headers.contains_key(ORIGIN) || cross_site) && !origins.trust_request(headers) {
        return Err(forbidden(
            "A page of another site cannot change anything here unless its origin is in cors.allowed_origins.",
        ));
    }
    Ok(())
}

fn forbidden(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
}
