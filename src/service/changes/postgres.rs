//! PostgreSQL's notifications, sent by triggers; see the migration.

use std::collections::BTreeSet;
use std::sync::Weak;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgNotification};

use super::super::catalogue::Catalogue;
use super::super::database::Database;
use super::super::error::{Error, Result};
use super::{refresh, reload};

const CHANNEL: &str = "filmgate_film";
/// Between two tries to reach the database.
const PAUSE: Duration = Duration::from_millis(500);
/// A listener that hears nothing asks whether its connection lives: one that has gone silently would never tell.
const SILENCE: Duration = Duration::from_secs(5);

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
        let pool = database.writer().get_postgres_connection_pool();
        let mut listener = PgListener::connect_with(pool).await.map_err(Error::internal)?;
        // We reconnect ourselves, since what was told meanwhile must be made up for.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await.map_err(Error::internal)?;
        Ok(Self { listener })
    }

    pub(super) async fn follow(mut self, database: Database, catalogue: Weak<Catalogue>) {
        loop {
            let heard = tokio::select! {
                heard = self.hear(database.instance()) => heard,
                () = database.doubt() => Heard::Everything,
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

    /// Waits for the next notification, and takes all that are there.
    async fn hear(&mut self, instance: &str) -> Heard {
        let mut films = BTreeSet::new();
        loop {
            let mut next = match tokio::time::timeout(SILENCE, self.listener.try_recv()).await {
                Ok(Ok(Some(notification))) => Some(notification),
                Err(_) if self.is_alive().await => continue,
                _ => return Heard::Nothing,
            };
            while let Some(notification) = next {
                if !read(&notification, instance, &mut films) {
                    return Heard::Everything;
                }
                next = self.listener.next_buffered();
            }
            if !films.is_empty() {
                return Heard::Films(films);
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
