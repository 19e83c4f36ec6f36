//! Every route of this surface.

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    Rest, accounts, audit_events, documented, film_changes, film_events, film_groups, film_query, films,
    health, keys, openapi, operations, own_votes, rate_limit, session,
};

/// All of them, each with its place in the document.
#[must_use]
pub fn routes() -> OpenApiRouter<Arc<Rest>> {
    let (schemas, paths, films) = routes!(films::films, films::add_film);
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(documented::random_film))
        .routes(routes!(documented::add_film, documented::head_add_film))
        .routes((schemas, paths, films.fallback(film_query::query_films)))
        .routes(routes!(films::random_film))
        .routes(routes!(film_groups::genres))
        .routes(routes!(film_groups::studios))
        .routes(routes!(film_events::film_events))
        .routes(routes!(films::film, film_changes::update_film, film_changes::remove_film))
        .routes(routes!(films::like))
        .routes(routes!(films::dislike))
        .routes(routes!(film_changes::remove_vote))
        .routes(routes!(rate_limit::rate_limit))
        .routes(routes!(operations::operations))
        .routes(routes!(audit_events::audit_events))
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(session::me))
        .routes(routes!(session::change_password))
        .routes(routes!(own_votes::my_votes))
        .routes(routes!(accounts::accounts, accounts::create_account))
        .routes(routes!(accounts::account, accounts::update_account))
        .routes(routes!(keys::keys, keys::create_key))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
}
