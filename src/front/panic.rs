//! A handler's panic is that request's failure, not an outage.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};

use crate::http::problem::Problem;

/// For `CatchPanicLayer`: the text goes into the log, the client hears nothing of it.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn caught(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = text, "a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::get;
    use http_body_util::BodyExt as _;
    use tower::{ServiceBuilder, ServiceExt as _};
    use tower_http::catch_panic::CatchPanicLayer;

    use crate::front::client_ip::ClientIp;
    use crate::front::enter;
    use crate::http::problem;

    async fn panics() -> &'static str {
        panic!("SECRET")
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error_in_the_form_of_the_surface() {
        let layers = ServiceBuilder::new()
            .layer(from_fn_with_state(Arc::new(ClientIp::new(Vec::new(), false)), enter::enter))
            .layer(from_fn(problem::render))
            .layer(CatchPanicLayer::custom(super::caught));
        let router = Router::new().route("/", get(panics)).route("/graphql", get(panics)).layer(layers);
        for (path, form) in [("/", "\"status\":500"), ("/graphql", "{\"errors\":[")] {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let response = router.clone().oneshot(request).await.expect("infallible");
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains(form) && body.contains("INTERNAL") && !body.contains("SECRET"), "{body}");
        }
    }
}
