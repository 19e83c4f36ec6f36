//! A vote: one entry for every like and dislike.

use sea_orm::entity::prelude::*;

/// One row of `vote`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vote")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub film_id: i64,
    /// 1 for a like, -1 for a dislike.
    pub value: i16,
    /// Milliseconds since the Unix epoch.
    pub voted_at: i64,
    /// Whose one vote for the film it is; not set for an anonymous one.
    pub voter: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
