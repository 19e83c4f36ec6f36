//! Votes as rows, many at a time, in the way that is quickest on each database.

use std::collections::{BTreeMap, BTreeSet};

use entity::{film, vote};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Set, Statement,
};

use super::catalogue::Count;
use super::vote::{Opinion, Vote};

/// Rows of one statement, well under the parameter limits of SQLite.
const ROWS: usize = 2_000;

/// A vote and its time, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub vote: Vote,
    pub voted_at: i64,
}

impl Entry {
    fn value(&self) -> i16 {
        match self.vote.opinion {
            Opinion::Like => 1,
            Opinion::Dislike => -1,
        }
    }
}

/// Those of the films that exist. On PostgreSQL they are locked, in the order of their ids, so that two servers cannot
/// wait for each other's films in a circle.
pub(super) async fn known_films(
    database: &impl ConnectionTrait,
    asked: &BTreeSet<i64>,
) -> Result<BTreeSet<i64>, DbErr> {
    let asked: Vec<i64> = asked.iter().copied().collect();
    let mut known = BTreeSet::new();
    for ids in asked.chunks(ROWS) {
        known.extend(
            film::Entity::find()
                .select_only()
                .column(film::Column::Id)
                .filter(film::Column::Id.is_in(ids.iter().copied()))
                .order_by_asc(film::Column::Id)
                .lock_exclusive()
                .into_tuple::<i64>()
                .all(database)
                .await?,
        );
    }
    Ok(known)
}

/// Writes the entries and adds them up at their films. What the counts of those films are now.
pub(super) async fn record(database: &impl ConnectionTrait, entries: &[Entry]) -> Result<Vec<Count>, DbErr> {
    match database.get_database_backend() {
        DbBackend::Postgres => record_postgres(database, entries).await,
        _ => record_sqlite(database, entries).await,
    }
}

/// What a group adds to one film.
#[derive(Default)]
struct Tally {
    likes: i64,
    dislikes: i64,
}

fn tallies(entries: &[Entry]) -> BTreeMap<i64, Tally> {
    let mut tallies: BTreeMap<i64, Tally> = BTreeMap::new();
    for entry in entries {
        let tally = tallies.entry(entry.vote.film.0).or_default();
        match entry.vote.opinion {
            Opinion::Like => tally.likes += 1,
            Opinion::Dislike => tally.dislikes += 1,
        }
    }
    tallies
}

async fn record_sqlite(database: &impl ConnectionTrait, entries: &[Entry]) -> Result<Vec<Count>, DbErr> {
    for rows in entries.chunks(ROWS) {
        let rows = rows.iter().map(|entry| vote::ActiveModel {
            film_id: Set(entry.vote.film.0),
            value: Set(entry.value()),
            voted_at: Set(entry.voted_at),
            ..Default::default()
        });
        vote::Entity::insert_many(rows).exec_without_returning(database).await?;
    }
    let tallies = tallies(entries);
    for (film_id, tally) in &tallies {
        film::Entity::update_many()
            .col_expr(film::Column::Likes, film::Column::Likes.into_expr().add(tally.likes))
            .col_expr(film::Column::Dislikes, film::Column::Dislikes.into_expr().add(tally.dislikes))
            .filter(film::Column::Id.eq(*film_id))
            .exec(database)
            .await?;
    }
    let films: Vec<i64> = tallies.into_keys().collect();
    let mut counts = Vec::with_capacity(films.len());
    for ids in films.chunks(ROWS) {
        let rows = film::Entity::find()
            .select_only()
            .columns([film::Column::Id, film::Column::Likes, film::Column::Dislikes])
            .filter(film::Column::Id.is_in(ids.iter().copied()))
            .into_tuple::<(i64, i64, i64)>()
            .all(database)
            .await?;
        counts.extend(rows.into_iter().map(|(film_id, likes, dislikes)| Count { film_id, likes, dislikes }));
    }
    Ok(counts)
}

/// Two statements whatever the size of the group: a round trip for each film is what costs here.
async fn record_postgres(database: &impl ConnectionTrait, entries: &[Entry]) -> Result<Vec<Count>, DbErr> {
    const INSERT: &str = "INSERT INTO vote (film_id, value, voted_at) \
        SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[])";
    const UPDATE: &str = "UPDATE film SET likes = film.likes + tally.likes, dislikes = film.dislikes + tally.dislikes \
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS tally (id, likes, dislikes) \
        WHERE film.id = tally.id RETURNING film.id, film.likes, film.dislikes";
    let films: Vec<i64> = entries.iter().map(|entry| entry.vote.film.0).collect();
    let values: Vec<i16> = entries.iter().map(Entry::value).collect();
    let times: Vec<i64> = entries.iter().map(|entry| entry.voted_at).collect();
    let insert = [films.into(), values.into(), times.into()];
    database.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, INSERT, insert)).await?;

    let tallies = tallies(entries);
    let films: Vec<i64> = tallies.keys().copied().collect();
    let likes: Vec<i64> = tallies.values().map(|tally| tally.likes).collect();
    let dislikes: Vec<i64> = tallies.values().map(|tally| tally.dislikes).collect();
    let update = [films.into(), likes.into(), dislikes.into()];
    let rows =
        database.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, UPDATE, update)).await?;
    rows.iter()
        .map(|row| {
            let (film_id, likes, dislikes) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            Ok(Count { film_id, likes, dislikes })
        })
        .collect()
}
