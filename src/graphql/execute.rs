//! One operation on its way: it is prepared, priced and admitted, and only then the service is asked. The same way for
//! every transport.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::http::{HeaderValue, StatusCode, header};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

use crate::admission::{Charges, admit_all, check_all};
use crate::graphql::document::{Prepared, Refused, Root};
use crate::graphql::error;
use crate::graphql::fault::{Fault, VALIDATION_FAILED};
use crate::graphql::price::{Cost, ONE_PASSWORD, price};
use crate::graphql::request::Asked;
use crate::graphql::response::{Answer, REPLAYED, code};
use crate::graphql::schema::request_state::RequestState;
use crate::graphql::state::GraphQl;
use crate::graphql::subscription_size;
use crate::http::context::Context;
use crate::http::idempotency::Replayed;
use crate::http::json::canonical;
use crate::http::problem::Problem;
use crate::service::Error;
use crate::service::accounts::Waiting;
use crate::service::caller::{Caller, Identity};
use crate::service::films::types::FilmId;
use crate::service::idempotency::once::Once;
use crate::service::read_model::topics::Feed;

/// The events of a subscription.
pub(super) type Events = BoxStream<'static, async_graphql::Response>;

/// Who brings an operation.
pub(super) struct Executor<'a> {
    pub graphql: &'a GraphQl,
    pub context: &'a Arc<Context>,
    pub caller: &'a Caller,
}

/// An operation that is valid and priced.
pub(super) struct Ready {
    prepared: Prepared,
    cost: Cost,
    price_only: bool,
    /// For a mutation under a key.
    once: Option<Once>,
}

impl Ready {
    /// Whether it goes on. Its price alone is told at once.
    pub(super) fn is_subscription(&self) -> bool {
        self.prepared.kind == OperationType::Subscription && !self.price_only
    }
}

/// The name in the log of a request that asks for its price alone.
const PRICE_ONLY: &str = "price_only";

