//! SQLite's log of changes, written by triggers (see the migration), read when `PRAGMA data_version` says that somebody
//! else has committed.

use std::collections::BTreeSet;
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;

use entity::film_change;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement,
};

use crate::service::database::connection::Database;
use crate::service::database::write::Write;
use crate::service::error::Result;
use crate::service::read_model::catalogue::Catalogue;
use crate::service::read_model::refresh::{refresh, reload};

/// How often we look; the promise is a second.
const EVERY: Duration = Duration::from_millis(250);
/// Rows of the log that are kept. Who has fallen further behind reads everything anew.
const KEPT: i64 = 50_000;
/// Rows of the log that are removed at a time.
const REMOVED: i64 = 5_000;

/// How far the log has been read.
pub(in crate::service) struct Log {
    version: Version,
    last: i64,
}

/// Changes when another connection than the one that writes has committed, or when that one was replaced.
#[derive(PartialEq, Eq)]
struct Version {
    connection: u64,
    data: i64,
}

impl Log {
    pub(super) async fn open(database: &Database) -> Result<Self> {
        let (version, last) = state(database).await?;
        Ok(Self { version, last })
    }

    pub(super) async fn follow(mut self, database: Database, catalogue: Weak<Catalogue>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // Stays until it is cleared up: what was written in doubt is ours, so no later look would tell of it.
        let mut doubt = false;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = database.doubts.notified() => doubt = true,
            }
            let Some(catalogue) = catalogue.upgrade() else { return };
            let done = if doubt {
                reload(&database, &catalogue).await
            } else {
                self.catch_up(&database, &catalogue).await
            };
            match done {
                Ok(()) => doubt = false,
                // Neither number has moved on, so the next look sees the same again.
                Err(error) => tracing::warn!(%error, "changes of other processes cannot be read"),
            }
        }
    }

    async fn catch_up(&mut self, database: &Database, catalogue: &Catalogue) -> Result<()> {
        let (version, newest) = state(database).await?;
        if version == self.version {
            // All of it was ours, and the read model knows.
            self.last = newest;
            return prune(database, newest).await;
        }
        // Never pruned away between two looks, but perhaps since a look that failed.
        let oldest = bound(database, false).await?;
        if oldest > self.last + 1 || newest < self.last {
            reload(database, catalogue).await?;
        } else {
            refresh(database, catalogue, &changed(database, self.last, newest).await?).await?;
        }
        (self.version, self.last) = (version, newest);
        Ok(())
    }
}

/// The version and the newest row of the log, as of one moment. In a turn: what we commit is in the read model then.
async fn state(database: &Database) -> Result<(Version, i64), DbErr> {
    let _turn = database.turn().await;
    let mut before = version(database).await?;
    loop {
        let newest = newest(database).await?;
        let after = version(database).await?;
        if before == after {
            return Ok((after, newest));
        }
        // Somebody committed in between: a row of his would be taken for ours.
        before = after;
    }
}

/// Meaningful only on one and the same connection, of which the pool of the writer has just one.
async fn version(database: &Database) -> Result<Version, DbErr> {
    let pragma = Statement::from_string(DbBackend::Sqlite, "PRAGMA data_version");
    let row = database.writer.query_one_raw(pragma).await?;
    let data = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(Version { connection: database.openings.load(Ordering::SeqCst), data })
}

async fn newest(database: &Database) -> Result<i64, DbErr> {
    bound(database, true).await
}

/// The number of the newest row or the oldest one; 0 where there is none.
async fn bound(database: &Database, newest: bool) -> Result<i64, DbErr> {
    let rows = film_change::Entity::find().select_only().column(film_change::Column::Number).limit(1);
    let rows = if newest {
        rows.order_by_desc(film_change::Column::Number)
    } else {
        rows.order_by_asc(film_change::Column::Number)
    };
    Ok(rows.into_tuple::<i64>().one(&database.writer).await?.unwrap_or_default())
}

async fn changed(database: &Database, after: i64, until: i64) -> Result<BTreeSet<i64>, DbErr> {
    let films = film_change::Entity::find()
        .select_only()
        .column(film_change::Column::FilmId)
        .distinct()
        .filter(film_change::Column::Number.gt(after))
        .filter(film_change::Column::Number.lte(until))
        .into_tuple::<i64>()
        .all(&database.reader)
        .await?;
    Ok(films.into_iter().collect())
}

/// A few rows at a time, and only what everybody has read long ago.
async fn prune(database: &Database, newest: i64) -> Result<()> {
    let oldest = bound(database, false).await?;
    if newest - oldest < KEPT + REMOVED {
        return Ok(());
    }
    let old = film_change::Entity::delete_many().filter(film_change::Column::Number.lt(oldest + REMOVED));
    let prune = async |write: Write| {
        old.clone().exec(&*write).await?;
        write.commit().await.map(drop)
    };
    database.write(prune).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::service::database::Settings;
    use crate::service::error::Error;
    use crate::service::starter_catalogue;

    /// A commit that ended in doubt has happened, and the first look at what it did fails.
    #[tokio::test]
    async fn a_doubt_stays_until_it_is_cleared_up() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let database = Database::open(&url, &Settings::default()).await.expect("a database");
        starter_catalogue::load_once(&database, true).await.expect("films");
        let log = Log::open(&database).await.expect("a log");
        let catalogue =
            Arc::new(Catalogue::load(&database.reader, 1 << 20, Duration::ZERO).await.expect("films"));
        let following = tokio::spawn(log.follow(database.clone(), Arc::downgrade(&catalogue)));
        // By our own connection, so that only the doubt tells of it.
        let run = async |sql: &str| {
            let _turn = database.turn().await;
            database.writer.execute_unprepared(sql).await.expect(sql)
        };
        run("UPDATE film SET likes = 7 WHERE id = 1").await;
        run("ALTER TABLE film_genre RENAME TO elsewhere").await;
        let doubtful = database.write(async |_| Err::<(), _>(Error::Unconfirmed)).await;
        doubtful.expect_err("a doubt");
        tokio::time::sleep(EVERY * 3).await;
        run("ALTER TABLE elsewhere RENAME TO film_genre").await;
        for _ in 0..100 {
            if catalogue.film(1).is_some_and(|film| film.likes == 7) {
                return following.abort();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the read model never learnt of it");
    }
}
