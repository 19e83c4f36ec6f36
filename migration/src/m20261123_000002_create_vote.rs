//! Votes, one entry each.

use sea_orm_migration::{
    async_trait,
    prelude::*,
    schema::{big_integer, big_pk_auto, small_integer},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All of it or nothing: a process that dies half-way must be able to start again.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Vote::Table)
                    .col(big_pk_auto(Vote::Id))
                    .col(big_integer(Vote::FilmId))
                    .col(small_integer(Vote::Value))
                    .col(big_integer(Vote::VotedAt))
                    .foreign_key(
                        ForeignKey::create()
                            .from(Vote::Table, Vote::FilmId)
                            .to(Film::Table, Film::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("vote_by_film").table(Vote::Table).col(Vote::FilmId).to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Vote::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Film {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Vote {
    Table,
    Id,
    FilmId,
    Value,
    VotedAt,
}