impl Executor<'_> {
    /// Everything that can be told before the price. `is_safe`: changes are refused.
    pub(super) fn prepare(&self, asked: &Asked, is_safe: bool) -> Result<Result<Ready, Vec<Fault>>, Problem> {
        let Asked { query, reference, operation_name, variables, price_only, idempotency_key } = asked;
        let GraphQl { limits, documents, .. } = self.graphql;
        let found = documents.find(query.as_deref(), reference.as_ref()).and_then(|document| {
            let prepared = documents.prepare(&document, operation_name.as_deref(), variables)?;
            Ok((document, prepared))
        });
        let (document, prepared) = match found {
            Ok(found) => found,
            Err(Refused::TooLarge(problem)) => return Err(*problem),
            Err(Refused::Invalid(faults)) => return Ok(Err(faults)),
        };
        if is_safe && prepared.kind == OperationType::Mutation {
            return Err(Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "GET and QUERY are for queries; send mutations by POST.",
            )
            .with_header(header::ALLOW, HeaderValue::from_static("POST")));
        }
        if prepared.kind == OperationType::Subscription {
            subscription_size::check(document.text(), variables, &prepared, limits)?;
        }
        let cost = match price(&prepared, limits.max_errors, None) {
            Ok(cost) => cost,
            Err(faults) => return Ok(Err(faults)),
        };
        let key = idempotency_key.as_ref().filter(|_| prepared.kind == OperationType::Mutation);
        let once = key.map(|key| {
            let variables = canonical(variables);
            let name = prepared.name.as_deref().unwrap_or_default();
            Once::new(
                &self.caller.key_owner(),
                key,
                &[document.text().as_bytes(), name.as_bytes(), &variables],
            )
        });
        let ready = Ready { prepared, cost, price_only: *price_only, once };
        self.note(&ready);
        Ok(Ok(ready))
    }

    /// Whether its answer holds nothing but what everybody may know: a query of somebody who has not signed in. A mutation
    /// may give a secret.
    pub(super) fn is_open(&self, ready: &Ready) -> bool {
        self.caller.identity == Identity::Anonymous && ready.prepared.kind == OperationType::Query
    }

    /// Admits a query or a mutation, and runs it; or tells its price.
    pub(super) async fn run(&self, mut ready: Ready) -> Result<Answer, Problem> {
        let begun = self.begin_once(&mut ready).await;
        if ready.price_only {
            let charges = &ready.cost.charges;
            let refusal = self.check(charges, begun.err()).await?;
            return Ok(Answer::priced(&charges.price, refusal.as_ref()));
        }
        begun?;
        let _waiting = self.admit(&ready.cost.charges).await?;
        Ok(self.execute(ready).await)
    }

    /// Under a key, what was made of it before costs nothing more.
    async fn begin_once(&self, ready: &mut Ready) -> Result<(), Problem> {
        let Some(once) = &mut ready.once else { return Ok(()) };
        // Boxed, so that who has no key does not hold the room of a look-up.
        Box::pin(self.graphql.service.begin_once(once)).await?;
        // Ids were found to be such before.
        let most = self.graphql.limits.max_errors;
        if let Ok(cost) = price(&ready.prepared, most, Some(once)) {
            ready.cost = cost;
        }
        Ok(())
    }

    /// Several requests in one: each is a call more that was sent, and all are read before the sum of those that are
    /// valid is drawn; then they run one after the other. With the answers it is told whether all of them are open.
    pub(super) async fn run_batch(
        &self,
        batched: Vec<Asked>,
        is_safe: bool,
    ) -> Result<(Vec<Answer>, bool), Problem> {
        let price_only = batched.iter().filter(|asked| asked.price_only).count();
        if price_only > 0 && price_only < batched.len() {
            return Err(Problem::bad_request(
                "In a batch, all requests have extensions.priceOnly, or none has.",
            ));
        }
        let mut keys = BTreeSet::new();
        let mut given = batched.iter().filter_map(|asked| asked.idempotency_key.as_ref());
        if let Some(twice) = given.find(|key| !keys.insert(*key)) {
            let detail =
                format!("The idempotency key {twice} stands twice in this batch: each request has its own.");
            return Err(Problem::bad_request(detail));
        }
        let others = u32::try_from(batched.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.context.charge_flood(others)?;
        let mut requests = Vec::with_capacity(batched.len());
        let (mut sum, mut refused) = (Charges::default(), None);
        for asked in batched {
            let mut request = self.prepare(&asked, is_safe)?;
            match &request {
                Ok(ready) if ready.is_subscription() => request = Err(vec![needs_stream()]),
                _ => {}
            }
            if let Ok(ready) = &mut request {
                match self.begin_once(ready).await {
                    Err(problem) if ready.price_only => refused = refused.or(Some(problem)),
                    begun => begun?,
                }
                sum += ready.cost.charges.clone();
            }
            requests.push(request);
        }
        if sum.passwords > 1 {
            let detail = format!("{ONE_PASSWORD} This is a batch with {} of them.", sum.passwords);
            return Err(Problem::new(StatusCode::BAD_REQUEST, VALIDATION_FAILED, detail));
        }
        let (refusal, _waiting) = if price_only > 0 {
            (self.check(&sum, refused).await?, None)
        } else {
            (None, self.admit(&sum).await?)
        };
        let is_open = requests.iter().flatten().all(|ready| self.is_open(ready));
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(match request {
                Err(faults) => Answer::Failed(faults),
                // It passes when the whole batch does.
                Ok(ready) if ready.price_only => Answer::priced(&ready.cost.charges.price, refusal.as_ref()),
                Ok(ready) => self.execute(ready).await,
            });
        }
        Ok((answers, is_open))
    }

    /// Begins a subscription: when this returns, it is paid for and hears of every commit to come. async-graphql would
    /// begin it only when the first event is asked for. The answer in the place of events says why there are none.
    pub(super) async fn subscribe(&self, ready: Ready) -> Result<Result<Events, Answer>, Problem> {
        self.admit(&ready.cost.charges).await?;
        let feed = match self.feed(&ready).await {
            Ok(feed) => feed,
            Err(failure) => return Ok(Err(Answer::Failed(vec![error::not_begun(failure, &ready.prepared)]))),
        };
        let roots = Arc::clone(&ready.prepared.roots);
        let events =
            self.graphql.schema.execute_stream(self.request(self.caller.clone(), ready.prepared, Some(feed)));
        Ok(Ok(events.map(move |event| error::publish(event, &roots)).boxed()))
    }

    /// What the one root field of a subscription asks to hear.
    async fn feed(&self, ready: &Ready) -> Result<Feed, Error> {
        let service = &self.graphql.service;
        match (ready.cost.operation.map(|operation| operation.name), ready.cost.film_id) {
            (Some("film_voted"), Some(id)) => service.film_voted(self.caller, FilmId(id)).await,
            (Some("film_added"), _) => service.film_added(self.caller),
            _ => Err(Error::internal("a subscription that nobody knows")),
        }
    }

    async fn execute(&self, ready: Ready) -> Answer {
        let roots = Arc::clone(&ready.prepared.roots);
        let is_made = ready.once.as_ref().is_some_and(|once| {
            let changes = |root: &&Root| root.operation.is_some_and(|operation| operation.changes);
            let mut changes = ready.prepared.roots.iter().filter(changes).peekable();
            changes.peek().is_some() && changes.all(|root| once.part(&root.key).made().is_some())
        });
        let caller = ready.once.map_or_else(|| self.caller.clone(), |once| self.caller.once(once));
        let response = self.graphql.schema.execute(self.request(caller, ready.prepared, None)).await;
        let response = error::publish(response, &roots);
        let is_told = response.errors.iter().all(|error| Replayed(is_made).refused(code(error)).0);
        Answer::Ran(if is_made && is_told { response.extension(REPLAYED, true.into()) } else { response })
    }

    fn request(&self, caller: Caller, prepared: Prepared, feed: Option<Feed>) -> async_graphql::Request {
        let graphql = self.graphql;
        let state = RequestState::new(Arc::clone(&graphql.service), caller, Arc::clone(self.context), feed);
        let mut request = async_graphql::Request::new("").data(state);
        request.set_parsed_query(Arc::unwrap_or_clone(prepared.document));
        request
    }

    /// Asks the policy for all, then draws the whole price. What tries a password has a place while this is kept.
    async fn admit(&self, charges: &Charges) -> Result<Option<Waiting>, Problem> {
        admit_all(self.context, self.caller, self.graphql.service.accounts(), charges).await
    }

    /// What would refuse it now, beside what has `refused` its key; nothing is drawn.
    async fn check(&self, charges: &Charges, refused: Option<Problem>) -> Result<Option<Problem>, Problem> {
        if charges.passwords > 0 {
            let detail = "What tries a password (signIn, changePassword) has no price to ask for: send it without \
                          extensions.priceOnly.";
            return Err(Problem::bad_request(detail));
        }
        if refused.is_some() {
            return Ok(refused);
        }
        Ok(check_all(self.context, self.caller, charges).await.err())
    }

    fn note(&self, ready: &Ready) {
        let mut record = self.context.record();
        if ready.price_only {
            record.action = Some(PRICE_ONLY);
            return;
        }
        if record.operation.is_none() {
            record.operation = ready.prepared.name.as_ref().map(ToString::to_string);
        }
        record.action = record.action.or(ready.cost.operation.map(|operation| operation.name));
        record.film_id = record.film_id.or(ready.cost.film_id);
        let fields = record.root_fields.get_or_insert_default();
        for (_, field) in ready.prepared.fields() {
            if !fields.is_empty() {
                fields.push(',');
            }
            fields.push_str(field.name.node.as_str());
        }
    }
}

/// For a subscription that came without an event stream to answer on.
pub(super) fn needs_stream() -> Fault {
    Fault::new(
        VALIDATION_FAILED,
        "A subscription needs a way to send events: a WebSocket to this address (graphql-transport-ws), or an event \
         stream (send the header Accept: text/event-stream).",
    )
}
