//! The OpenAPI document, generated from the handlers.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use utoipa::OpenApi as _;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "filmgate",
        description = "A film API. GraphQL at /graphql offers the same, at the same price."
    ),
    tags(
        (name = "documented", description = "The documented endpoints. They never change shape."),
        (name = "films", description = "Films as resources."),
        (name = "limits", description = "Rate limits."),
    )
)]
struct Frame;

/// What is not in the handlers.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The document as it is served and committed.
#[must_use]
pub fn document() -> String {
    let document = super::routes().to_openapi();
    // Serializing a document of strings and maps cannot fail; an empty text would fail the drift test.
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// `GET /openapi.json`.
pub async fn serve() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(document);
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}
