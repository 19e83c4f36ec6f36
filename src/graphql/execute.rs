//! One operation on its way: guard, parse, measure, validate, price, quota, and only then the service. The same way for
//! every transport.

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use axum::http::{HeaderValue, StatusCode, header};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

use crate::admission::Charges;
use crate::graphql::charge::{Admission, Admitting, Mode, Outcome};
use crate::graphql::coerce;
use crate::graphql::conflicts;
use crate::graphql::error;
use crate::graphql::guard;
use crate::graphql::measure;
use crate::graphql::parse;
use crate::graphql::price::{Cost, price};
use crate::graphql::request::{Asked, refused};
use crate::graphql::response::{Answer, Fault};
use crate::graphql::schema::request_state::RequestState;
use crate::graphql::state::GraphQl;
use crate::graphql::subscription_size;
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::problem::fields;
use crate::service::caller::Caller;
use crate::service::films::types::FilmId;
use crate::service::read_model::topics::Feed;
use crate::service::{Error, FieldFault};

/// The events of a subscription.
pub(super) type Events = BoxStream<'static, async_graphql::Response>;

/// Who brings an operation.
pub(super) struct Executor<'a> {
    pub graphql: &'a GraphQl,
    pub context: &'a Arc<Context>,
    pub caller: &'a Caller,
}

/// An operation that is parsed, measured and priced, but not validated.
#[derive(Clone)]
pub(super) struct Prepared {
    document: ExecutableDocument,
    operation_name: Option<String>,
    variables: Variables,
    cost: Cost,
    pub kind: OperationType,
}

impl Executor<'_> {
    /// Everything that can be told without the schema. `by_get`: changes are refused.
    pub(super) fn prepare(
        &self,
        asked: Asked,
        by_get: bool,
    ) -> Result<Result<Prepared, Vec<Fault>>, Problem> {
        let limits = &self.graphql.limits;
        guard::check_document(&asked.query, limits.max_nesting, limits.max_tokens)
            .map_err(|much| refused(much, limits))?;
        let document = match parse::parse(&asked.query) {
            Ok(document) => document,
            Err(fault) => return Ok(Err(vec![fault])),
        };
        measure::measure(&document, limits)?;
        if let Some(fault) = conflicts::find(&document) {
            return Ok(Err(vec![fault]));
        }
        let (operation_name, operation) = match parse::operation(&document, asked.operation_name.as_deref()) {
            Ok((name, operation, _)) => (name, operation),
            Err(fault) => return Ok(Err(vec![fault])),
        };
        if by_get && operation.ty == OperationType::Mutation {
            return Err(Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "GET is for queries; send mutations by POST.",
            )
            .with_header(header::ALLOW, HeaderValue::from_static("POST")));
        }
        let kind = operation.ty;
        if kind == OperationType::Subscription {
            subscription_size::check(&asked, limits)?;
        }
        let variables = match coerce::variables(operation, asked.variables) {
            Ok(variables) => variables,
            Err(faults) => return Ok(Err(faults)),
        };
        let cost = price(&document, operation, &variables);
        let faults = faults(&cost, kind);
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let prepared = Prepared { document, operation_name, variables, cost, kind };
        self.note(&prepared);
        Ok(Ok(prepared))
    }

    /// Runs a query or a mutation.
    pub(super) async fn run(&self, prepared: Prepared, mode: Mode) -> Result<Answer, Problem> {
        let (request, admission) = self.request(prepared, mode, None);
        let response = self.graphql.schema.execute(request).await;
        match admission.outcome() {
            Outcome::Admitted => Ok(Answer::Ran(response)),
            Outcome::Refused(problem) => Err(*problem),
            Outcome::Invalid => {
                Ok(Answer::Failed(response.errors.into_iter().map(Fault::of_validation).collect()))
            }
        }
    }

    /// Several requests in one: all are validated before the sum of those that are valid is drawn; then they run one
    /// after the other.
    pub(super) async fn run_batch(&self, batched: Vec<Asked>) -> Result<Vec<Answer>, Problem> {
        let mut requests = Vec::with_capacity(batched.len());
        let mut sum = Charges::default();
        for asked in batched {
            let mut request = self.prepare(asked, false)?;
            if let Ok(prepared) = &request {
                if prepared.kind == OperationType::Subscription {
                    request = Err(vec![needs_stream()]);
                } else {
                    match self.run(prepared.clone(), Mode::ValidateOnly).await? {
                        Answer::Failed(faults) => request = Err(faults),
                        Answer::Ran(_) => {
                            sum += prepared.cost.charges.clone();
                        }
                    }
                }
            }
            requests.push(request);
        }
        if sum.passwords > 1 {
            let detail = format!("{ONE_PASSWORD} This is a batch with {} of them.", sum.passwords);
            return Err(Problem::new(StatusCode::BAD_REQUEST, "GRAPHQL_VALIDATION_FAILED", detail));
        }
        self.admitting().admit(&sum).await?;
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(match request {
                Err(faults) => Answer::Failed(faults),
                Ok(prepared) => self.run(prepared, Mode::Drawn).await?,
            });
        }
        Ok(answers)
    }

    /// Begins a subscription: when this returns, it is paid for and hears of every commit to come. async-graphql would
    /// begin it only when the first event is asked for, and would ask for the price with every event. The answer in the
    /// place of events says why there are none.
    pub(super) async fn subscribe(&self, prepared: Prepared) -> Result<Result<Events, Answer>, Problem> {
        if let Answer::Failed(faults) = self.run(prepared.clone(), Mode::ValidateOnly).await? {
            return Ok(Err(Answer::Failed(faults)));
        }
        let cost = &prepared.cost;
        self.admitting().admit(&cost.charges).await?;
        let feed = match self.feed(cost).await {
            Ok(feed) => feed,
            Err(failure) => return Ok(Err(Answer::Ran(error::response(failure, cost)))),
        };
        let (request, _) = self.request(prepared, Mode::Drawn, Some(feed));
        Ok(Ok(self.graphql.schema.execute_stream(request).boxed()))
    }

    /// What the one root field of a subscription asks to hear.
    async fn feed(&self, cost: &Cost) -> Result<Feed, Error> {
        let service = &self.graphql.service;
        match (cost.operation, cost.film_id) {
            (Some("film_voted"), Some(id)) => service.film_voted(self.caller, FilmId(id)).await,
            (Some("film_added"), _) => service.film_added(self.caller),
            _ => Err(Error::internal("a subscription that nobody knows")),
        }
    }

    fn request(
        &self,
        prepared: Prepared,
        mode: Mode,
        feed: Option<Feed>,
    ) -> (async_graphql::Request, Arc<Admission>) {
        let Prepared { document, operation_name, variables, cost, .. } = prepared;
        let graphql = self.graphql;
        let admission = Arc::new(Admission::new(mode, self.admitting(), cost));
        let state = RequestState::new(
            Arc::clone(&graphql.service),
            Arc::clone(&graphql.limiter),
            self.caller.clone(),
            Arc::clone(self.context),
            feed,
        );
        let mut request =
            async_graphql::Request::new("").variables(variables).data(Arc::clone(&admission)).data(state);
        request.operation_name = operation_name;
        request.set_parsed_query(document);
        (request, admission)
    }

    fn admitting(&self) -> Admitting {
        Admitting {
            context: Arc::clone(self.context),
            caller: self.caller.clone(),
            service: Arc::clone(&self.graphql.service),
            limiter: Arc::clone(&self.graphql.limiter),
        }
    }

    fn note(&self, prepared: &Prepared) {
        let mut record = self.context.record();
        record.operation = record.operation.take().or_else(|| prepared.operation_name.clone());
        record.action = record.action.or(prepared.cost.operation);
        record.film_id = record.film_id.or(prepared.cost.film_id);
        let fields = record.root_fields.get_or_insert_default();
        for field in &prepared.cost.fields {
            if !fields.is_empty() {
                fields.push(',');
            }
            fields.push_str(field);
        }
    }
}

