//! Keeps the row by which `filmgate doctor` knows this server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rand::RngExt as _;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::config::Config;
use crate::front::traffic::Traffic;
use crate::lifecycle::Lifecycle;
use crate::limits::Limiter;
use crate::service::FilmService;
use crate::service::instances::Instance;

/// Between two beats. The first ones come faster: who has just started a server asks at once.
const EVERY: Duration = Duration::from_secs(15);
/// At the very end of a stop, for the last word of a database that is slow: it was begun with the stop.
const LAST_WORD: Duration = Duration::from_millis(500);

/// Beats until a stop begins, and then takes the row away.
pub(super) struct Heartbeat(JoinHandle<()>);

impl Heartbeat {
    /// In the background: no request waits for it, and what fails is tried again.
    pub(super) fn start(app: &App, config: &Config, listen: SocketAddr) -> Self {
        let (service, traffic) = (Arc::clone(&app.service), Arc::clone(&app.traffic));
        let limiter = Arc::clone(&app.limiter);
        let instance = Instance {
            id: format!("{:032x}", rand::rng().random::<u128>()),
            started_at: service.now_ms(),
            seen_at: 0,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            listen: listen.to_string(),
            limits_storage: config.limits.kept_in().to_owned(),
            traffic: traffic.seen(),
        };
        Self(tokio::spawn(beat(service, traffic, limiter, instance, app.lifecycle.clone())))
    }

    /// Returns when the row is gone, or in a moment.
    pub(super) async fn end(self) {
        let _ = tokio::time::timeout(LAST_WORD, self.0).await;
    }
}

async fn beat(
    service: Arc<FilmService>,
    traffic: Arc<Traffic>,
    limiter: Arc<ArcSwap<Limiter>>,
    mut instance: Instance,
    lifecycle: Lifecycle,
) {
    let mut pause = Duration::from_secs(1);
    loop {
        instance.traffic = traffic.seen();
        // A database that is gone or only reads is told by others; this is not worth a warning.
        match service.beat(instance.clone()).await {
            Ok(servers) => limiter.load().set_servers(servers),
            Err(error) => tracing::debug!(%error, "the row of this server could not be written"),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(EVERY),
            () = lifecycle.drained() => break,
        }
    }
    if let Err(error) = service.leave(&instance.id).await {
        tracing::debug!(%error, "the row of this server stays behind");
    }
}
