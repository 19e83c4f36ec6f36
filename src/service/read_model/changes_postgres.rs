//! PostgreSQL's notifications, sent by triggers; see the migration.

use std::collections::BTreeSet;
use std::sync::Weak;
use std::time::Duration;

use futures_util::TryFutureExt as _;
use sqlx::postgres::{PgListener, PgNotification};
use tokio::time::Instant;

use crate::service::database::connection::Database;
use crate::service::error::{Error, Result};
use crate::service::read_model::catalogue::Catalogue;
use crate::service::read_model::refresh::{CHUNK, refresh, reload};

const CHANNEL: &str = "filmgate_film";
/// Between two tries to reach the database.
const PAUSE: Duration = Duration::from_millis(500);
/// A listener that hears nothing asks whether its connection lives: one that has gone silently would never tell.
const SILENCE: Duration = Duration::from_secs(5);
/// Notifications that come within this time are looked up together.
const TOGETHER: Duration = Duration::from_millis(50);

/// A connection that listens.
pub(in crate::service) struct Notifications {
    listener: PgListener,
}

/// Which films changed.
enum Heard {
    Films(BTreeSet<i64>),
    /// More than can be told.
    Everything,
    /// The connection was lost, and with it what was told meanwhile.
    Nothing,
}

impl Notifications {
    pub(super) async fn listen(database: &Database) -> Result<Self> {
        let mut listener = PgListener::connect_with(&database.listening()).await.map_err(Error::internal)?;
        // We reconnect ourselves, since what was told meanwhile must be made up for.
        listener.eager_reconnect(false);
        database.bounded(listener.listen(CHANNEL).map_err(Error::internal)).await?;
        Ok(Self { listener })
    }

    pub(super) async fn follow(mut self, database: Database, catalogue: Weak<Catalogue>) {
        loop {
            let instance = database.instance();
            let heard = tokio::select! {
                heard = self.hear(&instance) => heard,
                () = database.doubts.notified() => Heard::Everything,
            };
            let Some(catalogue) = catalogue.upgrade() else { return };
            let mut done = match heard {
                Heard::Films(films) => refresh(&database, &catalogue, &films).await.is_ok(),
                Heard::Everything => reload(&database, &catalogue).await.is_ok(),
                Heard::Nothing => false,
            };
            if !done {
                tracing::warn!(
                    "the database does not tell of changes; reading from memory until it does again"
                );
            }
            while !done {
                tokio::time::sleep(PAUSE).await;
                done = self.recover(&database, &catalogue).await.is_ok();
                if done {
                    tracing::info!("the database is there again, and the films were read anew");
                }
            }
        }
    }

    /// Waits for the next notification, and takes those that come right behind it: one look into the database for each
    /// would fall behind an import, and every look takes a turn away from votes.
    async fn hear(&mut self, instance: &str) -> Heard {
        let mut films = BTreeSet::new();
        let mut together = None;
        loop {
            let wait = together.map_or(SILENCE, |end: Instant| end.saturating_duration_since(Instant::now()));
            let next = tokio::time::timeout(wait, self.listener.try_recv()).await;
            match next {
                Ok(Ok(Some(notification))) if !read(&notification, instance, &mut films) => {
                    return Heard::Everything;
                }
                Ok(Ok(Some(_))) if films.len() < CHUNK => {}
                Ok(Ok(Some(_))) | Err(_) if !films.is_empty() => return Heard::Films(films),
                Err(_) if self.is_alive().await => {}
                _ => return Heard::Nothing,
            }
            if together.is_none() && !films.is_empty() {
                together = Some(Instant::now() + TOGETHER);
            }
        }
    }

    async fn is_alive(&mut self) -> bool {
        let asked = sqlx::query("SELECT 1").execute(&mut self.listener);
        matches!(tokio::time::timeout(SILENCE, asked).await, Ok(Ok(_)))
    }

    async fn recover(&mut self, database: &Database, catalogue: &Catalogue) -> Result<()> {
        // Listening first: what is committed after the reload is told.
        *self = Self::listen(database).await?;
        reload(database, catalogue).await
    }
}

/// Adds the films of a notification that is not our own; `false` when it says that everything changed.
fn read(notification: &PgNotification, instance: &str, films: &mut BTreeSet<i64>) -> bool {
    // The name of who wrote may have spaces, the list of films has none.
    let Some((writer, list)) = notification.payload().rsplit_once(' ') else { return true };
    if list == "all" {
        return false;
    }
    if writer != instance {
        films.extend(list.split(',').filter_map(|id| id.parse::<i64>().ok()));
    }
    true
}
