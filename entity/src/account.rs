//! Who can sign in.

use sea_orm::entity::prelude::*;

/// One row of `account`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    /// The name as it is compared.
    #[sea_orm(unique)]
    pub name_key: String,
    pub role: String,
    /// In PHC form.
    pub password_hash: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch; not set while the account is in use.
    pub disabled_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the hash.
        f.debug_struct("account").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}
