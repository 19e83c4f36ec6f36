//! The films of a group of votes: which there are, and which can be voted for now.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use crate::service::database::connection::{is_postgres, query};

/// Films of a group.
#[derive(Default)]
pub(super) struct Films {
    /// That can be voted for: on PostgreSQL they are locked.
    pub free: BTreeSet<i64>,
    /// That are there, and locked by somebody else.
    pub held: BTreeSet<i64>,
}

impl Films {
    /// Those of these that there are. On PostgreSQL they are locked, in the order of their ids, so that two servers cannot
    /// wait for each other's films in a circle; what somebody else holds is waited for, or passed over.
    pub(super) async fn lock(
        database: &impl ConnectionTrait,
        asked: &BTreeSet<i64>,
        passes_over: bool,
    ) -> Result<Self, DbErr> {
        const WAITS: &str = "SELECT id, TRUE FROM film WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE";
        const PASSES_OVER: &str = "WITH free AS MATERIALIZED \
            (SELECT id FROM film WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE SKIP LOCKED) \
            SELECT id, id IN (SELECT id FROM free) FROM film WHERE id = ANY($1::bigint[])";
        const OF_SQLITE: &str = "SELECT id, TRUE FROM film WHERE id IN (SELECT value FROM json_each(?))";
        let ids: Vec<i64> = asked.iter().copied().collect();
        let rows = match (is_postgres(database), passes_over) {
            (true, false) => query(database, WAITS, [ids.into()]).await?,
            (true, true) => query(database, PASSES_OVER, [ids.into()]).await?,
            (false, _) => query(database, OF_SQLITE, [json!(ids).to_string().into()]).await?,
        };
        let mut films = Self::default();
        for row in rows {
            let (id, is_free) = row.try_get_many_by_index()?;
            if is_free {
                films.free.insert(id)
            } else {
                films.held.insert(id)
            };
        }
        Ok(films)
    }
}
