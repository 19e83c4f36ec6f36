//! The OpenAPI document.

use std::sync::LazyLock;

use super::openapi::complete;
use super::routes::{health_routes, routes};
use crate::http::context::Asker;
use crate::http::json;
use crate::http::kept::Constant;
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
pub async fn serve(Asker { context, .. }: Asker) -> Constant {
    static DOCUMENT: LazyLock<Constant> = LazyLock::new(|| Constant::new(json::MEDIA_TYPE, document()));
    context.set_action(operations::OPENAPI.name);
    DOCUMENT.clone()
}
