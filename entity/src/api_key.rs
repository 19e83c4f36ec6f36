//! Keys for programs.

use sea_orm::entity::prelude::*;

/// One row of `api_key`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account_id: i64,
    /// What its owner calls it.
    pub name: String,
    pub role: String,
    /// BLAKE3 of the key, in hexadecimal digits.
    #[sea_orm(unique)]
    pub secret_hash: String,
    /// The beginning of the key, by which its owner knows it again.
    pub hint: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch; not set for one that does not expire.
    pub expires_at: Option<i64>,
    /// Milliseconds since the Unix epoch; not set while it is in use.
    pub revoked_at: Option<i64>,
    /// What it has of its own in place of its account's limits: `film=20/second`.
    pub limits: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::account::Entity",
        from = "Column::AccountId",
        to = "super::account::Column::Id"
    )]
    Account,
}

impl Related<super::account::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Account.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the hash.
        f.debug_struct("api_key").field("id", &self.id).field("hint", &self.hint).finish_non_exhaustive()
    }
}
