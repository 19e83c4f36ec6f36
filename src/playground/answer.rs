//! A file as an answer: encoding, tag, how long it may be kept, and what it may load. `front` tells a client that has it
//! already.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::files::File;
use crate::http::encoding::choose;
use crate::http::problem::Problem;

/// What GraphiQL may do. Its editor writes style elements of its own, carries fonts and cursors as `data:`, and works in
/// workers.
const GRAPHIQL: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; \
                        font-src 'self' data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                        form-action 'none'; frame-ancestors 'none'";
/// Everything comes from this host, and neither script nor style stands in the page.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A worker goes by the policy of its own file, and imports others.
const ASSET: &str = "default-src 'none'; script-src 'self'; frame-ancestors 'none'";

/// What no page of ours asks for, so that nothing that got into one could.
const NO_DEVICES: &str =
    "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

/// What a file is for.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    GraphiQl,
    Page,
    /// Of the small page, under a name that stays.
    Part,
    /// Under a name that changes with its content.
    Asset,
}

impl Kind {
    fn policy(self) -> &'static str {
        match self {
            Self::GraphiQl => GRAPHIQL,
            Self::Page => PAGE,
            Self::Part | Self::Asset => ASSET,
        }
    }

    fn is_document(self) -> bool {
        matches!(self, Self::GraphiQl | Self::Page)
    }

    fn cache_control(self) -> &'static str {
        match self {
            Self::Asset => "public, max-age=31536000, immutable",
            // Asked for again each time, so that a new binary shows new pages.
            Self::GraphiQl | Self::Page | Self::Part => "no-cache",
        }
    }
}

pub(super) fn answer(file: &'static File, kind: Kind, request: &HeaderMap) -> Response {
    let Some(encoding) = choose(request, |encoding| file.has(encoding)) else {
        let detail =
            "This file is only sent compressed: send Accept-Encoding: gzip, or br (curl has --compressed).";
        let mut refusal = Problem::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", detail).into_response();
        refusal.headers_mut().append(VARY, HeaderValue::from_static("Accept-Encoding"));
        return refusal;
    };
    let Some(bytes) = file.bytes(encoding) else {
        tracing::error!(file = file.name, "a page cannot be decompressed");
        return Problem::internal().into_response();
    };
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type()));
    if let Some(token) = encoding.token() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    if let Ok(tag) = HeaderValue::try_from(file.etag(encoding)) {
        headers.insert(ETAG, tag);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kind.cache_control()));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(kind.policy()));
    if kind.is_document() {
        headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(NO_DEVICES));
        // A window of another site that opened the page, or was opened by it, cannot reach it.
        headers.insert(
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        );
    }
    headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}
