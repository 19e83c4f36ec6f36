//! Whether somebody else writes to a database meanwhile.

use sea_orm::DbBackend;
use sqlx::pool::PoolConnection;
use sqlx::{Row as _, Sqlite};

use crate::service::database::connection::Database;

/// A connection of SQLite that stays open, by which it tells of each commit of others. PostgreSQL has nothing like it.
pub(super) struct Watch {
    connection: Option<PoolConnection<Sqlite>>,
    version: i64,
}

impl Watch {
    pub(super) async fn begin(database: &Database) -> Result<Self, sqlx::Error> {
        let mut watch = Self { connection: None, version: 0 };
        if database.backend() == DbBackend::Sqlite {
            watch.connection = Some(database.reader.get_sqlite_connection_pool().acquire().await?);
            watch.version = watch.look().await?;
        }
        Ok(watch)
    }

    pub(super) async fn has_changed(mut self) -> Result<bool, sqlx::Error> {
        Ok(self.look().await? != self.version)
    }

    async fn look(&mut self) -> Result<i64, sqlx::Error> {
        let Some(connection) = &mut self.connection else { return Ok(self.version) };
        sqlx::query("PRAGMA data_version").fetch_one(&mut **connection).await?.try_get(0)
    }
}
