//! The messages of `graphql-transport-ws`, and why a socket is closed. No socket here.
//!
//! Own rather than async-graphql's machine, which closes with codes of its own, takes a second operation under an id for
//! the first one, and tells what is not valid as a result.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::config::GraphQl;
use crate::graphql::request::{Asked, check_brackets};
use crate::http::problem::Problem;
use crate::service::json_object::Unambiguous;

/// The only subprotocol; the older `graphql-ws` is another one.
pub(in crate::graphql) const SUBPROTOCOL: &str = "graphql-transport-ws";
/// Characters of the id of an operation, which is kept while it runs.
const LONGEST_ID: usize = 255;
/// Bytes of a reason that a close frame can hold.
const LONGEST_REASON: usize = 123;

/// What a client says.
#[derive(Debug)]
pub(in crate::graphql) enum Said {
    Init(Map<String, Value>),
    /// With what is to be sent back.
    Ping(Option<String>),
    Pong,
    /// An operation that cannot be read is refused by itself.
    Subscribe {
        id: String,
        asked: Result<Asked, Box<Problem>>,
    },
    Complete(String),
}

/// Why a socket is closed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::graphql) struct Closing {
    pub code: u16,
    reason: Cow<'static, str>,
}

impl Closing {
    pub(in crate::graphql) const NORMAL: Self = Self::new(1000, "");
    pub(in crate::graphql) const GOING_AWAY: Self = Self::new(1001, "Going away");
    pub(in crate::graphql) const BROKEN: Self = Self::new(1002, "Protocol error");
    pub(in crate::graphql) const NOT_TEXT: Self = Self::new(1007, "Text is UTF-8");
    pub(in crate::graphql) const TOO_MANY_FRAMES: Self = Self::new(1008, "A message of too many frames");
    pub(in crate::graphql) const TOO_LARGE: Self = Self::new(1009, "Message too large");
    /// Over the `flood` quota: 4429 would say that the connection was initialised twice.
    pub(in crate::graphql) const FLOOD: Self = Self::new(1013, "Too many messages, try again later");
    pub(in crate::graphql) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub(in crate::graphql) const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    pub(in crate::graphql) const SUBPROTOCOL: Self =
        Self::new(4406, "Subprotocol not acceptable; speak graphql-transport-ws");
    pub(in crate::graphql) const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub(in crate::graphql) const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// A message that is not one of the protocol.
    pub(in crate::graphql) fn bad_message(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code: 4400, reason: reason.into() }
    }

    pub(in crate::graphql) fn id_in_use(id: &str) -> Self {
        Self { code: 4409, reason: format!("Subscriber for {id} already exists").into() }
    }

    /// As much of it as a close frame can hold.
    pub(in crate::graphql) fn reason(&self) -> &str {
        &self.reason[..self.reason.floor_char_boundary(LONGEST_REASON)]
    }
}

/// The frame of a message. Its payload is only scanned for its end, without recursion, so that an operation that nests
/// too deeply can still be refused under its id.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(default)]
    id: Option<String>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
}

/// Reads a message.
///
/// # Errors
/// 4400.
pub(in crate::graphql) fn read(text: &str, limits: &GraphQl) -> Result<Said, Closing> {
    // serde would take a list for the members in their order.
    let is_object = text.trim_start().starts_with('{');
    let envelope = serde_json::from_str(text).ok().filter(|_: &Envelope| is_object).ok_or_else(|| {
        Closing::bad_message("A message is a JSON object with a type, and an id if it needs one")
    })?;
    let payload = || -> Result<Option<Map<String, Value>>, Closing> {
        let Some(payload) = envelope.payload else { return Ok(None) };
        check_brackets(payload.get().as_bytes(), limits)
            .map_err(|_| Closing::bad_message("The payload nests too deeply, or has too many brackets"))?;
        object(payload.get()).map(Some)
    };
    match &*envelope.kind {
        "connection_init" => Ok(Said::Init(payload()?.unwrap_or_default())),
        "ping" => {
            payload()?;
            Ok(Said::Ping(envelope.payload.map(|payload| payload.get().to_owned())))
        }
        "pong" => payload().map(|_| Said::Pong),
        "complete" => Ok(Said::Complete(id(envelope.id)?)),
        "subscribe" => {
            let id = id(envelope.id)?;
            let payload = envelope.payload.map_or("null", RawValue::get);
            let asked = match check_brackets(payload.as_bytes(), limits) {
                Err(problem) => Err(Box::new(problem)),
                Ok(()) => Ok(operation(payload)?),
            };
            Ok(Said::Subscribe { id, asked })
        }
        // Those of the older protocol, for which nobody says so: its name was another's before.
        "start" | "stop" | "connection_terminate" => Err(Closing::bad_message(
            "This is the older protocol graphql-ws; speak graphql-transport-ws: subscribe and complete",
        )),
        _ => Err(Closing::bad_message("This type of message is not known, or not for a server")),
    }
}

fn id(id: Option<String>) -> Result<String, Closing> {
    match id {
        Some(id) if !id.is_empty() && id.chars().count() <= LONGEST_ID => Ok(id),
        _ => Err(Closing::bad_message("This message needs an id, of 1 to 255 characters")),
    }
}

fn operation(payload: &str) -> Result<Asked, Closing> {
    Asked::from_object(object(payload)?).map_err(|problem| Closing::bad_message(problem.detail().to_owned()))
}

fn object(payload: &str) -> Result<Map<String, Value>, Closing> {
    match serde_json::from_str(payload) {
        Ok(Unambiguous(Value::Object(object))) => Ok(object),
        _ => Err(Closing::bad_message("A payload is an object, and gives each of its members once")),
    }
}

/// What a server says: each as the text of a message. `payload` is JSON.
pub(in crate::graphql) fn ack() -> String {
    r#"{"type":"connection_ack"}"#.to_owned()
}

pub(in crate::graphql) fn pong(payload: Option<&str>) -> String {
    payload.map_or_else(
        || r#"{"type":"pong"}"#.to_owned(),
        |payload| format!(r#"{{"type":"pong","payload":{payload}}}"#),
    )
}

pub(in crate::graphql) fn next(id: &str, payload: &str) -> String {
    format!(r#"{{"id":{},"type":"next","payload":{payload}}}"#, Value::from(id))
}

pub(in crate::graphql) fn error(id: &str, payload: &str) -> String {
    format!(r#"{{"id":{},"type":"error","payload":{payload}}}"#, Value::from(id))
}

pub(in crate::graphql) fn complete(id: &str) -> String {
    format!(r#"{{"id":{},"type":"complete"}}"#, Value::from(id))
}
