//! Votes as rows, many at a time.
//!
//! Two or three statements a group, with a few texts in all: one that is written for each size of a group would be
//! prepared for each size, and a round trip for each film is what costs over a network. So films are one parameter: an
//! array on PostgreSQL, a text of JSON on SQLite.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use serde_json::json;

use crate::service::caller::Voter;
use crate::service::database::connection::{is_postgres, query};
use crate::service::read_model::topics::Count;
use crate::service::votes::types::{Choice, Opinion, Tallies, tally};

/// Rows of one statement of SQLite, well under the limit of its parameters.
const MOST_ROWS: usize = 2_048;

/// An anonymous vote and its time, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub film_id: i64,
    pub opinion: Opinion,
    pub voted_at: i64,
}

impl Entry {
    pub(super) fn value(&self) -> i16 {
        self.opinion.value()
    }
}

/// Writes what has changed and adds it up at its films. What the counts of those films are now.
pub(super) async fn record(
    database: &impl ConnectionTrait,
    entries: &[Entry],
    signed: &SignedVotes,
) -> Result<Vec<Count>, DbErr> {
    signed.write(database).await?;
    let mut tallies = Tallies::new();
    for entry in entries {
        tally(&mut tallies, entry.film_id, entry.opinion, 1);
    }
    signed.tally(&mut tallies);
    tallies.retain(|_, tally| *tally != (0, 0));
    let rows = if is_postgres(database) {
        insert_and_add_up(database, entries, &tallies).await?
    } else {
        insert(database, entries).await?;
        add_up(database, &tallies).await?
    };
    rows.iter().map(count).collect()
}

pub(super) fn count(row: &QueryResult) -> Result<Count, DbErr> {
    let (film_id, likes, dislikes) = row.try_get_many_by_index()?;
    Ok(Count { film_id, likes, dislikes })
}

/// For PostgreSQL, in one round trip.
async fn insert_and_add_up(
    database: &impl ConnectionTrait,
    entries: &[Entry],
    tallies: &Tallies,
) -> Result<Vec<QueryResult>, DbErr> {
    const SQL: &str = "WITH inserted AS (INSERT INTO vote (film_id, value, voted_at) \
        SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[])) \
        UPDATE film SET likes = film.likes + tally.likes, dislikes = film.dislikes + tally.dislikes \
        FROM unnest($4::bigint[], $5::bigint[], $6::bigint[]) AS tally (id, likes, dislikes) \
        WHERE film.id = tally.id RETURNING film.id, film.likes, film.dislikes";
    let voted_for: Vec<i64> = entries.iter().map(|entry| entry.film_id).collect();
    let values: Vec<i16> = entries.iter().map(Entry::value).collect();
    let times: Vec<i64> = entries.iter().map(|entry| entry.voted_at).collect();
    let films: Vec<i64> = tallies.keys().copied().collect();
    let (likes, dislikes): (Vec<i64>, Vec<i64>) = tallies.values().copied().unzip();
    let columns =
        [voted_for.into(), values.into(), times.into(), films.into(), likes.into(), dislikes.into()];
    query(database, SQL, columns).await
}

/// For SQLite.
async fn insert(database: &impl ConnectionTrait, entries: &[Entry]) -> Result<(), DbErr> {
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
        database.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, filled)).await?;
    }
    Ok(())
}

/// For SQLite.
async fn add_up(database: &impl ConnectionTrait, tallies: &Tallies) -> Result<Vec<QueryResult>, DbErr> {
    const SQL: &str = "UPDATE film SET likes = film.likes + tally.likes, \
        dislikes = film.dislikes + tally.dislikes \
        FROM (SELECT value ->> 0 AS id, value ->> 1 AS likes, value ->> 2 AS dislikes FROM json_each(?)) AS tally \
        WHERE film.id = tally.id RETURNING id, likes, dislikes";
    if tallies.is_empty() {
        return Ok(Vec::new());
    }
    let row = |(film, (likes, dislikes)): (&i64, &(i64, i64))| (*film, *likes, *dislikes);
    let rows: Vec<_> = tallies.iter().map(row).collect();
    query(database, SQL, [json!(rows).to_string().into()]).await
}

/// A voter and the film they vote for.
type Place = (Voter, i64);

/// Votes of those who have signed in, one for each voter and film, as a group changes them: cast, switched, withdrawn.
///
/// What a voter's vote was is read in the transaction that changes it, after its films were locked: so two calls, of one
/// server or of two, never both count.
pub(super) struct SignedVotes {
    changes: Vec<Change>,
}

/// What becomes of one voter's vote for a film.
struct Change {
    place: Place,
    before: Option<Opinion>,
    after: Option<Opinion>,
    voted_at: i64,
}

