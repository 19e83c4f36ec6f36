//! One operation on its way: guard, parse, measure, validate, price, quota, and only then the hall. The same way for
//! every transport.

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use axum::http::{HeaderValue, StatusCode, header};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

use super::charge::{Mode, Outcome, Payer, Toll};
use super::http::GraphQl;
use super::price::{Bill, Due, price};
use super::request::{Asked, refused};
use super::response::{Answer, Fault};
use super::visit::Visit;
use super::{coerce, conflicts, error, guard, kept, measure, parse};
use crate::middleware::problem::fields;
use crate::middleware::{Call, Problem};
use crate::service::caller::Caller;
use crate::service::film::FilmId;
use crate::service::topics::Feed;
use crate::service::{Error, FieldFault};

/// The events of a subscription.
pub(super) type Events = BoxStream<'static, async_graphql::Response>;

/// Who brings an operation.
pub(super) struct Visitor<'a> {
    pub graphql: &'a GraphQl,
    pub call: &'a Arc<Call>,
    pub caller: &'a Caller,
}

/// An operation that is parsed, measured and priced, but not validated.
#[derive(Clone)]
pub(super) struct Prepared {
    document: ExecutableDocument,
    operation_name: Option<String>,
    variables: Variables,
    bill: Bill,
    pub kind: OperationType,
}

impl Visitor<'_> {
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
            kept::check(&asked, limits)?;
        }
        let variables = match coerce::variables(operation, asked.variables) {
            Ok(variables) => variables,
            Err(faults) => return Ok(Err(faults)),
        };
        let bill = price(&document, operation, &variables);
        let faults = faults(&bill, kind);
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let prepared = Prepared { document, operation_name, variables, bill, kind };
        self.note(&prepared);
        Ok(Ok(prepared))
    }

    /// Runs a query or a mutation.
    pub(super) async fn run(&self, prepared: Prepared, mode: Mode) -> Result<Answer, Problem> {
        let (request, toll) = self.request(prepared, mode, None);
        let response = self.graphql.schema.execute(request).await;
        match toll.outcome() {
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
        let mut sum = Due::default();
        for asked in batched {
            let mut request = self.prepare(asked, false)?;
            if let Ok(prepared) = &request {
                if prepared.kind == OperationType::Subscription {
                    request = Err(vec![needs_stream()]);
                } else {
                    match self.run(prepared.clone(), Mode::ValidateOnly).await? {
                        Answer::Failed(faults) => request = Err(faults),
                        Answer::Ran(_) => {
                            sum += prepared.bill.due.clone();
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
        self.payer().admit(&sum).await?;
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(match request {
                Err(faults) => Answer::Failed(faults),
                Ok(prepared) => self.run(prepared, Mode::Paid).await?,
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
        let bill = &prepared.bill;
        self.payer().admit(&bill.due).await?;
        let feed = match self.feed(bill).await {
            Ok(feed) => feed,
            Err(failure) => return Ok(Err(Answer::Ran(error::response(failure, bill)))),
        };
        let (request, _) = self.request(prepared, Mode::Paid, Some(feed));
        Ok(Ok(self.graphql.schema.execute_stream(request).boxed()))
    }

    /// What the one root field of a subscription asks to hear.
    async fn feed(&self, bill: &Bill) -> Result<Feed, Error> {
        let hall = &self.graphql.hall;
        match (bill.verb, bill.film_id) {
            (Some("film_voted"), Some(id)) => hall.film_voted(self.caller, FilmId(id)).await,
            (Some("film_added"), _) => hall.film_added(self.caller),
            _ => Err(Error::internal("a subscription that nobody knows")),
        }
    }

    fn request(
        &self,
        prepared: Prepared,
        mode: Mode,
        feed: Option<Feed>,
    ) -> (async_graphql::Request, Arc<Toll>) {
        let Prepared { document, operation_name, variables, bill, .. } = prepared;
        let graphql = self.graphql;
        let toll = Arc::new(Toll::new(mode, self.payer(), bill));
        let visit = Visit::new(
            Arc::clone(&graphql.hall),
            Arc::clone(&graphql.limiter),
            self.caller.clone(),
            Arc::clone(self.call),
            feed,
        );
        let mut request =
            async_graphql::Request::new("").variables(variables).data(Arc::clone(&toll)).data(visit);
        request.operation_name = operation_name;
        request.set_parsed_query(document);
        (request, toll)
    }

    fn payer(&self) -> Payer {
        Payer {
            call: Arc::clone(self.call),
            caller: self.caller.clone(),
            hall: Arc::clone(&self.graphql.hall),
            limiter: Arc::clone(&self.graphql.limiter),
        }
    }

    fn note(&self, prepared: &Prepared) {
        let mut record = self.call.record();
        record.operation = record.operation.take().or_else(|| prepared.operation_name.clone());
        record.action = record.action.or(prepared.bill.verb);
        record.film_id = record.film_id.or(prepared.bill.film_id);
        let fields = record.root_fields.get_or_insert_default();
        for field in &prepared.bill.fields {
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
fn faults(bill: &Bill, kind: OperationType) -> Vec<Fault> {
    if kind == OperationType::Subscription && bill.occurrences != 1 {
        let detail = "A subscription has exactly one root field.";
        return vec![Fault::new("GRAPHQL_VALIDATION_FAILED", detail)];
    }
    if bill.due.passwords > 1 {
        return vec![Fault::new("GRAPHQL_VALIDATION_FAILED", ONE_PASSWORD)];
    }
    let ids = bill.malformed_ids.iter().map(|(ids, pos)| {
        let fault = FieldFault::new(format!("/{}", ids.argument), ids.must_be());
        Fault::new("INVALID_INPUT", format!("{} {}.", ids.argument, ids.must_be()))
            .at(vec![*pos])
            .with_fields(fields(&[fault]))
    });
    let mistyped = bill.mistyped.iter().map(|pos| {
        Fault::new("GRAPHQL_VALIDATION_FAILED", "This argument is not of its type.").at(vec![*pos])
    });
    let repeated = bill.repeated_keys.iter().filter(|_| kind == OperationType::Mutation).map(|pos| {
        let detail = "This field is asked for twice under one name; give each an alias of its own.";
        Fault::new("GRAPHQL_VALIDATION_FAILED", detail).at(vec![*pos])
    });
    ids.chain(mistyped).chain(repeated).collect()
}
