//! What happened that matters for security.

use sea_orm::entity::prelude::*;

/// One row of `audit_event`. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Its kind, such as `role_changed`.
    pub event: String,
    /// Who did it: a name, which is never given to somebody else.
    pub actor: String,
    /// The address it came from; not set for a command.
    pub client: Option<String>,
    /// `rest`, `graphql` or `command`.
    pub surface: String,
    pub request_id: Option<String>,
    /// What it was done to, such as `film 5`.
    pub target: Option<String>,
    /// What there is to say besides, for people.
    pub detail: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
