//! The OpenAPI document.

use std::sync::LazyLock;

use axum::response::Response;
use bytes::Bytes;

use super::openapi::complete;
use super::routes::{health_routes, routes};
use crate::http::context::Asker;
use crate::http::{json, kept};
use crate::operations;

/// The document as it is served and committed.
#[must_use]
pub fn document() -> String {
    let mut document = routes().merge(health_routes()).to_openapi();
    complete(&mut document);
    // Serializing a document of strings and maps cannot fail; an empty text would fail the drift test.
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// `GET /openapi.json`.
pub async fn serve(Asker { context, .. }: Asker) -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(document);
    context.set_action(operations::OPENAPI.name);
    kept::answer(json::MEDIA_TYPE, Bytes::from_static(DOCUMENT.as_bytes()))
}
