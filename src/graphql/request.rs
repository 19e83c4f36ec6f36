//! GraphQL over HTTP: what a request asks, before it is known whether it makes sense.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::config::GraphQl;
use crate::graphql::guard::{self, Brackets, MOST_BRACKETS};
use crate::graphql::reference::Reference;
use crate::http::form::is_text;
use crate::http::idempotency::read_key;
use crate::http::problem::Problem;
use crate::service::json_object::Unambiguous;

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// Not set where something stands for it.
    pub query: Option<String>,
    /// What stands for the text, or may do so from now on.
    pub reference: Option<Reference>,
    pub operation_name: Option<String>,
    pub variables: Map<String, Value>,
    /// Whether it is only to be told what it would cost (`extensions.priceOnly`).
    pub price_only: bool,
    /// Under which key its changes are made once (`extensions.idempotencyKey`).
    pub idempotency_key: Option<String>,
}

/// What a POST carries.
pub(super) enum Posted {
    One(Asked),
    Batch(Vec<Asked>),
}

/// Reads a POST body.
///
/// # Errors
/// 400 for what is no GraphQL request, or nests too deeply.
pub(super) fn read_post(body: &[u8], limits: &GraphQl) -> Result<Posted, Problem> {
    let value = read_json(body, limits)?;
    match value {
        Value::Object(object) => Ok(Posted::One(Asked::from_object(object)?)),
        Value::Array(requests) if requests.is_empty() => {
            Err(Problem::bad_request("A batch needs at least one request."))
        }
        Value::Array(requests) if requests.len() > limits.max_batch => {
            Err(too_large(format!("A batch has at most {} requests.", limits.max_batch)))
        }
        Value::Array(requests) => requests
            .into_iter()
            .map(|request| match request {
                Value::Object(object) => Asked::from_object(object),
                _ => Err(not_a_request()),
            })
            .collect::<Result<_, _>>()
            .map(Posted::Batch),
        _ => Err(not_a_request()),
    }
}

/// Reads the query string of a GET.
///
/// # Errors
/// 400 for what is no GraphQL request, or nests too deeply.
pub(super) fn read_get(query: Option<&str>, limits: &GraphQl) -> Result<Asked, Problem> {
    let mut object = Map::new();
    let query = query.unwrap_or_default().as_bytes();
    if !is_text(query) {
        return Err(Problem::bad_request("The parameters must be UTF-8, percent-encoded."));
    }
    for (name, value) in form_urlencoded::parse(query) {
        let value = match name.as_ref() {
            "query" | "operationName" | "documentId" => Value::String(value.into_owned()),
            "variables" | "extensions" if value.is_empty() => Value::Null,
            "variables" | "extensions" => read_json(value.as_bytes(), limits)?,
            _ => continue,
        };
        if object.insert(name.to_string(), value).is_some() {
            return Err(Problem::bad_request(format!("The parameter {name} is given twice.")));
        }
    }
    Asked::from_object(object)
}

fn read_json(bytes: &[u8], limits: &GraphQl) -> Result<Value, Problem> {
    check_brackets(bytes, limits)?;
    serde_json::from_slice(bytes).map(|Unambiguous(value)| value).map_err(|error| {
        let told = if error.is_data() { "In this JSON," } else { "This is not valid JSON:" };
        Problem::bad_request(format!("{told} {error}."))
    })
}

impl Asked {
    pub(super) fn from_object(mut object: Map<String, Value>) -> Result<Self, Problem> {
        let query = object.remove("query");
        let document_id = object.remove("documentId");
        let operation_name = match object.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(Problem::bad_request("The member operationName must be a string.")),
        };
        let mut read_map = |name: &str| match object.remove(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(Problem::bad_request(format!("The member {name} must be an object."))),
        };
        let variables = read_map("variables")?;
        let mut extensions = read_map("extensions")?;
        let reference = Reference::of(document_id, &extensions)?;
        let query = match query {
            Some(Value::String(query)) => Some(query),
            None | Some(Value::Null) if reference.is_some() => None,
            _ => return Err(Problem::bad_request("There must be a query, a string: the GraphQL document.")),
        };
        let price_only = match extensions.get("priceOnly") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(price_only)) => *price_only,
            Some(_) => {
                return Err(Problem::bad_request("The member extensions.priceOnly must be true or false."));
            }
        };
        let name = "The member extensions.idempotencyKey";
        let idempotency_key = match extensions.remove("idempotencyKey") {
            None | Some(Value::Null) => None,
            Some(Value::String(key)) => Some(read_key(key, name)?),
            Some(_) => return Err(Problem::bad_request(format!("{name} must be a string."))),
        };
        Ok(Self { query, reference, operation_name, variables, price_only, idempotency_key })
    }
}

impl Posted {
    /// Under the key of the header `Idempotency-Key` too.
    ///
    /// # Errors
    /// 400 where the request names another one, or is a batch.
    pub(super) fn under(mut self, key: Option<String>) -> Result<Self, Problem> {
        let Some(key) = key else { return Ok(self) };
        match &mut self {
            Self::One(asked) if asked.idempotency_key.as_ref().is_none_or(|own| *own == key) => {
                asked.idempotency_key = Some(key);
                Ok(self)
            }
            Self::One(_) => Err(Problem::bad_request(
                "The header Idempotency-Key and the member extensions.idempotencyKey name different keys.",
            )),
            Self::Batch(_) => Err(Problem::bad_request(
                "The header Idempotency-Key is for one request; in a batch, each has its own extensions.idempotencyKey.",
            )),
        }
    }
}

/// Scans JSON before it is parsed.
///
/// # Errors
/// 400 for what nests too deeply, or has too many lists and objects.
pub(super) fn check_brackets(bytes: &[u8], limits: &GraphQl) -> Result<(), Problem> {
    guard::check_json(bytes, limits.max_nesting).map_err(|wrong| match wrong {
        Brackets::TooDeep => too_deep(limits),
        Brackets::TooMany => too_large(format!("A request has at most {MOST_BRACKETS} lists and objects.")),
    })
}

/// A request that nests deeper than it may.
pub(super) fn too_deep(limits: &GraphQl) -> Problem {
    too_large(format!("Brackets nest deeper than {} levels.", limits.max_nesting))
}

/// Over a limit, refused before anything runs.
pub(super) fn too_large(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "DOCUMENT_TOO_LARGE", detail)
}

/// A document of more bytes than may be.
pub(super) fn too_long(most: usize) -> Problem {
    let detail = format!("The document has more than {most} bytes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "DOCUMENT_TOO_LARGE", detail)
}

fn not_a_request() -> Problem {
    Problem::bad_request("A GraphQL request is a JSON object with the member query.")
}
