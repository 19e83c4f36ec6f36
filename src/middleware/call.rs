//! What is known about a request while it passes through: made first, read by the log last.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::client_ip::{Client, ClientIp};
use super::problem::Problem;
use super::{request_id, request_log};
use crate::limits::{Bucket, Draws, Limiter, Moment, Price, Refusal, Standing};
use crate::service::caller::Origin;
use crate::telemetry;

/// Through which door a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Rest,
    GraphQl,
}

impl Door {
    fn of(path: &str) -> Self {
        if path == "/graphql" || path.starts_with("/graphql/") { Self::GraphQl } else { Self::Rest }
    }

    /// Its name in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::GraphQl => "graphql",
        }
    }
}

/// One request, from its first layer to its log line.
#[derive(Debug)]
pub struct Call {
    pub request_id: HeaderValue,
    pub door: Door,
    pub client: Client,
    record: Mutex<Record>,
    draws: Mutex<Draws>,
    /// When the request came, for all that it draws. Not set where its body may be long on its way: who waits for that
    /// has more to draw from at the end.
    pub(super) came: OnceLock<Moment>,
}

/// What layers and handlers note for the log and the headers.
#[derive(Debug, Default, Clone)]
pub struct Record {
    /// Who asks; not set for an anonymous caller.
    pub actor: Option<String>,
    /// The verb of the hall.
    pub action: Option<&'static str>,
    pub film_id: Option<i64>,
    /// The code of the refusal; `ok` where there is none.
    pub outcome: Option<&'static str>,
    /// Name of the GraphQL operation.
    pub operation: Option<String>,
    /// Root fields of the GraphQL operation.
    pub root_fields: Option<String>,
}

impl Call {
    /// A call for one operation over this one's connection, with a record of its own.
    #[must_use]
    pub fn operation(&self, limiter: &Limiter) -> Self {
        let record = Record { actor: self.record().actor.clone(), ..Record::default() };
        let mut draws = Draws::of(self.client.key);
        // Drawn by its message.
        draws.charged.add(Bucket::Flood, u32::from(limiter.is_enabled()));
        Self {
            request_id: self.request_id.clone(),
            door: self.door,
            client: self.client,
            record: Mutex::new(record),
            draws: Mutex::new(draws),
            came: OnceLock::new(),
        }
    }

    /// Draws the price for this call's client; how they stand is noted for the headers.
    ///
    /// # Errors
    /// The refusal, ready to be answered; nothing was drawn then.
    pub fn charge(&self, limiter: &Limiter, price: Price) -> Result<(), Problem> {
        let drawn = limiter.draw(&mut self.draws(), &price, self.now(limiter));
        drawn.map_err(|refusal| self.refuse(&refusal))
    }

    /// The limiter's refusal, ready to be answered.
    pub(super) fn refuse(&self, refusal: &Refusal<'_>) -> Problem {
        Problem::of_refusal(refusal, self.client.is_local)
    }

    /// How this call's client stands in every window.
    #[must_use]
    pub fn standings<'limiter>(&self, limiter: &'limiter Limiter) -> Vec<Standing<'limiter>> {
        limiter.look(&self.draws(), self.now(limiter))
    }

    /// What this call has drawn so far; held for a moment only.
    pub fn draws(&self) -> MutexGuard<'_, Draws> {
        self.draws.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self, limiter: &Limiter) -> Moment {
        self.came.get().copied().unwrap_or_else(|| limiter.now())
    }

    /// Names what the call does, for the log.
    pub fn acts(&self, action: &'static str) {
        self.record().action = Some(action);
    }

    /// What has been noted so far; held for a moment only.
    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Origin for Call {
    fn client(&self) -> IpAddr {
        self.client.address
    }

    fn network(&self) -> IpAddr {
        self.client.key.address()
    }

    fn door(&self) -> &'static str {
        self.door.name()
    }

    fn request_id(&self) -> String {
        self.request_id.to_str().unwrap_or_default().to_owned()
    }
}

/// The outermost layer: request id, client, log.
pub async fn enter(State(client_ip): State<Arc<ClientIp>>, mut request: Request, next: Next) -> Response {
    // A missing peer is nobody: never loopback, never a trusted proxy.
    let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(nobody, |info| info.0);
    let client = client_ip.resolve(peer, request.headers());
    let call = Arc::new(Call {
        request_id: request_id::read(request.headers()),
        door: Door::of(request.uri().path()),
        client,
        record: Mutex::default(),
        draws: Mutex::new(Draws::of(client.key)),
        came: OnceLock::new(),
    });
    if !request.uri().path().starts_with("/health/") {
        client_ip.traffic().note(call.client.key);
    }
    request.extensions_mut().insert(Arc::clone(&call));
    let log = request_log::Line::begin(&request, Arc::clone(&call));
    let mut response = telemetry::within(call.request_id.clone(), next.run(request)).await;
    response.headers_mut().insert(request_id::HEADER, call.request_id.clone());
    log.finish(response.status());
    response
}

/// A handler's access to its call.
#[derive(Debug, Clone)]
pub struct CurrentCall(pub Arc<Call>);

impl<S: Sync> FromRequestParts<S> for CurrentCall {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Arc<Call>>().cloned().map(Self).ok_or_else(Problem::internal)
    }
}
