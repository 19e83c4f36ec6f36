//! Keeps the row by which `filmgate doctor` knows this server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::config::Config;
use crate::middleware::traffic::Traffic;
use crate::service::Hall;
use crate::service::instances::Instance;

/// Between two beats. The first ones come faster: who has just started a server asks at once.
const EVERY: Duration = Duration::from_secs(15);
/// Time for the last word at a stop.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Beats until it is stopped.
pub(super) struct Heartbeat {
    hall: Arc<Hall>,
    id: String,
    task: JoinHandle<()>,
}

impl Heartbeat {
    /// In the background: no request waits for it, and what fails is tried again.
    pub(super) fn start(app: &App, config: &Config, listen: SocketAddr) -> Self {
        let (hall, traffic) = (Arc::clone(&app.hall), Arc::clone(&app.traffic));
        let id = format!("{:032x}", rand::rng().random::<u128>());
        let storage = config.limits.storage.split_once("://").map_or("other", |(kind, _)| kind);
        let instance = Instance {
            id: id.clone(),
            started_at: hall.time(),
            seen_at: 0,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            listen: listen.to_string(),
            // Without what stands behind it: it may hold a password.
            limits_storage: if config.limits.enabled { storage } else { "off" }.to_owned(),
            traffic: traffic.seen(),
        };
        let task = tokio::spawn(beat(Arc::clone(&hall), traffic, instance));
        Self { hall, id, task }
    }

    /// Takes the row away, if the database lets it in a moment.
    pub(super) async fn stop(self) {
        self.task.abort();
        // A beat that is under way ends first, or the row would come back.
        let _ = self.task.await;
        if let Ok(Err(error)) = tokio::time::timeout(LAST_WORD, self.hall.leave(&self.id)).await {
            tracing::debug!(%error, "the row of this server stays behind");
        }
    }
}

async fn beat(hall: Arc<Hall>, traffic: Arc<Traffic>, mut instance: Instance) {
    let mut pause = Duration::from_secs(1);
    loop {
        instance.traffic = traffic.seen();
        // A database that is gone or only reads is told by others; this is not worth a warning.
        if let Err(error) = hall.beat(instance.clone()).await {
            tracing::debug!(%error, "the row of this server could not be written");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(EVERY);
    }
}
