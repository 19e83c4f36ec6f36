//! The schema, and what its resolvers say.

pub(super) mod account_types;
pub(super) mod audit_events;
mod date_time;
mod mutation;
mod query;
pub(super) mod request_state;
mod subscription;
pub(super) mod types;

use async_graphql::SDLExportOptions;

use crate::config::GraphQl;
use crate::graphql::extension::Hooks;
use crate::graphql::schema::mutation::Mutation;
use crate::graphql::schema::query::Query;
use crate::graphql::schema::subscription::Subscription;

/// The executable schema.
pub(in crate::graphql) type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema. Its own limits are a second wall behind `guard` and `measure`.
pub(in crate::graphql) fn build(limits: &GraphQl) -> Schema {
    Schema::build(Query, Mutation, Subscription)
        .extension(Hooks)
        .limit_recursive_depth(limits.max_nesting)
        .limit_directives(limits.max_directives)
        .finish()
}

/// The schema as text: what is committed as `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    build(&GraphQl::default()).sdl_with_options(SDLExportOptions::new().include_specified_by())
}
