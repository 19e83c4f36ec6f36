//! What happened that matters for security.

use sea_orm_migration::{
    async_trait,
    prelude::*,
    schema::{big_integer, big_pk_auto, string, string_null, text_null},
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
                    .table(AuditEvent::Table)
                    .col(big_pk_auto(AuditEvent::Id))
                    .col(big_integer(AuditEvent::At))
                    .col(string(AuditEvent::Event))
                    .col(string(AuditEvent::Actor))
                    .col(string_null(AuditEvent::Client))
                    .col(string(AuditEvent::Door))
                    .col(string_null(AuditEvent::RequestId))
                    .col(string_null(AuditEvent::Target))
                    .col(text_null(AuditEvent::Detail))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("audit_event_by_time")
                    .table(AuditEvent::Table)
                    .col(AuditEvent::At)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(AuditEvent::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum AuditEvent {
    Table,
    Id,
    At,
    Event,
    Actor,
    Client,
    Door,
    RequestId,
    Target,
    Detail,
}
