//! Brings tables up to date, or back.

use std::collections::BTreeSet;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::DbErr;

use crate::service::database::connection::Database;
use crate::service::database::open::{Missing, OpenError, Settings};
use crate::service::error::Error;

/// A migration that this binary knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    pub name: String,
    pub applied: bool,
}

impl Database {
    /// Opens the database (a SQLite file is created where it is missing) and brings its tables up to date.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn open(url: &str, settings: &Settings) -> Result<Self, OpenError> {
        let database = Self::connect(url, settings, Missing::Create).await?;
        up(&database).await?;
        Ok(database)
    }
}

/// Applies every migration that is pending: all of them, or none. Of several processes that start together one does
/// the work, and the others wait for it. The names of those that were applied.
///
/// # Errors
/// [`OpenError::Newer`] when a later filmgate has been here.
pub async fn up(database: &Database) -> Result<Vec<String>, OpenError> {
    // A look first: whoever finds nothing to do takes no lock, and needs no right to change tables.
    if status(database).await?.iter().all(|migration| migration.applied) {
        return Ok(Vec::new());
    }
    let failed = |error: DbErr| failed(database, &error.to_string());
    let write = database.begin_start().await.map_err(|error| failed_write(database, &error))?;
    let pending = names(Migrator::get_pending_migrations(&*write).await.map_err(failed)?);
    Migrator::up(&*write, None).await.map_err(failed)?;
    write.commit().await.map_err(|error| failed_write(database, &error))?;
    Ok(pending)
}

/// Takes back the last migrations, with the tables that they made and all that is in them. The names of those that were
/// taken back.
///
/// # Errors
/// [`OpenError::Newer`] when a later filmgate has been here.
pub async fn down(database: &Database, steps: u32) -> Result<Vec<String>, OpenError> {
    refuse_newer(database).await?;
    let failed = |error: DbErr| failed(database, &error.to_string());
    let write = database.begin_start().await.map_err(|error| failed_write(database, &error))?;
    let mut applied = names(Migrator::get_applied_migrations(&*write).await.map_err(failed)?);
    applied.reverse();
    applied.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
    Migrator::down(&*write, Some(steps)).await.map_err(failed)?;
    write.commit().await.map_err(|error| failed_write(database, &error))?;
    Ok(applied)
}

/// Every migration that this binary knows, in order. Changes nothing.
///
/// # Errors
/// [`OpenError::Newer`] when a later filmgate has been here.
pub async fn status(database: &Database) -> Result<Vec<Migration>, OpenError> {
    let applied = refuse_newer(database).await?;
    Ok(Migrator::migrations()
        .iter()
        .map(|migration| Migration {
            name: migration.name().to_owned(),
            applied: applied.contains(migration.name()),
        })
        .collect())
}

/// The names of the applied migrations, if this binary knows them all.
async fn refuse_newer(database: &Database) -> Result<BTreeSet<String>, OpenError> {
    let known: BTreeSet<String> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let applied: BTreeSet<String> = migration::applied(database.reader())
        .await
        .map_err(|error| failed(database, &error.to_string()))?
        .into_iter()
        .collect();
    match applied.difference(&known).next() {
        Some(unknown) => Err(OpenError::Newer(unknown.clone())),
        None => Ok(applied),
    }
}

fn names(migrations: Vec<migration::Migration>) -> Vec<String> {
    migrations.into_iter().map(|migration| migration.name().to_owned()).collect()
}

fn failed(database: &Database, cause: &str) -> OpenError {
    OpenError::Failed { database: database.name().to_owned(), cause: cause.replace('\n', " ") }
}

fn failed_write(database: &Database, error: &Error) -> OpenError {
    match error {
        Error::Internal(source) => failed(database, &source.to_string()),
        other => failed(database, &other.to_string()),
    }
}
