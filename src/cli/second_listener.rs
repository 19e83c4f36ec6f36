//! The listener of `admin.listen`, beside the ones for clients.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::admin::{self, Admin, Reloads, Sources};
use crate::app::App;
use crate::config::Config;
use crate::server::Settings;
use crate::telemetry::RunningLog;

/// At the very end of a stop, for answers that are under way.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// It serves until it is ended.
pub(super) struct SecondListener {
    over: oneshot::Sender<()>,
    served: JoinHandle<io::Result<()>>,
}

impl SecondListener {
    /// `opened`: where to listen; `settings`: where the other listeners count.
    pub(super) fn start(
        opened: Option<(TcpListener, SocketAddr)>,
        app: &App,
        settings: &Settings,
        log: RunningLog,
        reloads: Reloads,
        config: &Config,
    ) -> Option<Self> {
        let ((listener, address), metrics) = opened.zip(app.metrics.clone())?;
        let sources = Sources {
            service: Arc::clone(&app.service),
            limiter: Arc::clone(&app.limiter),
            traffic: Arc::clone(&app.traffic),
            streams: Arc::clone(&app.streams),
            overload: Arc::clone(&app.overload),
            bodies: Arc::clone(&app.bodies),
            drops: Arc::clone(&settings.drops),
            places: Arc::clone(&settings.places),
            log,
            storage: config.limits.kept_in(),
        };
        let admin = Admin::new(metrics, sources, reloads, address);
        let (over, is_over) = oneshot::channel();
        Some(Self { over, served: tokio::spawn(admin::serve(listener, admin, is_over.map(drop))) })
    }

    /// Returns when what was under way is answered, or in a moment.
    pub(super) async fn end(self) {
        drop(self.over);
        let _ = timeout(LAST_ANSWERS, self.served).await;
    }
}
