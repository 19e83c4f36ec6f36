//! From results to HTTP.

use async_graphql::ServerError;
use async_graphql_axum::GraphQLResponse;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};

use crate::graphql::fault::{Fault, more};
use crate::http::accept::GraphQlMediaType;
use crate::http::catalogue;
use crate::http::compression::Compressible;
use crate::http::context::Context;
use crate::http::idempotency::Replayed;
use crate::http::json;
use crate::http::problem::Problem;
use crate::limits::{Bucket, Price};

/// In the extensions of an answer of which nothing was done again.
pub(super) const REPLAYED: &str = "idempotencyReplayed";

/// What became of one request.
pub(super) enum Answer {
    /// It does not parse, validate or coerce; nothing ran. There is no `data` then.
    Failed(Vec<Fault>),
    /// It ran, though fields may have failed.
    Ran(async_graphql::Response),
}

impl Answer {
    /// What a request costs that did not run, and what would refuse it now: the very error that running it would give.
    pub(super) fn priced(price: &Price, refusal: Option<&Problem>) -> Self {
        let drawn = Bucket::ALL.into_iter().filter(|bucket| price.from(*bucket) > 0);
        let cost: Map<String, Value> =
            drawn.map(|bucket| (bucket.name().to_owned(), price.from(bucket).into())).collect();
        let told = json!({
            "cost": cost,
            "passes": refusal.is_none(),
            "refusal": refusal.map(Problem::graphql_error),
        });
        let told = async_graphql::Value::from_json(told).unwrap_or_default();
        Self::Ran(async_graphql::Response::new(async_graphql::Value::Null).extension("price", told))
    }

    /// As the text of a result, with at most so many errors.
    pub(super) fn text(self, max_errors: usize) -> String {
        match self.capped(max_errors) {
            Self::Failed(faults) => failed(&faults).to_string(),
            // Serializing strings and maps cannot fail.
            Self::Ran(response) => serde_json::to_string(&response).unwrap_or_default(),
        }
    }

    /// The errors alone, for a transport that tells them otherwise than a result.
    pub(super) fn errors(self, max_errors: usize) -> Value {
        match self.capped(max_errors) {
            Self::Failed(faults) => faults.iter().map(Fault::json).collect(),
            Self::Ran(response) => json!(response.errors),
        }
    }

    /// Whether all of it was made before.
    pub(super) fn replayed(&self) -> Replayed {
        Replayed(matches!(self, Self::Ran(response) if response.extensions.contains_key(REPLAYED)))
    }

    /// The code of the first error.
    pub(super) fn code(&self) -> Option<&'static str> {
        match self {
            Self::Failed(faults) => faults.first().map(|fault| fault.code),
            Self::Ran(response) => response.errors.first().map(code),
        }
    }

    /// With at most so many errors, and how many more there were. Faults are counted where they are found.
    fn capped(self, most: usize) -> Self {
        match self {
            Self::Ran(mut response) if response.errors.len() > most => {
                let hidden = response.errors.split_off(most);
                let mut last = ServerError::new(more(hidden.len()), None);
                // Of one that it stands for.
                let code = hidden.first().and_then(|error| error.extensions.as_ref()?.get("code").cloned());
                if let Some(code) = code {
                    last.extensions.get_or_insert_default().set("code", code);
                }
                response.errors.push(last);
                Self::Ran(response)
            }
            other => other,
        }
    }
}

/// The code of an error, in the catalogue's own text.
pub(super) fn code(error: &ServerError) -> &'static str {
    let code = match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(async_graphql::Value::String(code)) => code.as_str(),
        _ => "",
    };
    catalogue::entry(code).map_or("INTERNAL", |entry| entry.code)
}

/// The HTTP answer to a single request. `is_open`: it holds nothing but what everybody may know.
pub(super) fn single(
    answer: Answer,
    media_type: GraphQlMediaType,
    max_errors: usize,
    context: &Context,
    is_open: bool,
) -> Response {
    if let Some(code) = answer.code() {
        context.record().outcome = Some(code);
    }
    let replayed = answer.replayed();
    match answer.capped(max_errors) {
        Answer::Failed(faults) => {
            let mut response = finish(Response::default(), json::text(&failed(&faults)), media_type, is_open);
            if media_type == GraphQlMediaType::Response {
                *response.status_mut() = StatusCode::BAD_REQUEST;
            }
            response
        }
        Answer::Ran(response) => {
            let (parts, mut body) = GraphQLResponse::from(response).into_response().into_parts();
            // All of it is there, in one frame, and is not copied.
            let frame = body.frame().now_or_never().flatten().and_then(Result::ok);
            let text = frame.and_then(|frame| frame.into_data().ok()).unwrap_or_default();
            let text = json::ended(text.into());
            let mut answer = finish(Response::from_parts(parts, Body::empty()), text, media_type, is_open);
            answer.headers_mut().extend(replayed.header());
            answer
        }
    }
}

/// The HTTP answer to a batch: an array, always 200. `is_open`: as for a single one.
pub(super) fn batch(
    answers: Vec<Answer>,
    media_type: GraphQlMediaType,
    max_errors: usize,
    context: &Context,
    is_open: bool,
) -> Response {
    if let Some(code) = answers.iter().find_map(Answer::code) {
        context.record().outcome = Some(code);
    }
    let replayed = Replayed(answers.iter().all(|answer| answer.replayed().0));
    let answers: Vec<Value> = answers
        .into_iter()
        .map(|answer| match answer.capped(max_errors) {
            Answer::Failed(faults) => failed(&faults),
            Answer::Ran(response) => json!(response),
        })
        .collect();
    let mut answer = finish(Response::default(), json::text(&answers), media_type, is_open);
    answer.headers_mut().extend(replayed.header());
    answer
}

fn failed(faults: &[Fault]) -> Value {
    json!({ "errors": faults.iter().map(Fault::json).collect::<Vec<_>>() })
}

/// Gives an answer its text and its type.
fn finish(mut response: Response, text: Vec<u8>, media_type: GraphQlMediaType, is_open: bool) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type.content_type());
    headers.append(header::VARY, HeaderValue::from_static("Accept"));
    if is_open {
        Compressible::from(text).put_into(&mut response);
    } else {
        *response.body_mut() = text.into();
    }
    response
}
