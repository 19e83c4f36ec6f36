//! Limits over a restart: arrival times stand in a file beside the database while no server runs.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::limits::Limiter;
use crate::service::database;

/// Where they are kept. What Redis counts stays there; a database that is no file has nothing beside it.
fn file(config: &Config) -> Option<PathBuf> {
    let is_kept = config.limits.enabled && config.limits.storage().is_ok_and(|storage| storage.is_memory());
    let mut name = database::file(config.database_url.expose()).filter(|_| is_kept)?.into_os_string();
    name.push("-limits");
    Some(name.into())
}

/// What the last stop has kept. Without it, limits start full.
pub(super) fn take_back(limiter: &Limiter, config: &Config) {
    let Some(file) = file(config) else { return };
    match limiter.take_back(&file) {
        Ok(0) => {}
        Ok(clients) => tracing::info!(clients, "limits go on where the last stop left them"),
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "limits start full: what was kept cannot be used");
        }
    }
}

/// Keeps them for the next start.
pub(super) async fn keep(limiter: Arc<Limiter>, config: &Config) {
    let Some(file) = file(config) else { return };
    // The next process reads the clock of the machine anew.
    let kept = tokio::task::spawn_blocking(move || limiter.keep(&file, SystemClock::new().now()));
    if let Ok(Err(error)) = kept.await {
        tracing::warn!(%error, "limits could not be kept for the next start");
    }
}
