//! Signed-in votes: one per voter and film.

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
        for statement in [
            "ALTER TABLE vote ADD COLUMN voter TEXT",
            // Partial: anonymous votes, which are most, pay nothing for it.
            "CREATE UNIQUE INDEX vote_by_voter ON vote (voter, film_id) WHERE voter IS NOT NULL",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in ["DROP INDEX vote_by_voter", "ALTER TABLE vote DROP COLUMN voter"] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
