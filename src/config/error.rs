//! What is wrong with a configuration, in one line.

use config::ConfigError;

use super::keys::KEYS;

/// A configuration that does not hold; its text names the key and what would be right.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub(super) String);

impl Error {
    pub(super) fn value(key: &str, fault: impl std::fmt::Display) -> Self {
        Self(format!("configuration key {key}: {fault}"))
    }
}

/// The key with the same last part, or the most alike.
pub(super) fn suggestion(key: &str) -> String {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let best = KEYS
        .iter()
        .map(|(known, ..)| {
            let alike = strsim::jaro_winkler(key, known);
            let same = if last(key) == last(known) { 1.0 } else { 0.0 };
            (alike + same, *known)
        })
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match best {
        Some((score, known)) if score > 0.85 => format!("; did you mean {known}?"),
        _ => String::new(),
    }
}

/// One line: the key first, then what is wrong, then where it came from.
pub(super) fn explain(error: &ConfigError) -> Error {
    match error {
        ConfigError::At { error, key: Some(key), origin } => {
            Error(format!("configuration key {key}: {}{}", one_line(error), from(origin.as_ref())))
        }
        ConfigError::Type { key: Some(key), origin, unexpected, expected } => Error(format!(
            "configuration key {key}: {unexpected} was given, expected {expected}{}",
            from(origin.as_ref())
        )),
        other => Error(one_line(other)),
    }
}

fn from(origin: Option<&String>) -> String {
    origin.map(|origin| format!(" (in {origin})")).unwrap_or_default()
}

fn one_line(error: &ConfigError) -> String {
    error.to_string().replace('\n', " ")
}
