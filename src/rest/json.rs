//! Reads a JSON object from a body.

use axum::extract::Request;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::dto::escape;
use crate::http::body::{read, require_json};
use crate::http::problem::Problem;
use crate::limits::OwnLimits;
use crate::service::caller::{Role, UnknownRole};
use crate::service::json_object::{self, JsonObject};
use crate::service::text::parse_moment;
use crate::service::{Error, FieldFault};

/// The members of a body.
pub(super) type Object = json_object::Members<Value>;

/// The body as an object.
///
/// # Errors
/// 415 for another content type, 413 for a body over the limit, 400 for what does not parse, 422 for JSON that is no
/// object, or one that gives a member twice.
pub(super) async fn read_object(request: Request) -> Result<Object, Problem> {
    require_json(request.headers())?;
    parse_object(&read(request.into_body()).await?)
}

/// The same of a body that was read.
///
/// # Errors
/// 400 for what does not parse, 422 for JSON that is no object, or one that gives a member twice.
pub(super) fn parse_object(body: &[u8]) -> Result<Object, Problem> {
    let object: JsonObject<Value> = serde_json::from_slice(body).map_err(|error| {
        // Of another type at its beginning; what comes behind that was not looked at.
        let error =
            if error.is_data() { serde_json::from_slice::<IgnoredAny>(body).err() } else { Some(error) };
        match error {
            // serde_json tells kind and place, and nothing of the body itself.
            Some(error) => Problem::bad_request(format!("The body is not valid JSON: {error}.")),
            None => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "INVALID_INPUT",
                "The body must be a JSON object.",
            ),
        }
    })?;
    object.members().map_err(|twice| {
        let fault = |name: &String| FieldFault::new(format!("/{}", escape(name)), "is given twice");
        Problem::from(Error::InvalidInput(twice.iter().map(fault).collect()))
    })
}

/// The members of a body. A member that is null is as one that is not given.
pub(super) struct Members {
    object: Object,
    faults: Vec<FieldFault>,
}

impl Members {
    pub(super) fn of(object: Object) -> Self {
        Self { object, faults: Vec::new() }
    }

    /// Whether a member is given, whatever it is.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.fault(name, "must be a string"),
        }
    }

    pub(super) fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.text(name).map(Into::into)
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(flag),
            _ => self.fault(name, "must be true or false"),
        }
    }

    pub(super) fn role(&mut self, name: &str) -> Option<Role> {
        let text = self.text(name)?;
        text.parse().map_or_else(|error: UnknownRole| self.fault(name, &error.to_string()), Some)
    }

    /// A moment, in milliseconds since the Unix epoch.
    pub(super) fn moment(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        parse_moment(&text).or_else(|| self.fault(name, "must be a moment, such as 2030-01-31T12:00:00Z"))
    }

    /// Limits of a key, in the form in which they are kept.
    pub(super) fn limits(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let read = text.parse().map(|limits: OwnLimits| limits.to_string());
        read.map_or_else(|error| self.fault(name, &error.to_string()), Some)
    }

    /// What was read of a member that must be there.
    pub(super) fn required<T: Default>(&mut self, name: &str, read: Option<T>) -> T {
        let pointer = format!("/{name}");
        if read.is_none() && self.faults.iter().all(|fault| fault.pointer != pointer) {
            self.faults.push(FieldFault::new(pointer, "is required"));
        }
        read.unwrap_or_default()
    }

    /// Refuses members that nobody has read by name.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with all that was found.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        let unknown = self.object.keys().map(|name| format!("/{}", escape(name)));
        self.faults.extend(unknown.map(|pointer| FieldFault::new(pointer, "is not a member of this call")));
        if self.faults.is_empty() { Ok(()) } else { Err(Error::InvalidInput(self.faults)) }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.object.shift_remove(name).filter(|value| !value.is_null())
    }

    fn fault<T>(&mut self, name: &str, detail: &str) -> Option<T> {
        self.faults.push(FieldFault::new(format!("/{name}"), detail));
        None
    }
}
