//! A refusal, in the words of both surfaces: problem details (RFC 9457) on REST, `{errors}` on GraphQL.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::http::catalogue::{self, page};
use crate::limits::{self, Bucket, Tier};
use crate::service::audit::{Event, Refusal, Refusals};
use crate::service::caller::Origin;
use crate::service::{Error, FieldFault, MOST_FAULTS};

/// The type of a refused quota, from the IANA registry.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

const GIVEN_UP: &str = "This took too long and was given up. A change may have been made all the same: look before you repeat it.";

/// Bytes of most refusals, so that their text need not grow.
const ROOM: usize = 768;

/// A refusal. As a response it has no headers and no body yet: [`Context::render`] gives it the form of its surface.
///
/// [`Context::render`]: crate::http::context::Context::render
#[derive(Debug, Clone)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    /// What the audit calls it, where it is something for the audit.
    event: Option<Event>,
    /// What others call it; ours is the page about its code.
    kind: Option<&'static str>,
    detail: String,
    members: Map<String, Value>,
    /// Beside those that every answer carries.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A refusal with a sentence for the client.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        debug_assert!(catalogue::entry(code).is_some(), "{code} is not in the catalogue");
        Self {
            status,
            code,
            event: None,
            kind: None,
            detail: detail.into(),
            members: Map::new(),
            headers: Vec::new(),
        }
    }

    /// Something that cannot be read.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", detail)
    }

    /// A part of the input that is not of its form, such as an id that is not a number.
    #[must_use]
    pub fn malformed(faults: &[FieldFault]) -> Self {
        let detail = Error::InvalidInput(faults.to_vec()).to_string();
        Self::new(StatusCode::BAD_REQUEST, "INVALID_INPUT", detail).with_fields(faults)
    }

    /// A body of more than so many bytes.
    #[must_use]
    pub fn too_large(most: usize) -> Self {
        let detail = format!("The request body has more than {most} bytes, and is not read.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", detail)
    }

    /// A body that did not come in time.
    #[must_use]
    pub fn late() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "REQUEST_TIMEOUT",
            "The request body did not come in time. Nothing was done.",
        )
    }

    /// A fault of ours, without a word on what.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "Something went wrong on our side. Please name the request id when you report it.",
        )
    }

    /// What took too long. A change that was begun is still finished, so nobody is told to try again.
    #[must_use]
    pub fn given_up() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", GIVEN_UP)
    }

    /// Too busy; the same call may be made again after a second.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail).with_retry_after(1)
    }

    /// Without a credential, or the right one.
    #[must_use]
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", detail)
            .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"filmgate\""))
    }

    /// A credential came, and is not valid (RFC 6750, 3.1).
    #[must_use]
    pub fn bad_credential(detail: impl Into<String>) -> Self {
        const TOLD: HeaderValue =
            HeaderValue::from_static("Bearer realm=\"filmgate\", error=\"invalid_token\"");
        Self::unauthenticated(detail).with_header(WWW_AUTHENTICATE, TOLD)
    }

    /// Something for the audit, once it is answered.
    #[must_use]
    pub fn for_audit(mut self, event: Event) -> Self {
        self.event = Some(event);
        self
    }

    /// Tells the audit, if it is something for it. Called where the answer is made, once. `actor`: who asked, if known.
    pub fn note(&self, refusals: &Refusals, actor: Option<&str>, origin: &dyn Origin) {
        let Some(event) = self.event else { return };
        let windows = self.members.get("violated-policies").and_then(Value::as_array);
        let windows =
            windows.map(|names| names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
        refusals.note(Refusal {
            event,
            actor,
            origin: Some(origin),
            target: None,
            detail: Some(windows.as_deref().unwrap_or(&self.detail)),
        });
    }

    /// The limiter's refusal. Who runs the server himself is told how to raise the limit.
    #[must_use]
    pub fn of_refusal(refusal: &limits::Refusal, is_local: bool) -> Self {
        match refusal {
            limits::Refusal::OverQuota { bucket, retry_after, violated, tier, raised } => {
                let mut detail = String::with_capacity(ROOM / 2);
                // Piece by piece: refusals come in floods.
                let mut again = itoa::Buffer::new();
                detail.extend(["Too many requests. Try again in ", again.format(*retry_after), " s."]);
                if is_local {
                    hint(&mut detail, *bucket, *tier, raised);
                }
                let violated: Vec<&str> = violated.iter().map(AsRef::as_ref).collect();
                let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail)
                    .with_member("violated-policies", json!(violated))
                    .with_retry_after(*retry_after);
                problem.kind = Some(QUOTA_EXCEEDED);
                problem.for_audit(Event::QuotaRefused)
            }
            limits::Refusal::AboveBurst { window, bucket, price, burst } => {
                let detail = format!(
                    "This costs {price} of the {} budget, and {window} never holds more than {burst}. Ask in \
                     smaller parts.",
                    bucket.name()
                );
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "PRICE_ABOVE_BURST", detail)
                    .with_member("price", json!(price))
                    .with_member("maxPrice", json!(burst))
            }
            limits::Refusal::AboveShare { bucket, retry_after } => {
                let detail = format!(
                    "This costs more of the {} budget than one server may let pass while the servers cannot count \
                     together. Try again in {retry_after} s, or ask in smaller parts.",
                    bucket.name()
                );
                Self::unavailable(detail).with_retry_after(*retry_after)
            }
        }
    }

    /// Adds a member beside the standard ones.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// Adds the faults of an input.
    #[must_use]
    pub fn with_fields(self, faults: &[FieldFault]) -> Self {
        self.with_member("fields", fields(faults))
    }

    /// Adds headers.
    #[must_use]
    pub fn with_headers(mut self, headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        self
    }

    /// In seconds, as header and as member: some clients show only the body.
    #[must_use]
    pub fn with_retry_after(self, seconds: u64) -> Self {
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds)).with_member("retryAfter", json!(seconds))
    }

    /// The sentence for the client.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// As one entry of GraphQL `errors`.
    #[must_use]
    pub fn graphql_error(&self) -> Value {
        let mut extensions = Map::new();
        extensions.insert("code".to_owned(), json!(self.graphql_code()));
        extensions.extend(self.members.clone());
        json!({ "message": self.detail, "extensions": extensions })
    }

    /// The catalogue's name for it in GraphQL.
    #[must_use]
    pub fn graphql_code(&self) -> &'static str {
        match self.code {
            "PAYLOAD_TOO_LARGE" => "DOCUMENT_TOO_LARGE",
            code => code,
        }
    }

    /// As problem details.
    #[must_use]
    pub fn details(&self, request_id: &str) -> String {
        let title = match self.kind {
            Some(_) => "Request cannot be satisfied as assigned quota has been exceeded",
            None => self.status.canonical_reason().unwrap_or("Error"),
        };
        let details = Details {
            kind: self.kind.map_or_else(|| page(self.code).into(), Cow::from),
            title,
            status: self.status.as_u16(),
            detail: &self.detail,
            instance: request_id,
            code: self.code,
            members: &self.members,
        };
        let mut text = Vec::with_capacity(ROOM);
        // Serializing strings and maps cannot fail, and makes UTF-8.
        let _ = serde_json::to_writer(&mut text, &details);
        String::from_utf8(text).unwrap_or_default()
    }

    /// For an answer that some library made: its status is all there is to tell.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => ("NOT_FOUND", "There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => (
                "METHOD_NOT_ALLOWED",
                "This address does not take this method; the Allow header names those it takes.",
            ),
            status if status.is_server_error() => return Self::internal(),
            _ => ("BAD_REQUEST", "The request cannot be understood."),
        };
        Self::new(status, code, detail)
    }
}

