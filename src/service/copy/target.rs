//! Into which databases something is copied: those that nobody misses.

use entity::{account, audit_event, film, vote};
use sea_orm::{ConnectionTrait, EntityTrait as _, PaginatorTrait as _};

use crate::service::copy::counters;
use crate::service::copy::error::CopyError;
use crate::service::copy::table::Table;
use crate::service::database::connection::Database;
use crate::service::database::mark::{Mark, give_id, id};
use crate::service::database::{OpenError, status, up};
use crate::service::error::Result;
use crate::service::starter_catalogue;

/// What is to be done to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nobody misses what it has.
    New,
    /// A copy of this source that was broken off.
    Unfinished,
    /// A whole copy of this source, which may be in use since.
    Finished,
}

/// Judges a target, and makes it one of this source, which gets `new_id` if it has no id yet.
pub(super) async fn begin(
    source: &Database,
    target: &Database,
    tables: &[Table],
    new_id: &str,
) -> Result<Found, CopyError> {
    let in_source = |error| CopyError::Source(OpenError::failed(source.name(), &error));
    let in_target = |error| CopyError::Target(OpenError::failed(target.name(), &error));
    let source_id = source_id(source, new_id).await.map_err(in_source)?;
    let not_empty =
        |what: &str| CopyError::NotEmpty { target: target.name().to_owned(), what: what.to_owned() };
    let migrations = status(target).await.map_err(CopyError::Target)?;
    let mut mark = None;
    if migrations.iter().any(|migration| migration.applied) {
        let own_id = id(&target.reader).await.map_err(|error| in_target(error.into()))?;
        mark = Mark::read(&target.reader).await.map_err(|error| in_target(error.into()))?;
        if own_id.as_ref() == Some(&source_id) {
            return Err(CopyError::Same);
        }
        if mark.as_ref().is_some_and(|mark| mark.source != source_id) {
            return Err(not_empty("a copy of another database"));
        }
        if mark.is_none() && migrations.iter().any(|migration| !migration.applied) {
            return Err(not_empty("the tables of an older filmgate"));
        }
    }
    // What of it the operator should look at was told of the source.
    drop(up(target).await.map_err(CopyError::Target)?);
    if let Some(Mark { is_finished: true, .. }) = mark {
        return Ok(Found::Finished);
    }
    if mark.is_none()
        && let Some(what) = missed(&target.reader).await.map_err(in_target)?
    {
        return Err(not_empty(&what));
    }
    let mut highest = Vec::new();
    for table in tables.iter().filter(|table| table.is_counted) {
        let id = counters::highest(&source.reader, table).await.map_err(|error| in_source(error.into()))?;
        highest.push((table, id));
    }
    let unfinished = Mark { source: source_id, is_finished: false };
    let begin = async {
        let write = target.begin_start().await?;
        unfinished.write(&*write).await?;
        for (table, id) in &highest {
            counters::go_on_behind(&*write, table, *id).await?;
        }
        write.commit().await
    };
    begin.await.map_err(in_target)?;
    Ok(if mark.is_some() { Found::Unfinished } else { Found::New })
}

/// By which it is known again, whatever its file or its host is called.
async fn source_id(source: &Database, new_id: &str) -> Result<String> {
    if let Some(id) = id(&source.reader).await? {
        return Ok(id);
    }
    let write = source.begin_write().await?;
    give_id(&*write, new_id).await?;
    write.commit().await?;
    Ok(new_id.to_owned())
}

/// What somebody would miss. Nobody misses the starter catalogue, as a first start has loaded it.
async fn missed(target: &impl ConnectionTrait) -> Result<Option<String>> {
    let films = film::Entity::find().count(target).await?;
    let is_starter = films > 0 && starter_catalogue::is_untouched(target).await?;
    let counted = [
        ("films", if is_starter { 0 } else { films }),
        ("votes", vote::Entity::find().count(target).await?),
        ("accounts", account::Entity::find().count(target).await?),
        ("events of the audit", audit_event::Entity::find().count(target).await?),
    ];
    let there = counted.iter().filter(|(_, count)| *count > 0);
    let there: Vec<String> = there.map(|(what, count)| format!("{what} ({count})")).collect();
    Ok((!there.is_empty()).then(|| format!("{} that no copy of this source has brought", there.join(", "))))
}
