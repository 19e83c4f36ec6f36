//! Changes that were made under a key, so that none is made twice.

use sea_orm::entity::prelude::*;

/// One row of `idempotency`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// The key, with whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub request: String,
    /// A root field of the request; empty where it is one change.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: String,
    /// Whose key it is.
    pub owner: String,
    /// What was asked for.
    pub payload: String,
    /// The film that was added, changed or voted for.
    pub film_id: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub made_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
