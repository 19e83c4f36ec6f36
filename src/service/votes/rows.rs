//! Votes as rows, many at a time.
//!
//! Three statements a group, with a few texts in all: one that is written for each size of a group would be prepared for
//! each size, and a round trip for each film is what costs over a network. So films are one parameter: an array on
//! PostgreSQL, a text of JSON on SQLite.

use std::collections::BTreeSet;
use std::iter;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use serde_json::json;

use crate::service::read_model::state::Count;
use crate::service::votes::signed::SignedVotes;
use crate::service::votes::statement::{is_postgres, query};
use crate::service::votes::tallies::{Tallies, tally};
use crate::service::votes::types::Opinion;

/// Rows of one statement of SQLite, well under the limit of its parameters.
const MOST_ROWS: usize = 2_048;

/// An anonymous vote and its time, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Entry {
    pub film_id: i64,
    pub opinion: Opinion,
    pub voted_at: i64,
}

impl Entry {
    fn value(&self) -> i16 {
        self.opinion.value()
    }
}

/// Those of the films that exist. On PostgreSQL they are locked, in the order of their ids, so that two servers cannot
/// wait for each other's films in a circle.
pub(in crate::service) async fn known_films(
    database: &impl ConnectionTrait,
    asked: &BTreeSet<i64>,
) -> Result<BTreeSet<i64>, DbErr> {
    let films: Vec<i64> = asked.iter().copied().collect();
    let rows = if is_postgres(database) {
        const SQL: &str = "SELECT id FROM film WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE";
        query(database, SQL, [films.into()]).await?
    } else {
        const SQL: &str = "SELECT id FROM film WHERE id IN (SELECT value FROM json_each(?))";
        query(database, SQL, [json!(films).to_string().into()]).await?
    };
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Writes what has changed and adds it up at its films. What the counts of those films are now.
pub(in crate::service) async fn record(
    database: &impl ConnectionTrait,
    entries: &[Entry],
    signed: &SignedVotes,
) -> Result<Vec<Count>, DbErr> {
    if !entries.is_empty() {
        insert(database, entries).await?;
    }
    signed.write(database).await?;
    let mut tallies = Tallies::new();
    for entry in entries {
        tally(&mut tallies, entry.film_id, entry.opinion, 1);
    }
    signed.tally(&mut tallies);
    tallies.retain(|_, tally| *tally != (0, 0));
    if tallies.is_empty() {
        return Ok(Vec::new());
    }
    let rows = add_up(database, &tallies).await?;
    rows.iter()
        .map(|row| {
            Ok(Count {
                film_id: row.try_get_by_index(0)?,
                likes: row.try_get_by_index(1)?,
                dislikes: row.try_get_by_index(2)?,
            })
        })
        .collect()
}

async fn insert(database: &impl ConnectionTrait, entries: &[Entry]) -> Result<(), DbErr> {
    if is_postgres(database) {
        const SQL: &str = "INSERT INTO vote (film_id, value, voted_at) \
            SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[])";
        let films: Vec<i64> = entries.iter().map(|entry| entry.film_id).collect();
        let values: Vec<i16> = entries.iter().map(Entry::value).collect();
        let times: Vec<i64> = entries.iter().map(|entry| entry.voted_at).collect();
        query(database, SQL, [films.into(), values.into(), times.into()]).await?;
    } else {
        for entries in entries.chunks(MOST_ROWS) {
            // Filled up to a power of two: so there are twelve such statements, and all stay prepared. (JSON would do
            // with one; it costs half as much again for each vote.)
            let size = entries.len().next_power_of_two();
            let rows = vec!["(?,?,?)"; size].join(",");
            let sql = format!(
                "INSERT INTO vote (film_id, value, voted_at) SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL"
            );
            let filled = entries
                .iter()
                .flat_map(|entry| [entry.film_id, i64::from(entry.value()), entry.voted_at])
                .map(Value::from)
                .chain(iter::repeat_n(Value::BigInt(None), 3 * (size - entries.len())));
            database
                .execute_raw(Statement::from_sql_and_values(
                    DbBackend::Sqlite,
                    sql,
                    filled.collect::<Vec<_>>(),
                ))
                .await?;
        }
    }
    Ok(())
}

async fn add_up(database: &impl ConnectionTrait, tallies: &Tallies) -> Result<Vec<QueryResult>, DbErr> {
    if is_postgres(database) {
        const SQL: &str = "UPDATE film SET likes = film.likes + tally.likes, \
            dislikes = film.dislikes + tally.dislikes \
            FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS tally (id, likes, dislikes) \
            WHERE film.id = tally.id RETURNING film.id, film.likes, film.dislikes";
        let films: Vec<i64> = tallies.keys().copied().collect();
        let (likes, dislikes): (Vec<i64>, Vec<i64>) = tallies.values().copied().unzip();
        query(database, SQL, [films.into(), likes.into(), dislikes.into()]).await
    } else {
        const SQL: &str = "UPDATE film SET likes = film.likes + tally.likes, \
            dislikes = film.dislikes + tally.dislikes \
            FROM (SELECT value ->> 0 AS id, value ->> 1 AS likes, value ->> 2 AS dislikes FROM json_each(?)) AS tally \
            WHERE film.id = tally.id RETURNING id, likes, dislikes";
        let rows: Vec<(i64, i64, i64)> =
            tallies.iter().map(|(film, (likes, dislikes))| (*film, *likes, *dislikes)).collect();
        query(database, SQL, [json!(rows).to_string().into()]).await
    }
}
