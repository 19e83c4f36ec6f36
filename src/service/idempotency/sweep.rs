//! Keys that are old enough to be forgotten, or too many.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::service::database::connection::{Database, query};
use crate::service::database::write::Write;
use crate::service::error::Result;
use crate::service::films::service::FilmService;

/// How long it is known that a change was made, in milliseconds.
const KEPT: i64 = 24 * 60 * 60 * 1_000;
/// Changes of one caller that are known; past them the oldest are forgotten.
const MOST: i64 = 1_000;
/// Rows of one step: others who write wait for it.
const STEP: usize = 5_000;
const PAUSE: Duration = Duration::from_secs(1);
/// The pause when nothing was left to forget.
const REST: Duration = Duration::from_mins(1);

impl FilmService {
    /// From now on, forgets what was made under keys a day ago, a few at a time. Ends when the service is gone.
    pub fn forget_idempotency_keys(self: &Arc<Self>) {
        let service = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut pause = REST;
            loop {
                sleep(pause).await;
                let Some(service) = service.upgrade() else { return };
                let forgotten = step(&service.database, service.now_ms().saturating_sub(KEPT)).await;
                drop(service);
                if let Err(error) = &forgotten {
                    tracing::warn!(%error, "old idempotency keys cannot be removed now");
                }
                pause = if forgotten.is_ok_and(|rows| rows >= STEP) { PAUSE } else { REST };
            }
        });
    }
}

/// How many there were. `before`: milliseconds since the Unix epoch.
pub(super) async fn step(database: &Database, before: i64) -> Result<usize> {
    // A look first, since there is mostly nothing to write.
    const OLD: &str = "SELECT request, part FROM idempotency WHERE made_at < $1 ORDER BY made_at LIMIT $2";
    const MANY: &str = "SELECT request, part FROM (SELECT request, part, row_number() OVER (PARTITION BY owner \
        ORDER BY made_at DESC, request, part) AS place FROM idempotency WHERE owner IN \
        (SELECT owner FROM idempotency GROUP BY owner HAVING count(*) > $1)) AS ranked WHERE place > $1 LIMIT $2";
    let step = i64::try_from(STEP).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    for (sql, bound) in [(OLD, before), (MANY, MOST)] {
        if found.len() < STEP {
            found.extend(database.bounded(query(&database.reader, sql, [bound.into(), step.into()])).await?);
        }
    }
    if found.is_empty() {
        return Ok(0);
    }
    let mut rows: Vec<(String, String)> = Vec::with_capacity(found.len());
    for row in found {
        rows.push(row.try_get_many_by_index()?);
    }
    let forget = async |write: Write| {
        super::rows::forget(&*write, &rows).await?;
        write.commit().await?;
        Ok(rows.len())
    };
    database.write(forget).await
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;
    use tempfile::TempDir;

    use super::*;
    use crate::service::database::Settings;

    #[tokio::test]
    async fn what_is_old_and_the_oldest_of_too_many_are_forgotten() {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let database = Database::open(&url, &Settings::default()).await.expect("a database");
        let fill = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1007) \
            INSERT INTO idempotency SELECT 'many ' || n, '', 'many', 'p', 1, 10000 + n FROM n \
            UNION ALL SELECT 'few ' || n, '', 'few', 'p', 1, n FROM n WHERE n <= 10";
        database.writer.execute_unprepared(fill).await.expect("rows");
        let mut all = 0;
        for wanted in [12, 0] {
            let forgotten = step(&database, 6).await.expect("a step");
            assert_eq!(forgotten, wanted);
            all += forgotten;
        }
        assert_eq!(all, 12);
        let left = "SELECT owner, count(*), min(made_at) FROM idempotency GROUP BY owner ORDER BY owner";
        let left: Vec<(String, i64, i64)> = query(&database.reader, left, [])
            .await
            .expect("rows")
            .iter()
            .map(|row| row.try_get_many_by_index().expect("a row"))
            .collect();
        assert_eq!(left, [("few".to_owned(), 5, 6), ("many".to_owned(), 1_000, 10_008)]);
    }
}
