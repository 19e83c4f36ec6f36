//! The beginning and the end of a request.

use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, ORIGIN,
    VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::front::cors;
use crate::front::guards::Guards;
use crate::front::host::Named;
use crate::http::cacheable;
use crate::http::compression::Compressible;
use crate::http::context::{Context, Surface};
use crate::http::list::{has_any, line};
use crate::http::log_line::Line;
use crate::http::problem::Problem;
use crate::limits::Fields;
use crate::telemetry::{Steps, new_request_id};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What most answers say of themselves.
const SAID_BY_ITSELF: [HeaderName; 3] = [CONTENT_TYPE, CONTENT_LENGTH, ETAG];

impl Guards {
    /// The same, with a place in the headers of every answer for what this answer says, which overwrites it or takes it away: a
    /// copy has room for no more fields than are in it, and to make more takes as long as the copy.
    pub(super) fn ready(mut self) -> Self {
        let of_limiter = self.limiter.is_enabled().then_some([POLICY, LIMIT]);
        let names = SAID_BY_ITSELF.into_iter().chain([REQUEST_ID]).chain(of_limiter.into_iter().flatten());
        for name in names {
            self.headers.insert(name, HeaderValue::from_static(""));
        }
        self
    }
}

/// A request, from its first byte to its log line. The line is written when it is finished, or when it is dropped
/// because the client went away.
pub(super) struct Exchange {
    pub context: Arc<Context>,
    pub host: Named,
    line: Line,
    /// Of the page that sent the request.
    origin: Option<HeaderValue>,
    /// What tells the form of a refusal at GraphQL.
    accept: HeaderMap,
    /// Tags of what the client has already.
    known: Option<HeaderValue>,
    /// Encodings that the client takes.
    accepted: Option<HeaderValue>,
    is_head: bool,
}

impl Exchange {
    /// Who asks, under which id, and when.
    pub(super) fn begin<B: HttpBody>(guards: &Guards, request: &Request<B>, peer: SocketAddr) -> Self {
        let headers = request.headers();
        let path = request.uri().path();
        let surface = Surface::of(path);
        let mut client = guards.client_ip.resolve(peer, headers);
        let host = Named::by(request);
        client.is_local = client.is_local && host.is_this_machine();
        // Not yet where a body may be long on its way: who waits for that has more to draw from at the end.
        let is_whole = request.body().is_end_stream();
        let came = (is_whole && guards.limiter.is_enabled()).then(|| guards.limiter.now());
        let (limiter, origins) = (Arc::clone(&guards.limiter), Arc::clone(&guards.origins));
        let context = Context::new(request_id(headers), surface, client, limiter, origins, came);
        let context = Arc::new(context);
        if !path.starts_with("/health/") {
            guards.client_ip.traffic().note(client.key);
        }
        let mut accept = HeaderMap::new();
        if surface == Surface::GraphQl {
            accept.extend(headers.get_all(ACCEPT).iter().map(|value| (ACCEPT, value.clone())));
        }
        let asks = has_any(headers, &[ORIGIN, IF_NONE_MATCH, ACCEPT_ENCODING]);
        let asked = |name| asks.then(|| line(headers, name)).flatten();
        Self {
            line: Line::begin(
                request.method().clone(),
                request.uri().clone(),
                Arc::clone(&context),
                headers,
                &guards.observers,
            ),
            context,
            host,
            origin: asks.then(|| headers.get(ORIGIN).cloned()).flatten(),
            accept,
            known: asked(&IF_NONE_MATCH),
            accepted: asked(&ACCEPT_ENCODING),
            is_head: request.method() == Method::HEAD,
        }
    }

    /// Where the steps of its work are noted, if it has a trace.
    pub(super) fn steps(&self) -> Option<Arc<Steps>> {
        self.line.steps()
    }

