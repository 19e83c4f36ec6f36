//! What is read when somebody asks for the metrics, and costs nothing until then.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::runtime::Handle;

use crate::front::traffic::Traffic;
use crate::http::overload::Overload;
use crate::http::streams::Streams;
use crate::limits::{Limiter, Places};
use crate::metrics::{Metrics, table};
use crate::server::Drops;
use crate::service::FilmService;
use crate::service::films::service::{Pool, Sizes};
use crate::telemetry::RunningLog;

/// Outcomes of a reload.
pub const TAKEN_OVER: &str = "taken_over";
pub const REFUSED: &str = "refused";

/// Who knows how much there is of what.
pub struct Sources {
    pub service: Arc<FilmService>,
    /// The one that there is now.
    pub limiter: Arc<ArcSwap<Limiter>>,
    pub traffic: Arc<Traffic>,
    pub streams: Arc<Streams>,
    pub overload: Arc<Overload>,
    /// Bytes of bodies on their way.
    pub bodies: Arc<Places>,
    pub drops: Arc<Drops>,
    /// Of connections.
    pub places: Arc<Places>,
    pub log: RunningLog,
    /// Where limits are kept: `memory`, `redis`, or `off`.
    pub storage: &'static str,
}

impl Sources {
    /// Puts all of it into the metrics.
    pub fn observe(&self, metrics: &Metrics) {
        let set =
            |metric, labels: &[&'static str], value: usize| metrics.gauge(metric, labels).set(number(value));
        let count =
            |metric, labels: &[&'static str], value: u64| metrics.counter(metric, labels).absolute(value);
        let database = if self.service.shares_database() { "postgres" } else { "sqlite" };
        set(table::BUILD_INFO, &[env!("BUILD_VERSION"), database, self.storage], 1);

        set(table::CONNECTIONS, &[], self.places.count());
        self.drops.counts().for_each(|(cause, dropped)| count(table::DROPPED, &[cause], dropped));
        set(table::REQUESTS_IN_WORK, &[], self.overload.in_work());
        set(table::BODIES, &[], self.bodies.count());
        self.streams.open().for_each(|(kind, open)| set(table::STREAMS, &[kind], open));
        let forwarded = self.traffic.seen().forwarded_untrusted;
        count(table::UNTRUSTED_FORWARDING, &[], forwarded);

        let limiter = self.limiter.load();
        set(table::LIMITER_CLIENTS, &[], limiter.len());
        set(table::SERVERS, &[], limiter.servers() as usize);
        if let Some(shared) = limiter.shared() {
            set(table::REDIS_UP, &[], shared.is_up().into());
        }

        let Sizes { films, bytes, is_whole, votes_waiting, pools } = self.service.sizes();
        set(table::FILMS, &[], films);
        set(table::READ_MODEL_BYTES, &[], bytes);
        set(table::READ_MODEL_IS_WHOLE, &[], is_whole.into());
        set(table::VOTES_WAITING, &[], votes_waiting);
        for Pool { name, in_use, idle, most } in pools {
            set(table::POOL, &[name, "in_use"], in_use);
            set(table::POOL, &[name, "idle"], idle);
            set(table::POOL_MOST, &[name], most);
        }
        set(table::WRITES_FAIL, &[], self.service.writes_fail().into());

        count(table::LOG_LINES_LOST, &[], self.log.lost_lines() as u64);
        set(table::LOG_WAITING, &[], self.log.waiting_bytes());
        // There from the beginning, so that the first one is seen.
        for outcome in [TAKEN_OVER, REFUSED] {
            count(table::RELOADS, &[outcome], 0);
        }
        set(table::TASKS, &[], Handle::current().metrics().num_alive_tasks());
    }
}

#[expect(clippy::cast_precision_loss, reason = "what is counted here ends far below 2^53")]
fn number(count: usize) -> f64 {
    count as f64
}
