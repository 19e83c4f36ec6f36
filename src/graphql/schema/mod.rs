//! The schema, and what its resolvers say.
//!
//! Its objects are `serial`: they hold what their fields tell, and to let each of those wait by itself, as async-graphql does
//! otherwise, costs more than the field.

pub(super) mod account_lists;
pub(super) mod account_types;
pub(super) mod audit_events;
mod date_time;
mod film;
mod film_connection;
mod film_groups;
mod mutation;
mod my_votes;
mod node;
mod own_vote;
mod plain;
mod query;
pub(super) mod request_state;
pub(super) mod scalars;
mod subscription;
pub(super) mod types;

use async_graphql::{SDLExportOptions, ValidationMode};

use crate::config::GraphQl;
use crate::graphql::schema::mutation::Mutation;
use crate::graphql::schema::query::Query;
use crate::graphql::schema::subscription::Subscription;

/// The executable schema.
pub(in crate::graphql) type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// What the schema is for, to whom asks it.
pub(in crate::graphql) const DESCRIPTION: &str = "Films, and what people think of them: the same that REST answers under /v1. A root field costs one of the quota that it draws from, as rateLimit shows them; a few are free.";

/// Builds the schema. Documents are validated before they come here.
pub(in crate::graphql) fn build(limits: &GraphQl) -> Schema {
    Schema::build(Query, Mutation, Subscription)
        .validation_mode(ValidationMode::Fast)
        // No document that is as deep comes here; an interface has a level of its own.
        .limit_recursive_depth(2 * limits.max_nesting)
        .finish()
}

/// The schema as text: what is committed as `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    let sdl = build(&GraphQl::default()).sdl_with_options(SDLExportOptions::new().include_specified_by());
    // The library does not know that a schema can be described.
    sdl.replacen("\nschema {", &format!("\n\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{"), 1)
}
