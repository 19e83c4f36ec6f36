//! The counters of ids, which remember rows that are gone: an id is never used again.

use entity::instance;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait as _, QueryOrder as _};

use crate::service::copy::table::Table;
use crate::service::database::connection::{is_postgres, query};

/// The highest id that was ever used in a table, 0 where none was.
pub(super) async fn highest(database: &impl ConnectionTrait, table: &Table) -> Result<i64, DbErr> {
    const SQLITE: &str = "SELECT seq FROM sqlite_sequence WHERE name = $1";
    const POSTGRES: &str = "SELECT last_value FROM pg_sequences \
         WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence($1, 'id')";
    let sql = if is_postgres(database) { POSTGRES } else { SQLITE };
    let rows = query(database, sql, [table.name.into()]).await?;
    let highest = rows.first().map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?;
    Ok(highest.flatten().unwrap_or_default())
}

/// What moves on while a server runs, or another command writes: the counters, and when a server was last seen.
pub(super) async fn state(database: &impl ConnectionTrait, tables: &[Table]) -> Result<Vec<i64>, DbErr> {
    let mut state = Vec::new();
    for table in tables.iter().filter(|table| table.is_counted) {
        state.push(highest(database, table).await?);
    }
    let servers = instance::Entity::find().order_by_desc(instance::Column::SeenAt).one(database).await?;
    state.extend(servers.map(|server| server.seen_at));
    Ok(state)
}

/// Lets the counter of a table go on behind an id, unless it is there already.
pub(super) async fn go_on_behind(
    database: &impl ConnectionTrait,
    table: &Table,
    id: i64,
) -> Result<(), DbErr> {
    const POSTGRES: &str = "SELECT setval(pg_get_serial_sequence($1, 'id'), $2)";
    const FORGET: &str = "DELETE FROM sqlite_sequence WHERE name = $1";
    const SQLITE: &str = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
    if id <= highest(database, table).await? {
        return Ok(());
    }
    if is_postgres(database) {
        return query(database, POSTGRES, [table.name.into(), id.into()]).await.map(drop);
    }
    // The table has no key, so that what is there cannot be put in the place of another.
    query(database, FORGET, [table.name.into()]).await?;
    query(database, SQLITE, [table.name.into(), id.into()]).await.map(drop)
}
