//! Whether writes succeed: a database that answers may take nothing all the same.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use crate::service::database::connection::{Database, assert_in_place};
use crate::service::database::mark::{self, PROBE};
use crate::service::error::{Error, Result};

/// Between two probes. While writes succeed there are none.
const PROBE_EVERY: Duration = Duration::from_secs(1);

impl Database {
    /// Whether a write has failed, and what is written since, once a second, has failed too. What others write lowers it
    /// not: a change that finds nothing to change succeeds as well.
    #[must_use]
    pub(in crate::service) fn writes_fail(&self) -> bool {
        self.writes_fail.load(Ordering::SeqCst)
    }

    /// To be told what became of each write. From one on in which the database failed, and not the caller, a row is
    /// written each second, until that succeeds.
    pub(super) fn note_write<T>(&self, written: &Result<T>) {
        let failed = matches!(
            written,
            Err(Error::Unavailable | Error::Failing(_) | Error::Unconfirmed | Error::Internal(_))
        );
        if !failed || self.writes_fail.swap(true, Ordering::SeqCst) {
            return;
        }
        tracing::error!(database = %self.name, "writes fail; trying one a second until it succeeds");
        let database = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = database.closed() => {}
                () = probe_until_it_succeeds(&database) => {
                    database.writes_fail.store(false, Ordering::SeqCst);
                    tracing::info!(database = %database.name, "writes succeed again");
                }
            }
        });
    }
}

async fn probe_until_it_succeeds(database: &Database) {
    loop {
        sleep(PROBE_EVERY).await;
        match probe(database).await {
            Ok(()) => return,
            Err(error) => tracing::debug!(%error, "writes fail"),
        }
    }
}

/// Not by the connection that writes, and without a turn: while the database is gone, votes would wait for two failures,
/// theirs and ours.
async fn probe(database: &Database) -> Result<()> {
    database.bounded(mark::write(&database.reader, PROBE, "written")).await?;
    assert_in_place(database.file.as_deref())
}
