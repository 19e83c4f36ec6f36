//! GraphQL over HTTP.
//!
//! Own rather than async-graphql-axum's extractor, which runs mutations sent by GET, takes text for JSON and answers
//! 200 to everything.

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::charge::{Mode, Outcome, Toll, admit};
use super::price::{Bill, price};
use super::request::{Asked, Posted, read_get, read_post, refused};
use super::response::{Answer, Fault, batch, single};
use super::schema::{Schema, build};
use super::visit::Visit;
use super::{coerce, conflicts, guard, measure, parse};
use crate::config;
use crate::limits::{Limiter, Price};
use crate::middleware::accept::{GraphQlMediaType, graphql_media_type, wants_html};
use crate::middleware::body::{read, require_json};
use crate::middleware::call::CurrentCall;
use crate::middleware::cors::Origins;
use crate::middleware::cross_site::refuse_foreign_page;
use crate::middleware::identity::CurrentCaller;
use crate::middleware::problem::fields;
use crate::middleware::{Call, Problem};
use crate::service::caller::Caller;
use crate::service::{FieldFault, Hall};

/// What the handlers stand on.
#[derive(Clone)]
pub struct GraphQl {
    hall: Arc<Hall>,
    limiter: Arc<Limiter>,
    origins: Arc<Origins>,
    limits: Arc<config::GraphQl>,
    schema: Schema,
}

impl GraphQl {
    /// Builds the schema.
    #[must_use]
    pub fn new(
        hall: Arc<Hall>,
        limiter: Arc<Limiter>,
        origins: Arc<Origins>,
        limits: config::GraphQl,
    ) -> Self {
        Self { hall, limiter, origins, schema: build(&limits), limits: Arc::new(limits) }
    }
}

/// `POST /graphql`.
///
/// # Errors
/// What refuses the request as a whole.
pub async fn post(
    State(graphql): State<GraphQl>,
    CurrentCall(call): CurrentCall,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<Response, Problem> {
    let media_type = media_type(request.headers())?;
    require_json(request.headers())?;
    refuse_foreign_page(request.headers(), &graphql.origins)?;
    let body = read(request.into_body()).await?;
    let posted = read_post(&body, &graphql.limits)?;
    let visitor = Visitor { graphql: &graphql, call: &call, caller: &caller, media_type };
    match posted {
        Posted::One(asked) => visitor.answer(asked, false).await,
        Posted::Batch(asked) => visitor.answer_batch(asked).await,
    }
}

/// `GET /graphql`: queries only. A browser that asks for a page is led to one.
///
/// # Errors
/// What refuses the request as a whole.
pub async fn get(
    State(graphql): State<GraphQl>,
    CurrentCall(call): CurrentCall,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<Response, Problem> {
    if wants_html(request.headers()) {
        let mut response = Redirect::to("/playground").into_response();
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
        return Ok(response);
    }
    let media_type = media_type(request.headers())?;
    let asked = read_get(request.uri().query(), &graphql.limits)?;
    let visitor = Visitor { graphql: &graphql, call: &call, caller: &caller, media_type };
    visitor.answer(asked, true).await
}

/// One HTTP request to this door.
struct Visitor<'a> {
    graphql: &'a GraphQl,
    call: &'a Arc<Call>,
    caller: &'a Caller,
    media_type: GraphQlMediaType,
}

/// A request that is parsed, measured and priced, but not validated.
#[derive(Clone)]
struct Prepared {
    document: ExecutableDocument,
    operation_name: Option<String>,
    variables: Variables,
    bill: Bill,
}

impl Visitor<'_> {
    async fn answer(&self, asked: Asked, by_get: bool) -> Result<Response, Problem> {
        let answer = match self.prepare(asked, by_get)? {
            Err(faults) => Answer::Failed(faults),
            Ok(prepared) => {
                self.note(&prepared);
                self.run(prepared, Mode::Charge).await?
            }
        };
        Ok(single(answer, self.media_type, self.graphql.limits.max_errors, self.call))
    }

    /// All requests are validated before the sum of those that are valid is drawn; then they run one after the other.
    async fn answer_batch(&self, batched: Vec<Asked>) -> Result<Response, Problem> {
        let mut requests = Vec::with_capacity(batched.len());
        let mut sum = Price::default();
        let mut actions = Vec::new();
        for asked in batched {
            let mut request = self.prepare(asked, false)?;
            if let Ok(prepared) = &request {
                self.note(prepared);
                match self.run(prepared.clone(), Mode::ValidateOnly).await? {
                    Answer::Failed(faults) => request = Err(faults),
                    Answer::Ran(_) => {
                        sum += prepared.bill.price;
                        actions.extend_from_slice(&prepared.bill.actions);
                    }
                }
            }
            requests.push(request);
        }
        admit(self.call, self.caller, &self.graphql.limiter, sum, &actions)?;
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(match request {
                Err(faults) => Answer::Failed(faults),
                Ok(prepared) => self.run(prepared, Mode::Paid).await?,
            });
        }
        Ok(batch(answers, self.media_type, self.graphql.limits.max_errors, self.call))
    }

    /// Everything that can be told without the schema.
    fn prepare(&self, asked: Asked, by_get: bool) -> Result<Result<Prepared, Vec<Fault>>, Problem> {
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
        if by_get && operation.ty != OperationType::Query {
            return Err(Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "GET is for queries; send mutations by POST.",
            )
            .with_header(header::ALLOW, HeaderValue::from_static("POST")));
        }
        let variables = match coerce::variables(operation, asked.variables) {
            Ok(variables) => variables,
            Err(faults) => return Ok(Err(faults)),
        };
        let bill = price(&document, operation, &variables);
        let faults = faults(&bill, operation.ty);
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        Ok(Ok(Prepared { document, operation_name, variables, bill }))
    }

    async fn run(&self, prepared: Prepared, mode: Mode) -> Result<Answer, Problem> {
        let Prepared { document, operation_name, variables, bill } = prepared;
        let graphql = self.graphql;
        let toll = Arc::new(Toll::new(
            mode,
            Arc::clone(self.call),
            self.caller.clone(),
            Arc::clone(&graphql.limiter),
            bill,
        ));
        let mut request =
            async_graphql::Request::new("").variables(variables).data(Arc::clone(&toll)).data(Visit {
                hall: Arc::clone(&graphql.hall),
                limiter: Arc::clone(&graphql.limiter),
                caller: self.caller.clone(),
                call: Arc::clone(self.call),
            });
        request.operation_name = operation_name;
        request.set_parsed_query(document);
        let response = graphql.schema.execute(request).await;
        match toll.outcome() {
            Outcome::Admitted => Ok(Answer::Ran(response)),
            Outcome::Refused(problem) => Err(*problem),
            Outcome::Invalid => {
                Ok(Answer::Failed(response.errors.into_iter().map(Fault::of_validation).collect()))
            }
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

/// What the arguments of root fields are not, told before anything is drawn.
fn faults(bill: &Bill, kind: OperationType) -> Vec<Fault> {
    let ids = bill.malformed_ids.iter().map(|(argument, pos)| {
        let fault = FieldFault::new(format!("/{argument}"), "must be the id of a film, in digits");
        Fault::new("INVALID_INPUT", format!("{argument} must be the id of a film, in digits."))
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

fn media_type(headers: &HeaderMap) -> Result<GraphQlMediaType, Problem> {
    graphql_media_type(headers).ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "Answers are application/graphql-response+json or application/json.",
        )
    })
}
