//! The migrations of filmgate, in order. One that has been released is frozen: a change is a new file.
//!
//! They name their tables themselves and never import `entity`, which moves on while they stay.

use sea_orm_migration::sea_orm::{DatabaseConnection, EntityTrait as _};
use sea_orm_migration::{DbErr, SchemaManager, async_trait, seaql_migrations};
pub use sea_orm_migration::{Migration, MigrationTrait, MigratorTrait};

mod m20261123_000001_create_film;
mod m20261123_000002_create_vote;
mod m20261123_000003_create_meta;
mod m20261124_000004_create_film_change;
mod m20261124_000005_create_account;
mod m20261124_000006_add_voter;
mod m20261124_000007_create_instance;
mod m20261124_000008_create_audit_event;
mod m20261128_000009_rename_door_to_surface;

/// All migrations that this binary knows.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_create_film::Migration),
            Box::new(m20261123_000002_create_vote::Migration),
            Box::new(m20261123_000003_create_meta::Migration),
            Box::new(m20261124_000004_create_film_change::Migration),
            Box::new(m20261124_000005_create_account::Migration),
            Box::new(m20261124_000006_add_voter::Migration),
            Box::new(m20261124_000007_create_instance::Migration),
            Box::new(m20261124_000008_create_audit_event::Migration),
            Box::new(m20261128_000009_rename_door_to_surface::Migration),
        ]
    }
}

/// The names of the migrations that were applied, known to this binary or not. Only reads, so that it needs no right to
/// change tables; the migrator's own look creates its table where it is missing.
///
/// # Errors
/// When the database fails.
pub async fn applied(database: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    if !SchemaManager::new(database).has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let rows = seaql_migrations::Entity::find().all(database).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
