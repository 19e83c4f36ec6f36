//! What is known about a request while it passes through: made first, read by the log last.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use serde_json::json;

use crate::http::accept::{GraphQlMediaType, graphql_media_type};
use crate::http::json::text;
use crate::http::origins::Origins;
use crate::http::problem::Problem;
use crate::limits::{
    Bucket, Budget, ClientKey, Drawing, Draws, Fields, Limiter, Moment, Price, Refusal, Standing,
};
use crate::service::audit::Refusals;
use crate::service::caller::{Caller, Origin};

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
    /// That of when it came, whatever is taken over meanwhile; likewise the pages whose calls are trusted. A WebSocket has that of its
    /// handshake, from which nothing is drawn: its operations have the one of then.
    pub limiter: Arc<Limiter>,
    pub origins: Arc<Origins>,
    record: Mutex<Record>,
    /// From the budget of the address.
    draws: Mutex<Draws>,
    /// From that of who has signed in, where they have one.
    signed_in: OnceLock<Box<Mutex<Draws>>>,
    /// When the request came, for all that it draws. Not set where its body may be long on its way: who waits for that
    /// has more to draw from at the end.
    came: Option<Moment>,
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
}

impl Context {
    /// A request of which nothing is noted yet.
    #[must_use]
    pub fn new(
        request_id: HeaderValue,
        surface: Surface,
        client: Client,
        limiter: Arc<Limiter>,
        origins: Arc<Origins>,
        came: Option<Moment>,
    ) -> Self {
        Self {
            request_id,
            surface,
            client,
            limiter,
            origins,
            record: Mutex::default(),
            draws: Mutex::new(Draws::of(client.key)),
            signed_in: OnceLock::new(),
            came,
        }
    }

    /// A call for one operation over this one's connection, with a record of its own. `limiter`: the one that there is now.
    #[must_use]
    pub fn operation(&self, limiter: Arc<Limiter>) -> Self {
        let (request_id, origins) = (self.request_id.clone(), Arc::clone(&self.origins));
        let operation = Self::new(request_id, self.surface, self.client, limiter, origins, None);
        operation.record().actor.clone_from(&self.record().actor);
        // Drawn by its message.
        operation.draws().charged.add(Bucket::Flood, u32::from(operation.limiter.is_enabled()));
        operation
    }

    /// From now on the call is paid for from this budget, but for `flood`: who asks is known, and it is theirs.
    pub fn draw_from(&self, budget: Budget) {
        // Over a socket it is found out again and again, for the same one.
        let _ = self.signed_in.set(Box::new(Mutex::new(Draws::of(budget))));
    }

    /// Draws the price of this call, from who has signed in where they have a budget; how they stand is noted for the
    /// headers.
    ///
    /// # Errors
    /// The refusal, ready to be answered; nothing was drawn then.
    pub async fn charge(&self, price: Price) -> Result<(), Problem> {
        let Some(signed_in) = self.signed_in.get() else {
            return self.charge_address(price).await;
        };
        let (flood, rest) = (price.from(Bucket::Flood), price.without(Bucket::Flood));
        if flood > 0 {
            // Of two budgets. Another one may come in between: then the flood of a refused request stays drawn.
            self.decide(signed_in, rest, Drawing::Ahead).await?;
            self.charge_flood(flood)?;
        }
        self.decide(signed_in, rest, Drawing::Real).await
    }

    /// The same from the address, whoever asks.
    ///
    /// # Errors
    /// The refusal, ready to be answered; nothing was drawn then.
    pub async fn charge_address(&self, price: Price) -> Result<(), Problem> {
        self.decide(&self.draws, price, Drawing::Real).await
    }

    /// Tells whether the price would pass, and draws nothing.
    ///
    /// # Errors
    /// What refuses it.
    pub async fn check(&self, price: Price) -> Result<(), Problem> {
        let Some(signed_in) = self.signed_in.get() else {
            return self.decide(&self.draws, price, Drawing::Dry).await;
        };
        let flood = Price::of(Bucket::Flood, price.from(Bucket::Flood));
        self.decide(&self.draws, flood, Drawing::Dry).await?;
        self.decide(signed_in, price.without(Bucket::Flood), Drawing::Dry).await
    }

