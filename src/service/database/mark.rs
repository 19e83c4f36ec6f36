//! How far a copy into a database has come, as the database itself says.

use entity::meta;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait as _, Set};

use crate::service::database::connection::Database;
use crate::service::database::open::OpenError;

/// The row of `meta` by which a database that is copied is known again, whatever it is called.
const ID: &str = "database_id";
/// The row of `meta` of a database that another is copied into.
const MARK: &str = "copy";
/// The row of `meta` that is rewritten while writes fail.
pub(super) const PROBE: &str = "write_probe";
/// Rows that are of their database alone, and go into no copy of it.
pub(in crate::service) const OWN_ROWS: [&str; 3] = [ID, MARK, PROBE];

const UNFINISHED: &str = "unfinished";
const FINISHED: &str = "finished";

/// Of which database a copy was begun, and whether it has come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) struct Mark {
    /// The id of the source.
    pub source: String,
    pub is_finished: bool,
}

impl Mark {
    pub(in crate::service) async fn read(database: &impl ConnectionTrait) -> Result<Option<Self>, DbErr> {
        let value = read(database, MARK).await?;
        let parts = value.as_deref().and_then(|value| value.split_once(' '));
        Ok(parts.map(|(state, source)| Self { source: source.to_owned(), is_finished: state == FINISHED }))
    }

    pub(in crate::service) async fn write(&self, database: &impl ConnectionTrait) -> Result<(), DbErr> {
        let state = if self.is_finished { FINISHED } else { UNFINISHED };
        write(database, MARK, format!("{state} {}", self.source)).await
    }
}

/// The id of a database, if it was given one.
pub(in crate::service) async fn id(database: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    read(database, ID).await
}

pub(in crate::service) async fn give_id(database: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    write(database, ID, id).await
}

/// Refuses a database into which another was copied in part.
///
/// # Errors
/// [`OpenError::Unfinished`], or why nobody can tell.
pub async fn assert_whole(database: &Database) -> Result<(), OpenError> {
    let mark = Mark::read(&database.reader).await;
    match mark.map_err(|error| OpenError::of_cause(database.name(), &error))? {
        Some(Mark { is_finished: false, .. }) => Err(OpenError::Unfinished(database.name().to_owned())),
        _ => Ok(()),
    }
}

/// The value of a row of `meta`.
pub(in crate::service) async fn read(
    database: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<String>, DbErr> {
    Ok(meta::Entity::find_by_id(key).one(database).await?.map(|row| row.value))
}

/// Gives a row of `meta` its value.
pub(in crate::service) async fn write(
    database: &impl ConnectionTrait,
    key: &str,
    value: impl Into<String>,
) -> Result<(), DbErr> {
    let row = meta::ActiveModel { key: Set(key.to_owned()), value: Set(value.into()) };
    let known = OnConflict::column(meta::Column::Key).update_column(meta::Column::Value).to_owned();
    meta::Entity::insert(row).on_conflict(known).exec_without_returning(database).await.map(drop)
}
