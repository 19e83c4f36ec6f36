//! Every route, on one screen. What a request passes before it comes here is `front`.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::graphql::state::GraphQl;
use crate::rest::Rest;
use crate::{graphql, playground, rest};

/// Both surfaces, the pages, and what orchestrators ask.
pub fn router(rest_state: Arc<Rest>, graphql_state: Arc<GraphQl>) -> Router {
    let (rest_routes, _) = rest::routes::routes().split_for_parts();
    let graphql_routes = Router::new()
        .route("/graphql", get(graphql::http::get).post(graphql::http::post).fallback(graphql::http::query))
        .with_state(graphql_state)
        .route("/schema.graphql", get(graphql::http::schema));
    rest_routes
        .route("/openapi.json", get(rest::document::serve))
        .with_state(rest_state)
        .merge(graphql_routes)
        .merge(playground::routes())
        .route("/problems", get(rest::problems::all))
        .route("/problems/{code}", get(rest::problems::one))
        .fallback(rest::not_found::answer)
}