impl SignedVotes {
    /// What these choices, in their order, change of what is there. Milliseconds since the Unix epoch stand beside them.
    pub(super) async fn settle<'a>(
        database: &impl ConnectionTrait,
        ballots: impl Iterator<Item = (&'a Voter, &'a [Choice], i64)>,
    ) -> Result<Self, DbErr> {
        let mut wanted: BTreeMap<Place, (Option<Opinion>, i64)> = BTreeMap::new();
        for (voter, choices, voted_at) in ballots {
            for choice in choices {
                wanted.insert((voter.clone(), choice.film.0), (choice.opinion, voted_at));
            }
        }
        if wanted.is_empty() {
            return Ok(Self { changes: Vec::new() });
        }
        let known = known(database, &wanted.keys().collect()).await?;
        let changes = wanted.into_iter().map(|(place, (after, voted_at))| {
            let before = known.get(&place).copied();
            Change { place, before, after, voted_at }
        });
        Ok(Self { changes: changes.filter(|change| change.before != change.after).collect() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn tally(&self, tallies: &mut Tallies) {
        for change in &self.changes {
            let film_id = change.place.1;
            if let Some(opinion) = change.before {
                tally(tallies, film_id, opinion, -1);
            }
            if let Some(opinion) = change.after {
                tally(tallies, film_id, opinion, 1);
            }
        }
    }

    pub(super) async fn write(&self, database: &impl ConnectionTrait) -> Result<(), DbErr> {
        let withdrawn = self.changes.iter().filter(|change| change.after.is_none());
        remove(database, &withdrawn.map(|change| &change.place).collect()).await?;
        let cast: Vec<(&Place, Opinion, i64)> = self
            .changes
            .iter()
            .filter_map(|change| Some((&change.place, change.after?, change.voted_at)))
            .collect();
        put(database, &cast).await
    }
}

async fn known(
    database: &impl ConnectionTrait,
    places: &BTreeSet<&Place>,
) -> Result<BTreeMap<Place, Opinion>, DbErr> {
    let rows = if is_postgres(database) {
        const SQL: &str = "SELECT vote.voter, vote.film_id, vote.value \
            FROM unnest($1::text[], $2::bigint[]) AS place (voter, film_id) \
            JOIN vote ON vote.voter = place.voter AND vote.film_id = place.film_id";
        let (voters, films) = columns(places);
        query(database, SQL, [voters.into(), films.into()]).await?
    } else {
        // CROSS: SQLite keeps the order, and so looks each place up in the index.
        const SQL: &str = "SELECT vote.voter, vote.film_id, vote.value FROM json_each(?) AS place \
            CROSS JOIN vote ON vote.voter = place.value ->> 0 AND vote.film_id = place.value ->> 1 \
            WHERE vote.voter IS NOT NULL";
        query(database, SQL, [pairs(places).into()]).await?
    };
    let vote = |row: &QueryResult| {
        let (voter, film, value): (String, i64, i16) = row.try_get_many_by_index()?;
        Ok(((Voter(voter.into()), film), Opinion::of_value(value)))
    };
    rows.iter().map(vote).collect()
}

async fn put(database: &impl ConnectionTrait, cast: &[(&Place, Opinion, i64)]) -> Result<(), DbErr> {
    if cast.is_empty() {
        return Ok(());
    }
    if is_postgres(database) {
        const SQL: &str = "INSERT INTO vote (voter, film_id, value, voted_at) \
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::bigint[]) \
            ON CONFLICT (voter, film_id) WHERE voter IS NOT NULL \
            DO UPDATE SET value = excluded.value, voted_at = excluded.voted_at";
        let (voters, films) = columns(&cast.iter().map(|(place, ..)| *place).collect());
        let values: Vec<i16> = cast.iter().map(|(_, opinion, _)| opinion.value()).collect();
        let times: Vec<i64> = cast.iter().map(|(.., voted_at)| *voted_at).collect();
        query(database, SQL, [voters.into(), films.into(), values.into(), times.into()]).await?;
    } else {
        // WHERE: without it, SQLite would read ON CONFLICT as the condition of a join.
        const SQL: &str = "INSERT INTO vote (voter, film_id, value, voted_at) \
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE TRUE \
            ON CONFLICT (voter, film_id) WHERE voter IS NOT NULL \
            DO UPDATE SET value = excluded.value, voted_at = excluded.voted_at";
        let rows: Vec<(&str, i64, i16, i64)> = cast
            .iter()
            .map(|((voter, film), opinion, voted_at)| (&*voter.0, *film, opinion.value(), *voted_at))
            .collect();
        query(database, SQL, [json!(rows).to_string().into()]).await?;
    }
    Ok(())
}

async fn remove(database: &impl ConnectionTrait, places: &BTreeSet<&Place>) -> Result<(), DbErr> {
    if places.is_empty() {
        return Ok(());
    }
    if is_postgres(database) {
        const SQL: &str = "DELETE FROM vote USING unnest($1::text[], $2::bigint[]) AS place (voter, film_id) \
            WHERE vote.voter = place.voter AND vote.film_id = place.film_id";
        let (voters, films) = columns(places);
        query(database, SQL, [voters.into(), films.into()]).await?;
    } else {
        const SQL: &str = "DELETE FROM vote WHERE id IN (SELECT vote.id FROM json_each(?) AS place \
            CROSS JOIN vote ON vote.voter = place.value ->> 0 AND vote.film_id = place.value ->> 1 \
            WHERE vote.voter IS NOT NULL)";
        query(database, SQL, [pairs(places).into()]).await?;
    }
    Ok(())
}

fn columns(places: &BTreeSet<&Place>) -> (Vec<String>, Vec<i64>) {
    places.iter().map(|(voter, film)| (voter.0.to_string(), *film)).unzip()
}

fn pairs(places: &BTreeSet<&Place>) -> String {
    let pairs: Vec<(&str, i64)> = places.iter().map(|(voter, film)| (&*voter.0, *film)).collect();
    json!(pairs).to_string()
}
