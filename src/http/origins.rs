//! Which web pages are trusted, and what another site's page may not do in a visitor's name.
//!
//! A vote by GET is documented, so a picture on any page could cast one. Browsers tell where a request comes from
//! (Fetch Metadata); other clients send none of these headers and pass.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::http::host::is_origin_of_this_machine;
use crate::http::list::has_any;
use crate::http::problem::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
pub(super) const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
pub(super) const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_USER: HeaderName = HeaderName::from_static("sec-fetch-user");
/// By which of them a browser says that it fetches ahead depends on the browser.
const PURPOSES: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// Which origins are trusted.
#[derive(Debug, Clone)]
pub struct Origins {
    pub allowed: Allowed,
    /// Whether our own pages come over HTTPS alone: of one that came otherwise nobody knows who made it.
    pub are_https: bool,
}

/// The origins of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
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
        match &self.allowed {
            Allowed::Any => true,
            Allowed::Listed(origins) => origins.iter().any(|known| known.eq_ignore_ascii_case(origin)),
            Allowed::Loopback => is_origin_of_this_machine(origin),
        }
    }

    /// Whether a request with these headers comes from a page that is trusted, or is our own.
    #[must_use]
    pub fn trust_request(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
        let Ok(origin) = origin.to_str() else { return false };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| self.is_own(origin, host)) || self.trust(origin)
    }

    fn is_own(&self, origin: &str, host: &str) -> bool {
        let is_ours = |scheme: &str| {
            scheme.eq_ignore_ascii_case("https") || !self.are_https && scheme.eq_ignore_ascii_case("http")
        };
        origin
            .split_once("://")
            .is_some_and(|(scheme, authority)| is_ours(scheme) && authority.eq_ignore_ascii_case(host))
    }
}

/// Refuses a vote by GET that nobody meant to cast: a prefetch, a picture or frame, or another site's page. A link
/// that a person clicked passes.
///
/// # Errors
/// 403.
pub fn refuse_unmeant_vote(headers: &HeaderMap, origins: &Origins) -> Result<(), Problem> {
    let value = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_ahead = |purpose: &HeaderValue| {
        let purpose = String::from_utf8_lossy(purpose.as_bytes()).to_ascii_lowercase();
        purpose.contains("prefetch") || purpose.contains("preview")
    };
    if has_any(headers, &PURPOSES) && PURPOSES.iter().flat_map(|name| headers.get_all(name)).any(is_ahead) {
        return Err(forbidden("A prefetch cannot vote."));
    }
    if !has_any(headers, &[SEC_FETCH_DEST, SEC_FETCH_SITE, ORIGIN]) {
        return Ok(());
    }
    if value(&SEC_FETCH_DEST).is_some_and(|dest| !["document", "empty"].contains(&dest)) {
        return Err(forbidden("An embedded resource cannot vote."));
    }
    let clicked = value(&SEC_FETCH_MODE) == Some("navigate") && value(&SEC_FETCH_USER) == Some("?1");
    // A page of the same site may be another's; of one that is trusted, the browser tells the origin where it is asked to.
    let is_of_another =
        value(&SEC_FETCH_SITE).is_some_and(|site| ["cross-site", "same-site"].contains(&site));
    let foreign = is_of_another || headers.contains_key(ORIGIN);
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
    if !has_any(headers, &[SEC_FETCH_SITE, ORIGIN]) {
        return Ok(());
    }
    let cross_site = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site");
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