/// Else a document of aliases would try as many passwords as a budget holds, all at once.
const ONE_PASSWORD: &str = "One signIn or changePassword is all that a request may have.";

/// For a subscription that came without an event stream to answer on.
pub(super) fn needs_stream() -> Fault {
    Fault::new(
        "GRAPHQL_VALIDATION_FAILED",
        "A subscription needs a way to send events: a WebSocket to this address (graphql-transport-ws), or an event \
         stream (send the header Accept: text/event-stream).",
    )
}

/// What the arguments of root fields are not, told before anything is drawn; and what a subscription must be.
fn faults(cost: &Cost, kind: OperationType) -> Vec<Fault> {
    if kind == OperationType::Subscription && cost.occurrences != 1 {
        let detail = "A subscription has exactly one root field.";
        return vec![Fault::new("GRAPHQL_VALIDATION_FAILED", detail)];
    }
    if cost.charges.passwords > 1 {
        return vec![Fault::new("GRAPHQL_VALIDATION_FAILED", ONE_PASSWORD)];
    }
    let ids = cost.malformed_ids.iter().map(|(ids, pos)| {
        let fault = FieldFault::new(format!("/{}", ids.argument), ids.must_be());
        Fault::new("INVALID_INPUT", format!("{} {}.", ids.argument, ids.must_be()))
            .at(vec![*pos])
            .with_fields(fields(&[fault]))
    });
    let mistyped = cost.mistyped.iter().map(|pos| {
        Fault::new("GRAPHQL_VALIDATION_FAILED", "This argument is not of its type.").at(vec![*pos])
    });
    let repeated = cost.repeated_keys.iter().filter(|_| kind == OperationType::Mutation).map(|pos| {
        let detail = "This field is asked for twice under one name; give each an alias of its own.";
        Fault::new("GRAPHQL_VALIDATION_FAILED", detail).at(vec![*pos])
    });
    ids.chain(mistyped).chain(repeated).collect()
}
