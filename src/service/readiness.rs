//! Whether the database answers.

use std::time::Duration;

use sea_orm::{EntityTrait as _, QuerySelect as _};
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::service::database::connection::Database;

/// A database that is slower than this is as good as gone.
const PATIENCE: Duration = Duration::from_secs(1);
/// For as long an answer is passed on instead of asking again.
const FRESH: Duration = Duration::from_secs(1);

/// The last answer, and when it came. Who asks while somebody is asking waits for that answer: a flood of probes is no
/// flood of queries.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<(Duration, bool)>>);

impl Readiness {
    /// Whether the database answers in time, as of a moment ago. It reads a row of its own tables: they are there.
    pub(super) async fn answers(&self, database: &Database, clock: &dyn Clock) -> bool {
        let mut last = self.0.lock().await;
        if let Some((asked, answer)) = *last
            && clock.now().saturating_sub(asked) < FRESH
        {
            return answer;
        }
        let question = entity::film::Entity::find().select_only().column(entity::film::Column::Id).limit(1);
        let row = question.into_tuple::<i64>().one(database.reader());
        let answer = match tokio::time::timeout(PATIENCE, row).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready: the database does not answer");
                false
            }
            Err(_) => {
                tracing::warn!("not ready: the database does not answer within a second");
                false
            }
        };
        *last = Some((clock.now(), answer));
        answer
    }
}
