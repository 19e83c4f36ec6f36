//! A film and its vote counts.

use sea_orm::entity::prelude::*;

/// One row of `film`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "film")]
pub struct Model {
    /// Never used again, not even after a removal (`AUTOINCREMENT`).
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub studio: String,
    /// `name` folded for comparison and sorting: case-folded, NFC.
    pub name_key: String,
    /// `studio` folded like `name_key`.
    pub studio_key: String,
    pub year: Option<i32>,
    /// Equal to the number of `vote` rows of this film with value 1.
    pub likes: i64,
    /// Equal to the number of `vote` rows of this film with value -1.
    pub dislikes: i64,
    /// Milliseconds since the Unix epoch.
    pub added_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
