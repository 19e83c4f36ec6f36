//! What a call came in by is called a surface now.

use sea_orm_migration::{async_trait, prelude::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All of it or nothing: a process that dies half-way must be able to start again.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rename(manager, AuditEvent::Door, AuditEvent::Surface).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rename(manager, AuditEvent::Surface, AuditEvent::Door).await
    }
}

async fn rename(manager: &SchemaManager<'_>, from: AuditEvent, to: AuditEvent) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(AuditEvent::Table).rename_column(from, to).to_owned()).await
}

#[derive(DeriveIden)]
enum AuditEvent {
    Table,
    Door,
    Surface,
}
