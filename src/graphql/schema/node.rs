//! Whatever has an id that is unique over all types (Relay).

use async_graphql::{ID, Interface};

use crate::graphql::schema::account_types::{Account, ApiKey};
use crate::graphql::schema::audit_events::AuditEvent;
use crate::graphql::schema::film::FilmFields;

/// What has an id that nothing else has, of whatever type.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Unique over all types: of a film its digits, of others with what they are, such as `account:7`."
))]
pub(in crate::graphql) enum Node {
    Film(FilmFields),
    Account(Account),
    ApiKey(ApiKey),
    AuditEvent(AuditEvent),
}
