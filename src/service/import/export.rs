//! All films, in the order of their ids.

use std::ops::ControlFlow;

use entity::film;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::error::Result;
use crate::service::films::row;
use crate::service::films::types::Film;
use crate::service::policy::authorize;

/// Films in memory at a time.
const CHUNK: u64 = 500;

/// How many films there are.
///
/// # Errors
/// When the database fails.
pub async fn count_films(database: &Database, caller: &Caller) -> Result<u64> {
    authorize(caller, Action::ReadFilm)?;
    Ok(film::Entity::find().count(&database.reader).await?)
}

/// Hands over every film of one consistent state, some at a time, until it is told to stop.
///
/// # Errors
/// When the database fails; what was handed over may then be a part.
pub async fn export_films(
    database: &Database,
    caller: &Caller,
    mut take: impl FnMut(Vec<Film>) -> ControlFlow<()>,
) -> Result<()> {
    authorize(caller, Action::ReadFilm)?;
    let view = database.begin_read().await?;
    let mut last = i64::MIN;
    loop {
        let rows = film::Entity::find()
            .filter(film::Column::Id.gt(last))
            .order_by_asc(film::Column::Id)
            .limit(CHUNK)
            .all(&view)
            .await?;
        let Some(end) = rows.last() else { break };
        last = end.id;
        if take(row::with_genres(&view, rows).await?).is_break() {
            break;
        }
    }
    view.rollback().await?;
    Ok(())
}
