//! What is known about a request while it passes through: made first, read by the log last.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::request::Parts;

use crate::http::client::Client;
use crate::http::problem::Problem;
use crate::limits::{Bucket, Limiter, Price, Refusal, Standing};
use crate::service::caller::Origin;

/// Through which surface a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    Rest,
    GraphQl,
}

impl Surface {
    /// By the path of a request.
    #[must_use]
    pub fn of(path: &str) -> Self {
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
pub struct Context {
    pub request_id: HeaderValue,
    pub surface: Surface,
    pub client: Client,
    record: Mutex<Record>,
}

/// What layers and handlers note for the log and the headers.
#[derive(Debug, Default, Clone)]
pub struct Record {
    /// Who asks; not set for an anonymous caller.
    pub actor: Option<String>,
    /// The verb of the service.
    pub action: Option<&'static str>,
    pub film_id: Option<i64>,
    /// The code of the refusal; `ok` where there is none.
    pub outcome: Option<&'static str>,
    /// Name of the GraphQL operation.
    pub operation: Option<String>,
    /// Root fields of the GraphQL operation.
    pub root_fields: Option<String>,
    /// What was drawn.
    pub charged: Price,
    /// How the client stands in every window that applied.
    pub standings: Vec<Standing>,
}

impl Context {
    /// A request of which nothing is noted yet.
    #[must_use]
    pub fn new(request_id: HeaderValue, surface: Surface, client: Client) -> Self {
        Self { request_id, surface, client, record: Mutex::default() }
    }

    /// A call for one operation over this one's connection, with a record of its own.
    #[must_use]
    pub fn operation(&self, limiter: &Limiter) -> Self {
        let mut record = Record { actor: self.record().actor.clone(), ..Record::default() };
        // Drawn by its message.
        record.charged.add(Bucket::Flood, u32::from(limiter.is_enabled()));
        Self {
            request_id: self.request_id.clone(),
            surface: self.surface,
            client: self.client,
            record: Mutex::new(record),
        }
    }

    /// Draws the price for this call's client and keeps the standings for the headers.
    ///
    /// # Errors
    /// The refusal, ready to be answered; nothing was drawn then.
    pub fn charge(&self, limiter: &Limiter, price: Price) -> Result<(), Problem> {
        match limiter.charge(self.client.key, &price) {
            Ok(standings) => {
                let mut record = self.record();
                if limiter.is_enabled() {
                    record.charged += price;
                }
                record.standings.extend(standings);
                Ok(())
            }
            Err(refusal) => Err(self.refuse(refusal)),
        }
    }

    /// The limiter's refusal, ready to be answered; its standings are kept for the headers.
    pub(super) fn refuse(&self, refusal: Refusal) -> Problem {
        let problem = Problem::of_refusal(&refusal, self.client.is_local);
        let retry_after = refusal.retry_after();
        let mut record = self.record();
        record.standings.extend(refusal.into_standings());
        // Flood was drawn from before; it gives this call nothing more either until the refusal has passed.
        for standing in &mut record.standings {
            standing.reset = standing.reset.map(|reset| reset.max(retry_after));
        }
        problem
    }

    /// Names what the call does, for the log.
    pub fn set_action(&self, action: &'static str) {
        self.record().action = Some(action);
    }

    /// What has been noted so far; held for a moment only.
    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Origin for Context {
    fn client(&self) -> IpAddr {
        self.client.address
    }

    fn network(&self) -> IpAddr {
        self.client.key.address()
    }

    fn surface(&self) -> &'static str {
        self.surface.name()
    }

    fn request_id(&self) -> String {
        self.request_id.to_str().unwrap_or_default().to_owned()
    }
}

/// A handler's access to its call.
#[derive(Debug, Clone)]
pub struct CurrentContext(pub Arc<Context>);

impl<S: Sync> FromRequestParts<S> for CurrentContext {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Arc<Context>>().cloned().map(Self).ok_or_else(Problem::internal)
    }
}
