//! The schema, and what its resolvers stand on.

use std::sync::Arc;

use async_graphql::{Context, EmptySubscription};

use super::extension::Hooks;
use super::mutation::Mutation;
use super::query::Query;
use crate::config::GraphQl;
use crate::limits::{ClientKey, Limiter};
use crate::service::Hall;
use crate::service::caller::Caller;
use crate::service::error::{Error, Result};

/// The executable schema.
pub(super) type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// What a request brings to its resolvers.
pub(super) struct Visit {
    pub hall: Arc<Hall>,
    pub limiter: Arc<Limiter>,
    pub caller: Caller,
    pub client: ClientKey,
}

/// The visit of this request.
pub(super) fn visit<'a>(context: &Context<'a>) -> Result<&'a Visit> {
    context.data_opt::<Visit>().ok_or_else(|| Error::internal("a GraphQL request without a visit"))
}

/// Builds the schema. Its own limits are a second wall behind `guard` and `measure`.
pub(super) fn build(limits: &GraphQl) -> Schema {
    Schema::build(Query, Mutation, EmptySubscription)
        .extension(Hooks)
        .limit_recursive_depth(limits.max_nesting)
        .limit_directives(limits.max_directives)
        .finish()
}

/// The schema as text: what is committed as `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    build(&GraphQl::default()).sdl()
}