    async fn decide(&self, draws: &Mutex<Draws>, price: Price, drawing: Drawing) -> Result<(), Problem> {
        if !self.limiter.is_enabled() {
            return Ok(());
        }
        let (limiter, now) = (&self.limiter, self.now());
        let told = if limiter.counts_together() {
            let (budget, charged) = {
                let draws = held(draws);
                (draws.budget().clone(), draws.charged)
            };
            limiter.ask(&budget, &charged, &price, drawing, now).await
        } else {
            None
        };
        let decided = limiter.decide(&mut held(draws), &price, now, drawing, told.as_deref());
        decided.map_err(|refusal| self.refuse(&refusal))
    }

    /// The same for so much of `flood`, which each server counts by itself.
    ///
    /// # Errors
    /// As for [`Context::charge`].
    pub fn charge_flood(&self, amount: u32) -> Result<(), Problem> {
        if !self.limiter.is_enabled() {
            return Ok(());
        }
        let flood = Price::of(Bucket::Flood, amount);
        let drawn = self.limiter.draw(&mut self.draws(), &flood, self.now());
        drawn.map_err(|refusal| self.refuse(&refusal))
    }

    /// The limiter's refusal, ready to be answered.
    pub(crate) fn refuse(&self, refusal: &Refusal) -> Problem {
        Problem::of_refusal(refusal, self.client.is_local)
    }

    /// Tells the audit of a refusal that is answered.
    pub fn note(&self, problem: &Problem, refusals: &Refusals) {
        let actor = self.record().actor.clone();
        problem.note(refusals, actor.as_deref(), self);
    }

    /// The body of a refusal, in the form of this request's surface, and the type of that.
    #[must_use]
    pub fn render(&self, problem: &Problem, accept: &HeaderMap) -> (HeaderValue, Vec<u8>) {
        match self.surface {
            Surface::Rest => {
                let request_id = self.request_id.to_str().unwrap_or_default();
                let mut details = problem.details(request_id);
                details.push('\n');
                (HeaderValue::from_static("application/problem+json"), details.into_bytes())
            }
            Surface::GraphQl => {
                let media_type = graphql_media_type(accept).unwrap_or(GraphQlMediaType::Json);
                (media_type.content_type(), text(&json!({ "errors": [problem.graphql_error()] })))
            }
        }
    }

    /// How who asks stands in every window that counts for them.
    pub async fn standings(&self) -> Vec<Standing> {
        let (limiter, now) = (&self.limiter, self.now());
        let Some(signed_in) = self.signed_in.get() else { return limiter.look(self.client.key, now).await };
        let budget = held(signed_in).budget().clone();
        let mut standings = limiter.look(budget, now).await;
        standings.extend(limiter.look_at_flood(self.client.key, now));
        standings
    }

    /// What this call has drawn from its address so far; held for a moment only.
    pub fn draws(&self) -> MutexGuard<'_, Draws> {
        held(&self.draws)
    }

    /// All that this call has drawn so far.
    pub fn charged(&self) -> Price {
        let mut charged = self.draws().charged;
        if let Some(signed_in) = self.signed_in.get() {
            charged += held(signed_in).charged;
        }
        charged
    }

    /// What its answer tells of that.
    #[must_use]
    pub fn fields(&self) -> Option<Fields> {
        let signed_in = self.signed_in.get().map(|draws| held(draws));
        self.limiter.fields(&self.draws(), signed_in.as_deref())
    }

    pub(crate) fn now(&self) -> Moment {
        self.came.unwrap_or_else(|| self.limiter.now())
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

fn held(draws: &Mutex<Draws>) -> MutexGuard<'_, Draws> {
    draws.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Who makes a call, as `front` hands it to a handler. It is taken, not copied: nobody else asks for it.
#[derive(Debug, Clone)]
pub struct Asker {
    pub context: Arc<Context>,
    pub caller: Caller,
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.remove().ok_or_else(Problem::internal)
    }
}

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    pub key: ClientKey,
    /// On this machine, by its name, with no sign of a proxy in between.
    pub is_local: bool,
}
