//! Whether the database answers.

use std::time::Duration;

use sea_orm::{EntityTrait as _, QuerySelect as _};
use tokio::sync::Mutex;

use super::hall::Hall;

/// A database that is slower than this is as good as gone.
const PATIENCE: Duration = Duration::from_secs(1);
/// For as long an answer is passed on instead of asking again.
const FRESH: Duration = Duration::from_secs(1);

/// The last answer, and when it came. Who asks while somebody is asking waits for that answer: a flood of probes is no
/// flood of queries.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<(Duration, bool)>>);

impl Hall {
    /// Whether the database answers in time, as of a moment ago. It reads a row of its own tables: they are there.
    pub async fn answers(&self) -> bool {
        let mut last = self.readiness.0.lock().await;
        if let Some((asked, answer)) = *last
            && self.clock.now().saturating_sub(asked) < FRESH
        {
            return answer;
        }
        let question = entity::film::Entity::find().select_only().column(entity::film::Column::Id).limit(1);
        let row = question.into_tuple::<i64>().one(self.database.reader());
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
        *last = Some((self.clock.now(), answer));
        answer
    }
}
