//! Plain HTTP beside HTTPS: a person who has typed an address is led on, and a program is told to mend its own.
//!
//! A call is not redirected: it would work, and nobody would notice that whatever secret it carries has already been
//! sent in the clear.

use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::http::accept::prefers_html;
use crate::http::credential::API_KEY;
use crate::http::list::has_any;
use crate::http::problem::Problem;

/// Leads on to the port of HTTPS, or refuses. The host has been checked: nobody is led elsewhere.
pub(super) fn answer<B>(port: u16, host: Option<&str>, request: &Request<B>) -> Result<Response, Problem> {
    if is_of_a_person(request)
        && let Some(address) = address(port, host, request)
    {
        return Ok((StatusCode::PERMANENT_REDIRECT, [(LOCATION, address)]).into_response());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "HTTPS_REQUIRED",
        "Calls are answered over HTTPS only: write https:// in the address. Whatever secret this call carried has been \
         sent in the clear, so exchange it.",
    ))
}

/// The same address; `None` without a host, which clients of HTTP/1.0 do not name.
fn address<B>(port: u16, host: Option<&str>, request: &Request<B>) -> Option<HeaderValue> {
    let host = host?;
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    HeaderValue::try_from(format!("https://{host}{port}{path}")).ok()
}

/// Whether a browser asks for a page. The bare address is what people type; with a query it is a vote.
fn is_of_a_person<B>(request: &Request<B>) -> bool {
    let (path, headers) = (request.uri().path(), request.headers());
    let is_page = path == "/playground" || path.starts_with("/playground/") || path == "/index.html";
    let is_root = path == "/" && request.uri().query().is_none();
    let has_credential = has_any(headers, &[AUTHORIZATION, API_KEY]);
    matches!(*request.method(), Method::GET | Method::HEAD)
        && (is_page || is_root)
        && prefers_html(headers)
        && !has_credential
}
