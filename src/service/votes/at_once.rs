//! A group of anonymous votes on PostgreSQL, in one statement.

use std::collections::BTreeSet;

use sea_orm::DbErr;

use crate::service::database::connection::Database;
use crate::service::database::write::Turn;
use crate::service::error::Result;
use crate::service::read_model::topics::Count;
use crate::service::votes::rows::{Entry, count};

/// Records anonymous votes on PostgreSQL in one round trip: those of all ballots whose films exist. Beside each stands the
/// place of its ballot. What the counts of their films are now.
pub(super) async fn record(database: &Database, entries: &[(usize, Entry)]) -> Result<(Vec<Count>, Turn)> {
    // Locked in the order of their ids, as `Films::lock` does it.
    const SQL: &str = "WITH entry AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[]) \
        AS entry (ballot, film_id, value, voted_at)), \
        known AS MATERIALIZED (SELECT id FROM film WHERE id = ANY($5::bigint[]) ORDER BY id FOR UPDATE), \
        valid AS MATERIALIZED (SELECT film_id, value, voted_at FROM entry WHERE ballot NOT IN \
        (SELECT ballot FROM entry WHERE film_id NOT IN (SELECT id FROM known))), \
        inserted AS (INSERT INTO vote (film_id, value, voted_at) SELECT film_id, value, voted_at FROM valid) \
        UPDATE film SET likes = film.likes + tally.likes, dislikes = film.dislikes + tally.dislikes \
        FROM (SELECT film_id, count(*) FILTER (WHERE value > 0) AS likes, \
        count(*) FILTER (WHERE value < 0) AS dislikes FROM valid GROUP BY film_id) AS tally \
        WHERE film.id = tally.film_id AND film.id = ANY($5::bigint[]) RETURNING film.id, film.likes, film.dislikes";
    let ballots: Vec<i64> =
        entries.iter().map(|(ballot, _)| i64::try_from(*ballot).unwrap_or_default()).collect();
    let voted_for: Vec<i64> = entries.iter().map(|(_, entry)| entry.film_id).collect();
    let values: Vec<i16> = entries.iter().map(|(_, entry)| entry.value()).collect();
    let times: Vec<i64> = entries.iter().map(|(_, entry)| entry.voted_at).collect();
    let films: BTreeSet<i64> = voted_for.iter().copied().collect();
    let films: Vec<i64> = films.into_iter().collect();
    let columns = [ballots.into(), voted_for.into(), values.into(), times.into(), films.into()];
    let (rows, turn) = database.write_at_once(SQL, columns).await?;
    let counts = rows.iter().map(count).collect::<Result<_, DbErr>>()?;
    Ok((counts, turn))
}
