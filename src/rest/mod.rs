//! The REST surface: reads a request, draws its price, asks the service, writes the answer.

mod account_dto;
mod accounts;
mod audit_events;
pub mod document;
mod documented;
mod dto;
mod error;
mod film_changes;
mod film_events;
mod films;
mod health;
mod json;
mod keys;
mod openapi;
mod operations;
mod query;
mod rate_limit;
#[doc(hidden)]
pub mod readers;
pub mod routes;
mod session;

use std::sync::Arc;

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

/// The id of a path. `of`: whose id it must be, with its article.
fn path_id(text: &str, of: &str) -> Result<i64, Problem> {
    let fault = || FieldFault::new("/id", format!("must be the id of {of}, in digits"));
    parse_id(text).ok_or_else(|| Problem::malformed(&[fault()]))
}
