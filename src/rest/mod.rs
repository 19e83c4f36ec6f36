//! The REST surface: reads a request, draws its price, asks the service, writes the answer.

mod account_dto;
mod accounts;
mod audit_events;
pub mod document;
mod documented;
mod dto;
mod film_changes;
mod film_events;
mod film_groups;
mod film_query;
mod films;
mod health;
mod json;
mod keys;
pub mod not_found;
mod openapi;
mod operations;
mod own_votes;
mod problem_dto;
pub mod problems;
mod query;
mod rate_limit;
#[doc(hidden)]
pub mod readers;
pub mod routes;
mod session;

use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequestParts, Request};
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use query::refuse_unread;

use crate::admission;
use crate::http::body::read_to_end;
use crate::http::cacheable::Constant;
use crate::http::context::{Asker, Context};
use crate::http::idempotency::{Replayed, idempotency_key};
use crate::http::origins::refuse_foreign_page;
use crate::http::problem::Problem;
use crate::http::streams::Streams;
use crate::lifecycle::Lifecycle;
use crate::operations::Operation;
use crate::service::accounts::Waiting;
use crate::service::caller::Caller;
use crate::service::idempotency::once::Once;
use crate::service::text::parse_id;
use crate::service::{self, FieldFault, FilmService};

/// The result of a handler.
type Result<T, E = Problem> = std::result::Result<T, E>;

/// What the handlers stand on.
pub struct Rest {
    pub service: Arc<FilmService>,
    pub lifecycle: Lifecycle,
    pub streams: Arc<Streams>,
    /// Entries of a page.
    pub max_page: u32,
    /// What `/openapi.json` is, once somebody has asked for it.
    pub document: Arc<OnceLock<Constant>>,
}

/// A call: who makes it, and what its handler stands on.
struct Call {
    rest: Arc<Rest>,
    context: Arc<Context>,
    caller: Caller,
}

impl Call {
    /// Begins what changes something: names it for the log, and refuses a page of another site.
    fn begin_change(&self, operation: &Operation, headers: &HeaderMap) -> Result<(), Problem> {
        self.context.set_action(operation.name);
        refuse_foreign_page(headers, &self.context.origins)
    }

    /// The same of a change that has no body; its headers.
    async fn begin_change_without_body(
        &self,
        operation: &Operation,
        request: Request,
    ) -> Result<HeaderMap, Problem> {
        let (parts, body) = request.into_parts();
        self.begin_change(operation, &parts.headers)?;
        read_to_end(body).await?;
        Ok(parts.headers)
    }

    async fn admit(&self, operation: &Operation) -> Result<(), Problem> {
        admission::admit(&self.context, &self.caller, operation).await
    }

    /// Admits a change and makes it; under an `Idempotency-Key`, once: who asks again pays nothing and is told how what was
    /// changed is now. `payload`: what is asked for, beside the operation.
    async fn change<T>(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        payload: &[&[u8]],
        make: impl AsyncFnOnce(&Caller) -> service::Result<T>,
    ) -> Result<(Replayed, T)> {
        let Some(key) = idempotency_key(headers)? else {
            self.admit(operation).await?;
            return Ok((Replayed(false), make(&self.caller).await?));
        };
        let payload = [&[operation.name.as_bytes()], payload].concat();
        let mut once = Once::new(&self.caller.key_owner(), &key, &payload);
        self.rest.service.begin_once(&mut once).await?;
        let replayed = Replayed(once.made().is_some());
        if !replayed.0 {
            self.admit(operation).await?;
        }
        let changed = make(&self.caller.once(once)).await;
        changed.map(|changed| (replayed, changed)).map_err(|error| {
            let replayed = replayed.refused(error.code());
            Problem::from(error).with_headers(replayed.header())
        })
    }

    async fn admit_attempt(&self, operation: &Operation, name: &str) -> Result<Waiting, Problem> {
        let accounts = self.rest.service.accounts();
        admission::admit_attempt(&self.context, &self.caller, accounts, operation, name).await
    }
}

impl FromRequestParts<Arc<Rest>> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, rest: &Arc<Rest>) -> Result<Self, Problem> {
        refuse_unread(parts)?;
        let Asker { context, caller } = Asker::from_request_parts(parts, rest).await?;
        Ok(Self { rest: Arc::clone(rest), context, caller })
    }
}

/// 201, with what was made and where it is found from now on.
fn created(kind: &str, id: i64, made: impl IntoResponse) -> Response {
    (StatusCode::CREATED, [(LOCATION, format!("/v1/{kind}/{id}"))], made).into_response()
}

/// The id of a path. `of`: whose id it must be, with its article.
fn path_id(text: &str, of: &str) -> Result<i64, Problem> {
    let fault = || FieldFault::new("/id", format!("must be the id of {of}, in digits"));
    parse_id(text).ok_or_else(|| Problem::malformed(&[fault()]))
}
