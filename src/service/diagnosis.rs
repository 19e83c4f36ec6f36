//! What `filmgate doctor` asks the database. For the operator, who may see what no client may.

use entity::{film, meta, vote};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait as _, QueryOrder as _, Set,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

use crate::service::database::DURABLE;
use crate::service::database::connection::Database;

/// Writes a row and takes it back: rights, disk, locks and a server that only reads are all met by it.
///
/// # Errors
/// With what the database says.
pub async fn try_write(database: &Database) -> Result<(), String> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let write = async {
        let write = database.writer.begin_with_options(options).await?;
        let row = meta::ActiveModel { key: Set("doctor".to_owned()), value: Set("is it written".to_owned()) };
        row.insert(&write).await?;
        write.rollback().await
    };
    write.await.map_err(|error: DbErr| said(&error))
}

/// Settings of PostgreSQL that are off, and without which what was acknowledged can be lost when its machine fails.
///
/// # Errors
/// With what the database says.
pub async fn unsafe_settings(database: &Database) -> Result<Vec<String>, String> {
    if database.backend() != DbBackend::Postgres {
        return Ok(Vec::new());
    }
    let names = DURABLE.map(|name| format!("'{name}'")).join(", ");
    let sql =
        format!("SELECT name FROM pg_settings WHERE name IN ({names}) AND setting = 'off' ORDER BY name");
    let rows = database.reader.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    let names = rows.and_then(|rows| rows.iter().map(|row| row.try_get_by_index(0)).collect());
    names.map_err(|error: DbErr| said(&error))
}

/// The clock of PostgreSQL, in milliseconds since the Unix epoch; SQLite has none of its own.
///
/// # Errors
/// With what the database says.
pub async fn database_time(database: &Database) -> Result<Option<i64>, String> {
    const SQL: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    if database.backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let asked = database.reader.query_one_raw(Statement::from_string(DbBackend::Postgres, SQL)).await;
    let row = asked.map_err(|error| said(&error))?;
    row.map(|row| row.try_get_by_index(0)).transpose().map_err(|error| said(&error))
}

/// When the last film was added and the last vote given, in milliseconds since the Unix epoch, by the clock of whoever
/// wrote it.
///
/// # Errors
/// With what the database says.
pub async fn newest_entry(database: &Database) -> Result<Option<i64>, String> {
    let read = async {
        let film = film::Entity::find().order_by_desc(film::Column::Id).one(&database.reader).await?;
        let vote = vote::Entity::find().order_by_desc(vote::Column::Id).one(&database.reader).await?;
        Ok(film.map(|film| film.added_at).max(vote.map(|vote| vote.voted_at)))
    };
    read.await.map_err(|error: DbErr| said(&error))
}

fn said(error: &DbErr) -> String {
    error.to_string().replace('\n', " ")
}
