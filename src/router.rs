//! Every route and every layer, on one screen.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::front::client_ip::ClientIp;
use crate::front::host::Hosts;
use crate::front::https_only::HttpsPort;
use crate::front::security_headers::Hsts;
use crate::front::{
    audit, caps, cors, encoding, enter, flood, host, https_only, panic, rate_limit, security_headers,
};
use crate::graphql::state::GraphQl;
use crate::http::credential::Identities;
use crate::http::origins::Origins;
use crate::http::overload::Overload;
use crate::http::timeout::Timeouts;
use crate::http::{credential, overload, problem, timeout};
use crate::limits::Limiter;
use crate::rest::Rest;
use crate::service::audit::Refusals;
use crate::{graphql, playground, rest};

/// What the layers stand on.
pub struct Front {
    pub client_ip: Arc<ClientIp>,
    pub origins: Arc<Origins>,
    pub limiter: Arc<Limiter>,
    pub hosts: Arc<Hosts>,
    pub identities: Arc<Identities>,
    /// Bytes.
    pub max_header: usize,
    /// Bytes.
    pub max_body: usize,
    pub timeouts: Timeouts,
    pub overload: Arc<Overload>,
    pub hsts: Hsts,
    pub refusals: Arc<Refusals>,
}

/// Both surfaces behind the same layers.
pub fn router(rest_state: Rest, graphql_state: GraphQl, front: Front) -> Router {
    let (rest_routes, _) = rest::routes().split_for_parts();
    let (health_routes, _) = rest::health_routes().split_for_parts();
    let graphql_routes = Router::new()
        .route("/graphql", get(graphql::http::get).post(graphql::http::post))
        .with_state(graphql_state);
    // From the outside in: these stand before everything.
    let front_layers = ServiceBuilder::new()
        // First the id and the client, since the log line names both; it is written when all else is done.
        .layer(from_fn_with_state(front.client_ip, enter::enter))
        // Outside of everything that refuses: one place gives refusals the form of their surface.
        .layer(from_fn_with_state(Arc::clone(&front.limiter), rate_limit::headers))
        .layer(from_fn(problem::render))
        // While a refusal still is one, and not yet text.
        .layer(from_fn_with_state(front.refusals, audit::note))
        // On every answer, refusals and caught panics too.
        .layer(from_fn_with_state(front.hsts, security_headers::add))
        .layer(from_fn_with_state(Arc::clone(&front.origins), cors::headers))
        // Outside of everything that could panic.
        .layer(CatchPanicLayer::custom(panic::caught));
    // And these before the surfaces.
    let surface_layers = ServiceBuilder::new()
        // Before flood, so that a refusal costs no quota, and after all that gives it its form: that is cheap.
        .layer(from_fn_with_state(front.overload, overload::admit))
        // Before anything that costs: even a preflight draws from it.
        .layer(from_fn_with_state(Arc::clone(&front.limiter), flood::charge))
        .layer(from_fn_with_state(front.hosts, host::check))
        .layer(from_fn_with_state(front.origins, cors::preflight))
        .layer(from_fn_with_state(front.max_header, caps::header))
        // Before anybody reads a body.
        .layer(from_fn(encoding::refuse))
        .layer(from_fn_with_state(front.timeouts, timeout::limit))
        .layer(from_fn_with_state(front.identities, credential::identify));
    let surfaces = rest_routes
        .with_state(rest_state.clone())
        .merge(graphql_routes)
        .merge(playground::routes())
        .route("/openapi.json", get(rest::openapi::serve))
        // Innermost, because it changes the type of the body.
        .layer(RequestBodyLimitLayer::new(front.max_body))
        .layer(surface_layers);
    // Neither a host name nor a role nor a flood stands in the way of a probe. (The surfaces are merged into it and not
    // the other way round: of two routers, the second one's layers stay around what is not found.)
    health_routes
        .with_state(rest_state)
        .layer(from_fn_with_state(front.limiter, flood::note))
        .merge(surfaces)
        .layer(front_layers)
}

/// What is found at the entrance for plain HTTP where filmgate encrypts: the way to the other one, and nothing else.
/// `hosts` are those of its own address.
pub fn https_only(front: &Front, hosts: Hosts, port: HttpsPort) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(Arc::clone(&front.client_ip), enter::enter))
        .layer(from_fn_with_state(Arc::clone(&front.limiter), rate_limit::headers))
        .layer(from_fn(problem::render))
        .layer(from_fn_with_state(Hsts::default(), security_headers::add))
        .layer(CatchPanicLayer::custom(panic::caught))
        .layer(from_fn_with_state(Arc::clone(&front.limiter), flood::charge))
        .layer(from_fn_with_state(Arc::new(hosts), host::check))
        .layer(from_fn_with_state(front.max_header, caps::header));
    Router::new().fallback(https_only::answer).with_state(port).layer(layers)
}
