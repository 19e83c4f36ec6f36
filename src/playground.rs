//! The pages, embedded in the binary.
//!
//! For now one small page without a build step: query, variables, run.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

/// Everything comes from this host, and no script stands in the page.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// The routes of the pages.
pub fn routes() -> Router {
    Router::new()
        .route("/playground", get(page))
        .route("/playground/basic.js", get(script))
        .route("/playground/basic.css", get(style))
        .route("/index.html", get(|| async { Redirect::to("/playground") }))
}

async fn page() -> Response {
    file("text/html; charset=utf-8", include_str!("../playground/basic/index.html"))
}

async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("../playground/basic/basic.js"))
}

async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("../playground/basic/basic.css"))
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CONTENT_SECURITY_POLICY, POLICY),
        // Asked for again each time, so that a new binary shows new pages.
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text).into_response()
}
