//! What is wrong with a configuration, in one line.

use config::ConfigError;

/// A configuration that does not hold; its text names the key and what would be right.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub(super) String);

impl Error {
    pub(super) fn value(key: &str, fault: impl std::fmt::Display) -> Self {
        Self(format!("configuration key {key}: {fault}"))
    }
}

/// One line: the key first, then what is wrong, then where it came from.
pub(super) fn explain(error: &ConfigError) -> Error {
    let (key, fault, origin) = match error {
        ConfigError::At { error, key: Some(key), origin } => (key, error.to_string(), origin),
        ConfigError::Type { key: Some(key), origin, unexpected, expected } => {
            (key, format!("{unexpected} was given, expected {expected}"), origin)
        }
        other => return Error(other.to_string().replace('\n', " ")),
    };
    let origin = origin.as_ref().map(|origin| format!(" (in {origin})")).unwrap_or_default();
    Error::value(key, fault.replace('\n', " ") + &origin)
}
