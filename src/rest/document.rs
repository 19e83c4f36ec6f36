//! The OpenAPI document.

use std::sync::Arc;

use axum::extract::State;
use utoipa::openapi::OpenApi;

use super::Rest;
use super::openapi::{bound_pages, complete};
use super::routes::routes;
use crate::http::cacheable::Constant;
use crate::http::context::Asker;
use crate::http::json;
use crate::operations;

/// The document as it is committed: that of a server whose limits nobody has changed.
#[must_use]
pub fn document() -> String {
    text(&described())
}

/// `GET /openapi.json`.
pub async fn serve(State(rest): State<Arc<Rest>>, Asker { context, .. }: Asker) -> Constant {
    context.set_action(operations::OPENAPI.name);
    let make = || {
        let mut document = described();
        bound_pages(&mut document, rest.max_page);
        Constant::new(json::MEDIA_TYPE, text(&document))
    };
    rest.document.get_or_init(make).clone()
}

fn described() -> OpenApi {
    let mut document = routes().to_openapi();
    complete(&mut document);
    document
}

fn text(document: &OpenApi) -> String {
    // Serializing a document of strings and maps cannot fail; an empty text would fail the drift test.
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}
