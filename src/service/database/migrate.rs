//! Brings tables up to date, or back.

use std::collections::BTreeSet;

use migration::MIGRATIONS;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use crate::service::database::connection::Database;
use crate::service::database::mark::assert_whole;
use crate::service::database::open::{Missing, OpenError, Settings};
use crate::service::database::sqlite;
use crate::service::database::url::names_postgres;
use crate::service::database::write::Write;

/// A migration that this binary knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migration {
    pub name: &'static str,
    pub applied: bool,
}

impl Database {
    /// Opens the database (a SQLite file is created where it is missing) and brings its tables up to date.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn open(url: &str, settings: &Settings) -> Result<Self, OpenError> {
        let database = Self::connect(url, settings, Missing::Create).await?;
        database.bring_up_to_date().await?;
        Ok(database)
    }

    /// Brings its tables up to date, and tells the log of what the operator should look at. Refuses a part of a copy.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn bring_up_to_date(&self) -> Result<(), OpenError> {
        for notice in up(self).await?.notices {
            tracing::warn!("{notice}");
        }
        assert_whole(self).await
    }
}

/// What was done to bring tables up to date.
#[derive(Debug, Default)]
#[must_use]
pub struct Upgrade {
    /// The names of the migrations that were applied.
    pub applied: Vec<&'static str>,
    /// A sentence on each row that the operator should look at.
    pub notices: Vec<String>,
}

/// Applies every migration that is pending: all of them, or none. Of several processes that start together one does
/// the work, and the others wait for it.
///
/// # Errors
/// [`OpenError::Newer`] when a later filmgate has been here.
pub async fn up(database: &Database) -> Result<Upgrade, OpenError> {
    // A look first: whoever finds nothing to do takes no lock, and needs no right to change tables.
    if status(database).await?.iter().all(|migration| migration.applied) {
        return Ok(Upgrade::default());
    }
    let write = database.begin_start().await.map_err(|error| OpenError::failed(database.name(), &error))?;
    let applied = applied(database.name(), &*write).await?;
    if !applied.is_empty() {
        hold_films(database, &write).await?;
    }
    let mut done = Upgrade::default();
    for migration in MIGRATIONS.iter().filter(|migration| !applied.contains(migration.name)) {
        let notices = migration.apply(&*write).await;
        done.notices.extend(notices.map_err(|error| OpenError::of_cause(database.name(), &error))?);
        done.applied.push(migration.name);
    }
    write.commit().await.map_err(|error| OpenError::failed(database.name(), &error))?;
    Ok(done)
}

/// Takes back the last migrations, with the tables that they made and all that is in them. The names of those that were
/// taken back.
///
/// # Errors
/// [`OpenError::Newer`] when a later filmgate has been here.
pub async fn down(database: &Database, steps: u32) -> Result<Vec<&'static str>, OpenError> {
    // A look first: who is refused takes no lock.
    applied(database.name(), &database.reader).await?;
    let write = database.begin_start().await.map_err(|error| OpenError::failed(database.name(), &error))?;
    let applied = applied(database.name(), &*write).await?;
    if !applied.is_empty() {
        hold_films(database, &write).await?;
    }
    let steps = usize::try_from(steps).unwrap_or(usize::MAX);
    let mut done = Vec::new();
    for migration in MIGRATIONS.iter().rev().filter(|migration| applied.contains(migration.name)).take(steps)
    {
        migration.take_back(&*write).await.map_err(|error| OpenError::of_cause(database.name(), &error))?;
        done.push(migration.name);
    }
    write.commit().await.map_err(|error| OpenError::failed(database.name(), &error))?;
    Ok(done)
}

/// Servers of the release before may serve meanwhile. Their votes wait, and not in a circle with what refers to films.
async fn hold_films(database: &Database, write: &Write) -> Result<(), OpenError> {
    database.hold_films(write).await.map_err(|error| OpenError::of_cause(database.name(), &error))
}

/// Every migration that this binary knows, in order. Changes nothing.
///
/// # Errors
/// [`OpenError::Newer`] when a later filmgate has been here.
pub async fn status(database: &Database) -> Result<Vec<Migration>, OpenError> {
    known(database.name(), &database.reader).await
}

/// The same of a database that nobody has opened. A SQLite file is not even given a log.
///
/// # Errors
/// As opening it and [`status`].
pub async fn look(url: &str, settings: &Settings) -> Result<Vec<Migration>, OpenError> {
    if names_postgres(url) {
        let database = Database::connect(url, settings, Missing::Refuse).await?;
        let known = status(&database).await;
        database.close().await;
        return known;
    }
    let (reader, name) = sqlite::look(url).await?;
    let known = known(&name, &reader).await;
    // Nothing was written that could be lost.
    let _ = reader.close().await;
    known
}

async fn known(name: &str, connection: &impl ConnectionTrait) -> Result<Vec<Migration>, OpenError> {
    let applied = applied(name, connection).await?;
    let told = |migration: &migration::Migration| Migration {
        name: migration.name,
        applied: applied.contains(migration.name),
    };
    Ok(MIGRATIONS.iter().map(told).collect())
}

/// The names of the applied migrations, if this binary knows them all.
async fn applied(name: &str, connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, OpenError> {
    let applied = migration::applied(connection).await.map_err(|error| OpenError::of_cause(name, &error))?;
    let is_known = |name: &String| MIGRATIONS.iter().any(|migration| migration.name == name);
    match applied.iter().find(|name| !is_known(name)) {
        Some(unknown) => Err(OpenError::Newer(unknown.clone())),
        None => Ok(applied.into_iter().collect()),
    }
}
