//! GraphQL over HTTP.
//!
//! Own rather than async-graphql-axum's extractor, which runs mutations sent by GET, takes text for JSON and answers
//! 200 to everything.

use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::graphql::execute::{Executor, Ready, needs_stream};
use crate::graphql::request::{Asked, Posted, read_get, read_post};
use crate::graphql::response::{Answer, batch, single};
use crate::graphql::schema::sdl;
use crate::graphql::socket::{handshake, serve};
use crate::graphql::sse;
use crate::graphql::state::GraphQl;
use crate::http::accept::{
    EventStream, GraphQlMediaType, graphql_event_stream, graphql_media_type, is_navigation, prefers_html,
};
use crate::http::body::{read, require_json};
use crate::http::cacheable::Constant;
use crate::http::context::Asker;
use crate::http::event_stream;
use crate::http::idempotency::idempotency_key;
use crate::http::origins::refuse_foreign_page;
use crate::http::problem::Problem;
use crate::http::query_method::QueryMethod;
use crate::http::streams::Kind;
use crate::operations;

/// `/graphql`, which takes QUERY too.
const GRAPHQL: QueryMethod = QueryMethod { allow: "GET,HEAD,POST,QUERY", media_types: "application/json" };

/// `GET /schema.graphql`: what introspection tells, as a text.
pub async fn schema(Asker { context, .. }: Asker) -> Constant {
    static SCHEMA: LazyLock<Constant> =
        LazyLock::new(|| Constant::new(HeaderValue::from_static("text/plain; charset=utf-8"), sdl()));
    context.set_action(operations::SCHEMA.name);
    SCHEMA.clone()
}

/// `POST /graphql`; and `QUERY /graphql`, by which nothing is changed.
///
/// # Errors
/// What refuses the request as a whole.
pub async fn post(
    State(graphql): State<Arc<GraphQl>>,
    Asker { context, caller }: Asker,
    request: Request,
) -> Result<Response, Problem> {
    let method = request.method().clone();
    let (media_type, event_stream) = media_type(request.headers())?;
    require_json(request.headers())?;
    let key = if method == Method::POST {
        refuse_foreign_page(request.headers(), &context.origins)?;
        idempotency_key(request.headers())?
    } else {
        None
    };
    let body = read(request.into_body()).await?;
    let posted = read_post(&body, &graphql.limits)?.under(key)?;
    let executor = Executor { graphql: &graphql, context: &context, caller: &caller };
    let exchange = Exchange { executor, media_type, event_stream };
    match posted {
        Posted::One(asked) => exchange.answer(&asked, &method).await,
        // Boxed, as the next, so that a query does not hold the room of what else there is.
        Posted::Batch(asked) => Box::pin(exchange.answer_batch(asked, &method)).await,
    }
}

/// `QUERY /graphql`, and every method that has no route of its own.
pub async fn query(state: State<Arc<GraphQl>>, asker: Asker, request: Request) -> Response {
    let answer = match GRAPHQL.check(request.method()) {
        Ok(()) => post(state, asker, request).await,
        Err(refused) => Err(refused),
    };
    GRAPHQL.told(answer.into_response())
}

/// `GET /graphql`: a WebSocket, or a query; and a subscription, if its answer may be an event stream. A browser in which
/// somebody goes to the bare address is led to a page.
///
/// # Errors
/// What refuses the request as a whole.
pub async fn get(
    State(graphql): State<Arc<GraphQl>>,
    Asker { context, caller }: Asker,
    request: Request,
) -> Result<Response, Problem> {
    if handshake::is_asked_for(request.headers()) {
        return serve::upgrade(graphql, context, request);
    }
    let query = request.uri().query();
    let names_document = |name: &str| matches!(name, "query" | "documentId" | "extensions");
    let asks = || {
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|(name, _)| names_document(&name))
    };
    if is_navigation(request.headers()) && prefers_html(request.headers()) && !asks() {
        let mut response = Redirect::to("/playground").into_response();
        let varies = HeaderValue::from_static("Accept, Sec-Fetch-Dest, Sec-Fetch-Mode");
        response.headers_mut().append(header::VARY, varies);
        return Ok(response);
    }
    let (media_type, event_stream) = media_type(request.headers())?;
    let asked = read_get(query, &graphql.limits)?;
    let executor = Executor { graphql: &graphql, context: &context, caller: &caller };
    let exchange = Exchange { executor, media_type, event_stream };
    let mut response = exchange.answer(&asked, request.method()).await?;
    response.headers_mut().extend([GRAPHQL.header()]);
    Ok(response)
}

/// One HTTP request to this surface.
struct Exchange<'a> {
    executor: Executor<'a>,
    media_type: GraphQlMediaType,
    event_stream: EventStream,
}

impl Exchange<'_> {
    async fn answer(&self, asked: &Asked, method: &Method) -> Result<Response, Problem> {
        let is_safe = *method != Method::POST;
        let mut is_open = false;
        let answer = match self.executor.prepare(asked, is_safe)? {
            Err(faults) => Answer::Failed(faults),
            Ok(ready) if ready.is_subscription() => {
                if self.event_stream != EventStream::Unasked {
                    return Box::pin(self.subscribe(ready, *method == Method::HEAD)).await;
                }
                Answer::Failed(vec![needs_stream()])
            }
            Ok(ready) => {
                is_open = self.executor.is_open(&ready);
                self.executor.run(ready).await?
            }
        };
        let Executor { graphql, context, .. } = self.executor;
        if self.event_stream == EventStream::Preferred {
            return Ok(sse::single(answer, graphql.limits.max_errors, context));
        }
        Ok(single(answer, self.media_type, graphql.limits.max_errors, context, is_open))
    }

    async fn subscribe(&self, ready: Ready, is_head: bool) -> Result<Response, Problem> {
        let Executor { graphql, context, .. } = self.executor;
        // Before the price, so that a refusal costs nothing.
        let place = graphql.streams.admit(context, Kind::Events)?;
        let max_errors = graphql.limits.max_errors;
        Ok(match self.executor.subscribe(ready).await? {
            Ok(_) if is_head => event_stream::head(),
            Ok(events) => sse::events(events, max_errors, place),
            Err(answer) => sse::single(answer, max_errors, context),
        })
    }

    async fn answer_batch(&self, batched: Vec<Asked>, method: &Method) -> Result<Response, Problem> {
        if self.event_stream == EventStream::Preferred {
            return Err(Problem::bad_request("An event stream answers one request, not a batch."));
        }
        let (answers, is_open) = self.executor.run_batch(batched, *method != Method::POST).await?;
        let Executor { graphql, context, .. } = self.executor;
        Ok(batch(answers, self.media_type, graphql.limits.max_errors, context, is_open))
    }
}

fn media_type(headers: &HeaderMap) -> Result<(GraphQlMediaType, EventStream), Problem> {
    if !headers.contains_key(header::ACCEPT) {
        return Ok((GraphQlMediaType::Json, EventStream::Unasked));
    }
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
