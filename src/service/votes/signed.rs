//! Votes of those who have signed in: one for each voter and film, which can be switched and withdrawn.
//!
//! What a voter's vote was is read in the transaction that changes it, after its films were locked: so two calls, of one
//! server or of two, never both count.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use crate::service::caller::Voter;
use crate::service::votes::statement::{is_postgres, query};
use crate::service::votes::tallies::{Tallies, tally};
use crate::service::votes::types::{Choice, Opinion};

/// A voter and the film he votes for.
type Place = (Voter, i64);

/// What changes by a group.
pub(in crate::service) struct SignedVotes {
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
    pub(in crate::service) async fn settle<'a>(
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

    pub(in crate::service) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(in crate::service) fn tally(&self, tallies: &mut Tallies) {
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

    pub(in crate::service) async fn write(&self, database: &impl ConnectionTrait) -> Result<(), DbErr> {
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
    rows.iter()
        .map(|row| {
            let voter: String = row.try_get_by_index(0)?;
            let value: i16 = row.try_get_by_index(2)?;
            Ok(((Voter(voter.into()), row.try_get_by_index(1)?), Opinion::of_value(value)))
        })
        .collect()
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
