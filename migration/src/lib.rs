//! The migrations of filmgate, in order. One that has been released is frozen: a change is a new file.
//!
//! They name their tables themselves and never import `entity`, which moves on while they stay.

use sea_orm_migration::async_trait;
pub use sea_orm_migration::{MigrationTrait, MigratorTrait};

mod m20261123_000001_create_film;
mod m20261123_000002_create_vote;
mod m20261123_000003_create_meta;

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
        ]
    }
}
