//! Refusals on their way to the table: noted by whoever refuses, which costs him a moment, and written by a task of
//! their own, a few rows a second.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::clock::Clock;
use crate::service::audit::entry::{Entry, Refusal};
use crate::service::audit::tallies::Tallies;
use crate::service::database::connection::Database;
use crate::service::database::write::Write;
use crate::service::error::{Error, Result};

/// The time between two writes; a minute that is over is noticed within it.
const BETWEEN: Duration = Duration::from_secs(1);
/// Rows of one write.
const ROWS: usize = 100;
/// Time for the last write of a process.
const LAST_WRITE: Duration = Duration::from_secs(3);

/// Counts refusals, each of them, and keeps samples: of those that are alike (event, actor or client, target, surface,
/// right) the first of a minute is a row at once, the others are counted, and their number is a row at the end of the minute. Bounded in
/// memory and in writes a second, whoever tries what.
pub struct Refusals {
    database: Database,
    clock: Arc<dyn Clock>,
    tallies: Mutex<Tallies>,
    /// Rows that are being written, or that a database which failed has not taken.
    desk: tokio::sync::Mutex<Vec<Entry>>,
    bell: Arc<Notify>,
}

impl Refusals {
    /// With nothing noted.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self {
            database,
            clock,
            tallies: Mutex::default(),
            desk: tokio::sync::Mutex::default(),
            bell: Arc::default(),
        }
    }

    /// Starts to write what is noted. Ends when nobody can note anything any more.
    pub(in crate::service) fn run(self: &Arc<Self>) {
        let (refusals, bell) = (Arc::downgrade(self), Arc::clone(&self.bell));
        tokio::spawn(async move {
            let mut is_failing = false;
            loop {
                // Sooner when there is something new.
                let _ = timeout(BETWEEN, bell.notified()).await;
                let Some(refusals) = refusals.upgrade() else { return };
                let written = refusals.write(false).await;
                drop(refusals);
                if let (Err(error), false) = (&written, is_failing) {
                    tracing::warn!(%error, "refusals cannot be put on record now; they are counted on");
                }
                is_failing = written.is_err();
                sleep(BETWEEN).await;
            }
        });
    }

    /// Notes a refusal.
    pub fn note(&self, refusal: Refusal<'_>) {
        let now = self.clock.now_ms();
        if self.tallies().count(refusal, now) {
            self.bell.notify_one();
        }
    }

    /// Writes all that was noted: for a stop, when nothing more will come.
    pub async fn close(&self) {
        match timeout(LAST_WRITE, self.write(true)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last refusals are not on record"),
            Err(_) => {
                tracing::warn!("the last refusals may not be on record: the database did not answer in time");
            }
        }
    }

    async fn write(&self, all: bool) -> Result<()> {
        let mut desk = self.desk.lock().await;
        loop {
            if desk.is_empty() {
                *desk = self.tallies().take(self.clock.now_ms(), ROWS, all);
                desk.iter().for_each(Entry::tell);
            }
            if desk.is_empty() {
                return Ok(());
            }
            match keep(&self.database, &desk).await {
                // In doubt, a row too few is better than all of them twice.
                Ok(()) | Err(Error::Unconfirmed) => desk.clear(),
                Err(error) => return Err(error),
            }
            if !all {
                return Ok(());
            }
        }
    }

    fn tallies(&self) -> MutexGuard<'_, Tallies> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn keep(database: &Database, rows: &[Entry]) -> Result<()> {
    let keep = async |write: Write| {
        for row in rows {
            row.record(&*write).await?;
        }
        write.commit().await.map(drop)
    };
    database.write(keep).await
}
