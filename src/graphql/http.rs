//! GraphQL over HTTP.
//!
//! Own rather than async-graphql-axum's extractor, which runs mutations sent by GET, takes text for JSON and answers
//! 200 to everything.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::charge::Mode;
use super::operation::{Prepared, Visitor, needs_stream};
use super::request::{Asked, Posted, read_get, read_post};
use super::response::{Answer, batch, single};
use super::schema::{Schema, build};
use super::{handshake, sse, websocket};
use crate::config;
use crate::limits::Limiter;
use crate::middleware::Problem;
use crate::middleware::accept::{
    EventStream, GraphQlMediaType, graphql_event_stream, graphql_media_type, wants_html,
};
use crate::middleware::body::{read, require_json};
use crate::middleware::call::CurrentCall;
use crate::middleware::cors::Origins;
use crate::middleware::cross_site::refuse_foreign_page;
use crate::middleware::identity::{CurrentCaller, Identities};
use crate::middleware::overload::Overload;
use crate::middleware::streams::Streams;
use crate::service::Hall;

/// What the handlers stand on.
#[derive(Clone)]
pub struct GraphQl {
    pub(super) hall: Arc<Hall>,
    pub(super) limiter: Arc<Limiter>,
    pub(super) origins: Arc<Origins>,
    pub(super) limits: Arc<config::GraphQl>,
    pub(super) identities: Arc<Identities>,
    pub(super) streams: Arc<Streams>,
    pub(super) overload: Arc<Overload>,
    pub(super) sockets: Sockets,
    pub(super) schema: Schema,
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
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "called once, by the composition root")]
    pub fn new(
        hall: Arc<Hall>,
        limiter: Arc<Limiter>,
        origins: Arc<Origins>,
        limits: config::GraphQl,
        identities: Arc<Identities>,
        streams: Arc<Streams>,
        overload: Arc<Overload>,
        sockets: Sockets,
    ) -> Self {
        let schema = build(&limits);
        Self {
            hall,
            limiter,
            origins,
            limits: Arc::new(limits),
            identities,
            streams,
            overload,
            sockets,
            schema,
        }
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
    let (media_type, event_stream) = media_type(request.headers())?;
    require_json(request.headers())?;
    refuse_foreign_page(request.headers(), &graphql.origins)?;
    let body = read(request.into_body()).await?;
    let posted = read_post(&body, &graphql.limits)?;
    let visitor = Visitor { graphql: &graphql, call: &call, caller: &caller };
    let exchange = Exchange { visitor, media_type, event_stream };
    match posted {
        Posted::One(asked) => exchange.answer(asked, &Method::POST).await,
        Posted::Batch(asked) => exchange.answer_batch(asked).await,
    }
}

/// `GET /graphql`: a WebSocket, or a query; and a subscription, if its answer may be an event stream. A browser that asks
/// for a page is led to one.
///
/// # Errors
/// What refuses the request as a whole.
pub async fn get(
    State(graphql): State<GraphQl>,
    CurrentCall(call): CurrentCall,
    CurrentCaller(caller): CurrentCaller,
    request: Request,
) -> Result<Response, Problem> {
    if handshake::is_asked_for(request.headers()) {
        return websocket::upgrade(graphql, call, request);
    }
    if wants_html(request.headers()) {
        let mut response = Redirect::to("/playground").into_response();
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
        return Ok(response);
    }
    let (media_type, event_stream) = media_type(request.headers())?;
    let asked = read_get(request.uri().query(), &graphql.limits)?;
    let visitor = Visitor { graphql: &graphql, call: &call, caller: &caller };
    Exchange { visitor, media_type, event_stream }.answer(asked, request.method()).await
}

/// One HTTP request to this door.
struct Exchange<'a> {
    visitor: Visitor<'a>,
    media_type: GraphQlMediaType,
    event_stream: EventStream,
}

impl Exchange<'_> {
    async fn answer(&self, asked: Asked, method: &Method) -> Result<Response, Problem> {
        let by_get = *method != Method::POST;
        let answer = match self.visitor.prepare(asked, by_get)? {
            Err(faults) => Answer::Failed(faults),
            Ok(prepared) if prepared.kind == OperationType::Subscription => {
                if self.event_stream != EventStream::Unasked {
                    return self.subscribe(prepared, *method == Method::HEAD).await;
                }
                Answer::Failed(vec![needs_stream()])
            }
            Ok(prepared) => self.visitor.run(prepared, Mode::Charge).await?,
        };
        let Visitor { graphql, call, .. } = self.visitor;
        if self.event_stream == EventStream::Preferred {
            return Ok(sse::single(answer, graphql.limits.max_errors, call));
        }
        Ok(single(answer, self.media_type, graphql.limits.max_errors, call))
    }

    async fn subscribe(&self, prepared: Prepared, is_head: bool) -> Result<Response, Problem> {
        let Visitor { graphql, call, .. } = self.visitor;
        // Before the price, so that a refusal costs nothing.
        let place = graphql.streams.admit(call)?;
        let max_errors = graphql.limits.max_errors;
        Ok(match self.visitor.subscribe(prepared).await? {
            Ok(_) if is_head => sse::head(),
            Ok(events) => sse::events(events, max_errors, place),
            Err(answer) => sse::single(answer, max_errors, call),
        })
    }

    async fn answer_batch(&self, batched: Vec<Asked>) -> Result<Response, Problem> {
        if self.event_stream == EventStream::Preferred {
            return Err(Problem::bad_request("An event stream answers one request, not a batch."));
        }
        let answers = self.visitor.run_batch(batched).await?;
        Ok(batch(answers, self.media_type, self.visitor.graphql.limits.max_errors, self.visitor.call))
    }
}

fn media_type(headers: &HeaderMap) -> Result<(GraphQlMediaType, EventStream), Problem> {
    match (graphql_media_type(headers), graphql_event_stream(headers)) {
        (Some(media_type), event_stream) => Ok((media_type, event_stream)),
        (None, EventStream::Unasked) => Err(Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "Answers are application/graphql-response+json, application/json or text/event-stream.",
        )),
        // For what is refused before there is a stream.
        (None, event_stream) => Ok((GraphQlMediaType::Json, event_stream)),
    }
}
