//! Places for what stays open: sockets and event streams, of both surfaces together.
//!
//! They hold no place among the requests in work, or a few patient readers would shut everybody out; so they are counted
//! for themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use strum::{EnumCount, IntoStaticStr, VariantArray};

use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::lifecycle::Lifecycle;
use crate::limits::{self, Full, Places};

/// Seconds after which a client may try again: nobody knows when a stream ends.
const COME_AGAIN: u64 = 10;

/// What stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// A WebSocket.
    Socket,
    /// An event stream.
    Events,
}

/// Counts streams.
pub struct Streams {
    most: usize,
    most_per_client: usize,
    places: Arc<Places>,
    open: [AtomicUsize; Kind::COUNT],
    ping_interval: Duration,
    lifecycle: Lifecycle,
}

/// The right to stay, given back when it is dropped.
pub struct Place {
    streams: Arc<Streams>,
    kind: Kind,
    _place: limits::Place,
}

impl Streams {
    /// At most so many at once, in all and of one client.
    #[must_use]
    pub fn new(most: usize, most_per_client: usize, ping_interval: Duration, lifecycle: Lifecycle) -> Self {
        let places = Arc::new(Places::new(most, most_per_client));
        Self { most, most_per_client, places, open: Default::default(), ping_interval, lifecycle }
    }

    /// A place for this request's client. To be asked before a price is drawn: a refusal costs nothing.
    ///
    /// # Errors
    /// 503 when all places are taken or a stop has begun, 429 when this client has all of theirs.
    pub fn admit(self: &Arc<Self>, context: &Context, kind: Kind) -> Result<Place, Problem> {
        if self.lifecycle.is_draining() {
            return Err(Problem::unavailable("This server is about to stop; please connect again."));
        }
        match self.places.take(Some(context.client.key)) {
            Ok(place) => {
                self.open[kind as usize].fetch_add(1, Ordering::Relaxed);
                Ok(Place { streams: Arc::clone(self), kind, _place: place })
            }
            Err(Full::Total) => {
                let detail = format!("{} streams are open here, and there are no more.", self.most);
                Err(Problem::unavailable(detail).with_retry_after(COME_AGAIN))
            }
            Err(Full::Client) => {
                let detail = format!(
                    "You have {} streams open, and there are no more for one client; close one first.",
                    self.most_per_client
                );
                let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail);
                Err(problem.with_retry_after(COME_AGAIN))
            }
        }
    }
}

impl Streams {
    /// How many are open, by the name of their kind.
    pub fn open(&self) -> impl Iterator<Item = (&'static str, usize)> {
        Kind::VARIANTS.iter().zip(&self.open).map(|(kind, open)| (kind.into(), open.load(Ordering::Relaxed)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.streams.open[self.kind as usize].fetch_sub(1, Ordering::Relaxed);
    }
}

impl Place {
    /// Time between two signs of life.
    #[must_use]
    pub fn ping_interval(&self) -> Duration {
        self.streams.ping_interval
    }

    /// Returns when a stop has begun: then it is time to go, so that clients connect elsewhere.
    pub fn drained(&self) -> impl Future<Output = ()> + Send + use<> {
        self.streams.lifecycle.drained()
    }
}
