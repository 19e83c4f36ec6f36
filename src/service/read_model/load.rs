//! Loading what is in memory.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, Statement};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::service::films::types::Film;
use crate::service::read_model::state::State;

/// Films of one query.
const CHUNK: i64 = 5_000;
/// Far longer than that takes: then the database has gone without a word.
const PATIENCE: Duration = Duration::from_secs(30);
/// Chunks read before they are taken in.
const AHEAD: usize = 2;

// A chunk is one row, as JSON: as rows of their own, films and genres took three times as long, nearly all of it in handing
// them over.
const SQLITE: &str = "SELECT MAX(id), json_group_array(json_array(id, name, studio, year, likes, dislikes, \
    (SELECT json_group_array(name) FROM \
        (SELECT name FROM film_genre WHERE film_id = chunk.id ORDER BY position)))) \
    FROM (SELECT id, name, studio, year, likes, dislikes FROM film WHERE id > ? ORDER BY id LIMIT ?) AS chunk";
const POSTGRES: &str = "SELECT MAX(id), json_agg(json_build_array(id, name, studio, year, likes, dislikes, \
    (SELECT COALESCE(json_agg(name ORDER BY position), '[]') FROM film_genre WHERE film_id = chunk.id)))::text \
    FROM (SELECT id, name, studio, year, likes, dislikes FROM film WHERE id > $1 ORDER BY id LIMIT $2) AS chunk";

type Row = (i64, Box<str>, Arc<str>, Option<i32>, i64, i64, Vec<Arc<str>>);

/// Reads all films. What was read is taken in on a thread of its own, while the database reads on.
pub(super) async fn load(database: &impl ConnectionTrait, budget: usize) -> Result<State, DbErr> {
    let (chunks, mut read) = mpsc::channel::<String>(AHEAD);
    let taking = spawn_blocking(move || {
        let mut state = State::new(budget);
        while let Some(chunk) = read.blocking_recv() {
            take(&mut state, &chunk)?;
        }
        state.order_names();
        Ok(state)
    });
    let mut last = i64::MIN;
    loop {
        let chunk = timeout(PATIENCE, chunk(database, last)).await;
        let Some((end, films)) = chunk.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))??
        else {
            break;
        };
        last = end;
        if chunks.send(films).await.is_err() {
            break;
        }
    }
    drop(chunks);
    taking.await.map_err(|error| DbErr::Custom(error.to_string()))?
}

/// The films after an id, as text, and the last id of them.
async fn chunk(database: &impl ConnectionTrait, after: i64) -> Result<Option<(i64, String)>, DbErr> {
    let backend = database.get_database_backend();
    let sql = if backend == DbBackend::Sqlite { SQLITE } else { POSTGRES };
    let statement = Statement::from_sql_and_values(backend, sql, [after.into(), CHUNK.into()]);
    let Some(row) = database.query_one_raw(statement).await? else { return Ok(None) };
    let Some(last) = row.try_get_by_index::<Option<i64>>(0)? else { return Ok(None) };
    Ok(Some((last, row.try_get_by_index(1)?)))
}

fn take(state: &mut State, films: &str) -> Result<(), DbErr> {
    let films: Vec<Row> = serde_json::from_str(films).map_err(|error| DbErr::Json(error.to_string()))?;
    for (id, name, studio, year, likes, dislikes, genres) in films {
        let genres = genres.into();
        state.put(Arc::new(Film { id, name, studio, year, genres, likes, dislikes }));
    }
    Ok(())
}
