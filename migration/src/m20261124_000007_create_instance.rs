//! The servers that run on this database, and what each has seen of its clients: for `filmgate doctor`.

use sea_orm_migration::{
    async_trait,
    prelude::*,
    schema::{big_integer, small_integer, text, text_null},
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
                    .table(Instance::Table)
                    .col(text(Instance::Id).primary_key())
                    .col(big_integer(Instance::StartedAt))
                    .col(big_integer(Instance::SeenAt))
                    .col(text(Instance::Version))
                    .col(text(Instance::Listen))
                    .col(text(Instance::LimitsStorage))
                    .col(big_integer(Instance::Requests))
                    .col(big_integer(Instance::Clients))
                    .col(text_null(Instance::BusiestClient))
                    .col(small_integer(Instance::BusiestShare))
                    .col(big_integer(Instance::ForwardedUntrusted))
                    .col(text_null(Instance::UntrustedPeer))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Instance::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Instance {
    Table,
    Id,
    StartedAt,
    SeenAt,
    Version,
    Listen,
    LimitsStorage,
    Requests,
    Clients,
    BusiestClient,
    BusiestShare,
    ForwardedUntrusted,
    UntrustedPeer,
}
