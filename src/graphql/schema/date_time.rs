//! Moments in and out of this surface.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::service::text::{moment_text, parse_moment};

/// Milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graphql) struct DateTime(pub i64);

/// A moment in time (RFC 3339); in answers in UTC, such as `2026-11-24T12:00:00.000Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let moment = match &value {
            Value::String(text) => parse_moment(text),
            _ => None,
        };
        moment
            .map(Self)
            .ok_or_else(|| InputValueError::custom("must be a moment, such as 2026-11-24T12:00:00Z"))
    }

    fn to_value(&self) -> Value {
        Value::String(moment_text(self.0))
    }
}