    /// Gives the answer what every answer carries, and a refusal its form.
    pub(super) fn finish(&mut self, guards: &Guards, answered: Result<Response, Problem>) -> Response {
        let (mut response, problem) = match answered {
            Ok(mut response) => {
                let problem = refusal(&mut response);
                (response, problem)
            }
            Err(problem) => (problem.status.into_response(), Some(Arc::new(problem))),
        };
        let compressible = response.extensions_mut().remove::<Compressible>();
        let mut headers = guards.headers.clone();
        let own = mem::take(response.headers_mut());
        for name in &SAID_BY_ITSELF {
            // Of a refusal, the first two are said below.
            let is_said = own.contains_key(name) || (problem.is_some() && *name != ETAG);
            if !is_said {
                headers.remove(name);
            }
        }
        lay_over(&mut headers, own);
        if compressible.is_some() {
            headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if let Some(problem) = problem {
            *response.body_mut() = self.render(guards, &problem, &mut headers);
        } else if self.has_already(response.status(), &headers) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            cacheable::without_body(&mut headers);
        } else if let Some(compressible) = &compressible {
            self.compress(compressible, response.body_mut(), &mut headers);
        }
        cors::add(&guards.origins, self.origin.as_ref(), &mut headers);
        if let Some(Fields { policy, limit }) = self.context.fields() {
            headers.insert(POLICY, policy);
            headers.insert(LIMIT, limit);
        } else if guards.limiter.is_enabled() {
            headers.remove(POLICY);
            headers.remove(LIMIT);
        }
        headers.insert(REQUEST_ID, self.context.request_id.clone());
        *response.headers_mut() = headers;
        self.line.finish(response.status());
        response
    }

    /// Whether the client has what would be sent. It was made all the same, and paid for.
    fn has_already(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let known = self.known.as_ref().filter(|_| status == StatusCode::OK);
        known.is_some_and(|known| cacheable::is_known(known, headers))
    }

    /// Compresses a text, if the client takes it so.
    fn compress(&self, compressible: &Compressible, body: &mut Body, headers: &mut HeaderMap) {
        let Some((encoding, compressed)) =
            self.accepted.as_ref().and_then(|accepted| compressible.compressed(accepted.clone()))
        else {
            return;
        };
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(compressed.len()));
        if !self.is_head {
            *body = Body::from(compressed);
        }
    }

    /// The body of a refusal, with what its headers say; and tells the audit.
    fn render(&self, guards: &Guards, problem: &Problem, headers: &mut HeaderMap) -> Body {
        self.context.note(problem, &guards.refusals);
        self.context.record().outcome = Some(match self.context.surface {
            Surface::Rest => problem.code,
            Surface::GraphQl => problem.graphql_code(),
        });
        let (content_type, body) = self.context.render(problem, &self.accept);
        // Over what the router has said: it knows of methods alone.
        for (name, value) in &problem.headers {
            headers.insert(name, value.clone());
        }
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        if self.is_head { Body::empty() } else { Body::from(body) }
    }
}

/// Puts what this answer says of itself over what every answer carries; what it varies by comes to that. Not `extend`, which
/// takes two and a half times as long for each field.
fn lay_over(headers: &mut HeaderMap, own: HeaderMap) {
    let mut name = None;
    for (next, value) in own {
        let is_one_more = next.is_none();
        name = next.or(name);
        match &name {
            Some(name) if is_one_more || *name == VARY => drop(headers.append(name, value)),
            Some(name) => drop(headers.insert(name, value)),
            None => {}
        }
    }
}

/// What this answer refuses, if it does: said by a handler, or by a library (404 and 405 of the router).
fn refusal(response: &mut Response) -> Option<Arc<Problem>> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let problem = response.extensions_mut().remove::<Arc<Problem>>();
    problem.or_else(|| (!has_own_body(response)).then(|| Arc::new(Problem::of_status(status))))
}

/// Whether a handler has written the answer itself, as GraphQL does for a document that does not validate.
fn has_own_body(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/"))
}

/// The header that carries it, both ways.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 64;

/// Takes over the client's id if it is well-formed (at most 64 letters, digits, `.`, `_`, `-`), otherwise draws one:
/// an id from outside ends up in logs and answers.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    if !has_any(headers, &[REQUEST_ID]) {
        return new_request_id();
    }
    let mut given = headers.get_all(REQUEST_ID).iter();
    match (given.next(), given.next()) {
        (Some(only), None) if is_well_formed(only) => only.clone(),
        _ => new_request_id(),
    }
}

fn is_well_formed(id: &HeaderValue) -> bool {
    let id = id.as_bytes();
    (1..=LONGEST).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}
