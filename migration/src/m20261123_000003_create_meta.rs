//! What the database knows about itself, such as whether the starter catalogue was loaded.

use sea_orm_migration::{async_trait, prelude::*, schema::text};

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
                    .table(Meta::Table)
                    .col(text(Meta::Key).primary_key())
                    .col(text(Meta::Value))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Meta::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Meta {
    Table,
    Key,
    Value,
}
