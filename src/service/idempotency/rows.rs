//! Changes under a key, as rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use entity::idempotency::{ActiveModel, Column, Entity};
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, Set};
use serde_json::json;

use crate::service::database::connection::{is_postgres, query};
use crate::service::error::{Error, Result, is_taken};
use crate::service::idempotency::once::Once;

/// What was made under the key, by the part of the request.
///
/// # Errors
/// [`Error::KeyReused`] when something else was.
pub(super) async fn find(database: &impl ConnectionTrait, once: &Once) -> Result<BTreeMap<Arc<str>, i64>> {
    let rows = Entity::find().filter(Column::Request.eq(&*once.request)).all(database).await?;
    if rows.iter().any(|row| row.payload != *once.payload) {
        return Err(Error::KeyReused);
    }
    // There is no film 0.
    Ok(rows.into_iter().map(|row| (row.part.into(), row.film_id.unwrap_or_default())).collect())
}

/// What was made of this one by now; for who was not the first.
pub(in crate::service) async fn find_made(
    database: &impl ConnectionTrait,
    once: &Once,
) -> Result<Option<i64>> {
    Ok(find(database, once).await?.get(&once.part).copied())
}

/// Says that it is made, in the transaction that makes it. `at`: milliseconds since the Unix epoch.
///
/// # Errors
/// [`Error::Repeated`] when another server was quicker: nothing may be made then.
pub(in crate::service) async fn record(
    database: &impl ConnectionTrait,
    once: Option<&Once>,
    film_id: i64,
    at: i64,
) -> Result<()> {
    let Some(once) = once else { return Ok(()) };
    let row = ActiveModel {
        request: Set(once.request.to_string()),
        part: Set(once.part.to_string()),
        owner: Set(once.owner.to_string()),
        payload: Set(once.payload.to_string()),
        film_id: Set(Some(film_id)),
        made_at: Set(at),
    };
    match Entity::insert(row).exec_without_returning(database).await {
        Ok(_) => Ok(()),
        Err(error) if is_taken(&error) => Err(Error::Repeated),
        Err(error) => Err(error.into()),
    }
}

/// The same of many at once; the places of those that nobody was quicker with.
pub(in crate::service) async fn record_all(
    database: &impl ConnectionTrait,
    all: &[(usize, &Once, i64, i64)],
) -> Result<BTreeSet<usize>, DbErr> {
    if all.is_empty() {
        return Ok(BTreeSet::new());
    }
    // Of two that are the same, the first.
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (place, once, ..) in all {
        places.entry((&once.request, &once.part)).or_insert(*place);
    }
    let mut rows: Vec<_> = all
        .iter()
        .filter(|(place, once, ..)| places.get(&(&*once.request, &*once.part)) == Some(place))
        .map(|(_, once, film_id, at)| {
            (&*once.request, &*once.part, &*once.owner, &*once.payload, *film_id, *at)
        })
        .collect();
    // In one order everywhere, so that two servers cannot wait for each other's keys in a circle.
    rows.sort_unstable();
    let written = if is_postgres(database) {
        const SQL: &str = "INSERT INTO idempotency (request, part, owner, payload, film_id, made_at) \
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint, (value ->> 5)::bigint \
            FROM jsonb_array_elements($1::text::jsonb) AS given (value) \
            ON CONFLICT (request, part) DO NOTHING RETURNING request, part";
        query(database, SQL, [json!(rows).to_string().into()]).await?
    } else {
        const SQL: &str = "INSERT INTO idempotency (request, part, owner, payload, film_id, made_at) \
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 \
            FROM json_each(?) WHERE TRUE ON CONFLICT (request, part) DO NOTHING RETURNING request, part";
        query(database, SQL, [json!(rows).to_string().into()]).await?
    };
    let mut first = BTreeSet::new();
    for row in written {
        let (request, part): (String, String) = row.try_get_many_by_index()?;
        first.extend(places.get(&(&*request, &*part)));
    }
    Ok(first)
}

/// Forgets these: request and part.
pub(super) async fn forget(database: &impl ConnectionTrait, rows: &[(String, String)]) -> Result<(), DbErr> {
    if is_postgres(database) {
        const SQL: &str = "DELETE FROM idempotency USING jsonb_array_elements($1::text::jsonb) AS old (value) \
            WHERE request = value ->> 0 AND part = value ->> 1";
        query(database, SQL, [json!(rows).to_string().into()]).await?;
    } else {
        const SQL: &str = "DELETE FROM idempotency WHERE (request, part) IN \
            (SELECT value ->> 0, value ->> 1 FROM json_each(?))";
        query(database, SQL, [json!(rows).to_string().into()]).await?;
    }
    Ok(())
}
