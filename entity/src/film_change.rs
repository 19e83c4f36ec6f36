//! The log of films that changed, on SQLite; PostgreSQL notifies instead.

use sea_orm::entity::prelude::*;

/// One row of `film_change`, written by triggers.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "film_change")]
pub struct Model {
    /// In the order of the commits.
    #[sea_orm(primary_key)]
    pub number: i64,
    /// Added, changed, or no longer there.
    pub film_id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
