//! The schema.

use async_graphql::SDLExportOptions;

use super::extension::Hooks;
use super::mutation::Mutation;
use super::query::Query;
use super::subscription::Subscription;
use crate::config::GraphQl;

/// The executable schema.
pub(super) type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema. Its own limits are a second wall behind `guard` and `measure`.
pub(super) fn build(limits: &GraphQl) -> Schema {
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
