//! What the handlers of this surface stand on.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::config;
use crate::graphql::document::{Documents, Trusted};
use crate::graphql::schema::{Schema, build, sdl};
use crate::http::credential::Identities;
use crate::http::log_line::Observers;
use crate::http::overload::Overload;
use crate::http::streams::Streams;
use crate::limits::Limiter;
use crate::service::FilmService;

/// What the log calls a connection that becomes a WebSocket.
pub const WEBSOCKET: &str = "websocket";

/// What the handlers stand on.
pub struct GraphQl {
    pub(super) service: Arc<FilmService>,
    /// The one that there is now, for what lives longer than a request.
    pub(super) limiter: Arc<ArcSwap<Limiter>>,
    pub(super) limits: config::GraphQl,
    pub(super) identities: Arc<Identities>,
    pub(super) streams: Arc<Streams>,
    pub(super) overload: Arc<Overload>,
    pub(super) sockets: Sockets,
    pub(super) observers: Observers,
    pub(super) schema: Schema,
    pub(super) documents: Documents,
}

/// Limits of a WebSocket.
#[derive(Debug, Clone, Copy)]
pub struct Sockets {
    /// Bytes of a message.
    pub max_message: usize,
    /// Operations at once.
    pub max_operations: usize,
    /// Time for the first message.
    pub init: Duration,
    /// Time for the result of a query or a mutation.
    pub work: Duration,
}

impl GraphQl {
    /// Builds the schema.
    ///
    /// # Panics
    /// If the schema is none: it does not depend on the configuration, and every test builds it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the schema is our own")]
    #[expect(clippy::too_many_arguments, reason = "called once, by the composition root")]
    pub fn new(
        service: Arc<FilmService>,
        limiter: Arc<ArcSwap<Limiter>>,
        limits: config::GraphQl,
        identities: Arc<Identities>,
        streams: Arc<Streams>,
        overload: Arc<Overload>,
        sockets: Sockets,
        observers: Observers,
        trusted: Trusted,
    ) -> Self {
        let schema = build(&limits);
        let documents = Documents::new(&sdl(), &limits, trusted).expect("our own schema");
        Self {
            service,
            limiter,
            limits,
            identities,
            streams,
            overload,
            sockets,
            observers,
            schema,
            documents,
        }
    }
}
