//! The REST surface: reads a request, draws its price, asks the service, writes the answer.

mod account_dto;
mod accounts;
mod audit_events;
mod documented;
mod dto;
mod error;
mod film_changes;
mod film_events;
mod films;
mod health;
mod json;
mod keys;
mod members;
pub mod openapi;
mod operations;
mod query;
mod rate_limit;
#[doc(hidden)]
pub mod readers;
mod session;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::admission;
use crate::http::context::Context;
use crate::http::origins::Origins;
use crate::http::problem::Problem;
use crate::http::streams::Streams;
use crate::lifecycle::Lifecycle;
use crate::limits::Limiter;
use crate::operations::Operation;
use crate::service::caller::Caller;
use crate::service::text::parse_id;
use crate::service::{FieldFault, FilmService};

/// What the handlers stand on.
#[derive(Clone)]
pub struct Rest {
    pub service: Arc<FilmService>,
    pub limiter: Arc<Limiter>,
    pub origins: Arc<Origins>,
    pub lifecycle: Lifecycle,
    pub streams: Arc<Streams>,
}

impl Rest {
    fn admit(&self, context: &Context, caller: &Caller, operation: &Operation) -> Result<(), Problem> {
        admission::admit(context, caller, &self.limiter, operation)
    }

    async fn admit_attempt(
        &self,
        context: &Context,
        caller: &Caller,
        operation: &Operation,
        name: &str,
    ) -> Result<(), Problem> {
        let accounts = self.service.accounts();
        admission::admit_attempt(context, caller, &self.limiter, accounts, operation, name).await
    }
}

/// What orchestrators ask: fewer layers stand before it.
#[must_use]
pub fn health_routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(health::live)).routes(routes!(health::ready))
}

/// Every other route of this surface.
#[must_use]
pub fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(documented::random_film))
        .routes(routes!(documented::add_film, documented::head_add_film))
        .routes(routes!(films::films, films::add_film))
        .routes(routes!(films::random_film))
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
        .routes(routes!(accounts::accounts, accounts::create_account))
        .routes(routes!(accounts::account, accounts::update_account))
        .routes(routes!(keys::keys, keys::create_key))
        .routes(routes!(keys::revoke_key))
}

/// The id of a path. `of`: whose id it must be, with its article.
fn path_id(text: &str, of: &str) -> Result<i64, Problem> {
    let fault = || FieldFault::new("/id", format!("must be the id of {of}, in digits"));
    parse_id(text).ok_or_else(|| Problem::malformed(&[fault()]))
}