/// The members of problem details (RFC 9457), and ours.
#[derive(Serialize)]
struct Details<'a> {
    #[serde(rename = "type")]
    kind: Cow<'static, str>,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    code: &'static str,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

/// How who runs the server raises a limit.
fn hint(detail: &mut String, bucket: Bucket, tier: Option<Tier>, raised: &str) {
    let name = bucket.name();
    detail.push_str(" This is your own server: ");
    match tier {
        Some(Tier::Key) => {
            detail.extend(["make a key with --limits \"", name, "=", raised, "\""]);
        }
        tier => {
            let (of, tier) = tier.map_or(("", ""), |tier| (".tiers.", tier.name()));
            detail.extend([
                "write ",
                name,
                " = \"",
                raised,
                "\" below [limits",
                of,
                tier,
                "] in its configuration file and send it SIGHUP",
            ]);
        }
    }
    detail.push_str(", or restart it with FILMGATE_LIMITS__ENABLED=false.");
}

/// The faults of an input, alike on both surfaces: the first of them, and how many more there are.
#[must_use]
pub fn fields(faults: &[FieldFault]) -> Value {
    let hidden = faults.len().saturating_sub(MOST_FAULTS);
    let more = (hidden > 0).then(|| FieldFault::new("", format!("{hidden} more faults are not shown")));
    faults
        .iter()
        .take(MOST_FAULTS)
        .chain(&more)
        .map(|fault| json!({ "pointer": fault.pointer, "detail": fault.detail }))
        .collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
