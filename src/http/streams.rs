//! Places for what stays open: sockets and event streams, of both surfaces together.
//!
//! They hold no place among the requests in work, or a few patient readers would shut everybody out; so they are counted
//! for themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;

use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::lifecycle::Lifecycle;
use crate::limits::ClientKey;

/// Seconds after which a client may try again: nobody knows when a stream ends.
const COME_AGAIN: u64 = 10;

/// Counts streams.
pub struct Streams {
    most: usize,
    most_per_client: usize,
    ping_interval: Duration,
    lifecycle: Lifecycle,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_client: HashMap<ClientKey, usize>,
}

/// The right to stay, given back when it is dropped.
pub struct Place {
    streams: Arc<Streams>,
    client: ClientKey,
}

impl Streams {
    /// At most so many at once, in all and of one client.
    #[must_use]
    pub fn new(most: usize, most_per_client: usize, ping_interval: Duration, lifecycle: Lifecycle) -> Self {
        Self { most, most_per_client, ping_interval, lifecycle, open: Mutex::default() }
    }

    /// A place for this call's client. To be asked before a price is drawn: a refusal costs nothing.
    ///
    /// # Errors
    /// 503 when all places are taken or a stop has begun, 429 when this client has all of his.
    pub fn admit(self: &Arc<Self>, context: &Context) -> Result<Place, Problem> {
        if self.lifecycle.is_draining() {
            return Err(Problem::unavailable("This server is about to stop; please connect again."));
        }
        let client = context.client.key;
        let mut open = self.open();
        if open.all >= self.most {
            let detail = format!("{} streams are open here, and there are no more.", self.most);
            return Err(Problem::unavailable(detail).with_retry_after(COME_AGAIN));
        }
        let of_client = open.by_client.entry(client).or_default();
        if *of_client >= self.most_per_client {
            let detail = format!(
                "You have {} streams open, and there are no more for one client; close one first.",
                self.most_per_client
            );
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail);
            return Err(problem.with_retry_after(COME_AGAIN));
        }
        *of_client += 1;
        open.all += 1;
        drop(open);
        Ok(Place { streams: Arc::clone(self), client })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        open.all -= 1;
        if let Some(of_client) = open.by_client.get_mut(&self.client) {
            *of_client -= 1;
            if *of_client == 0 {
                // Nobody who has gone is remembered.
                open.by_client.remove(&self.client);
            }
        }
    }
}
