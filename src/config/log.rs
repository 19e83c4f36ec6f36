//! `[log]`: how and how much is logged.

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::choice;
use super::error::Error;

/// `[log]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    #[serde(deserialize_with = "choice::choice")]
    pub format: LogFormat,
    /// `info`, or directives such as `filmgate=debug,sqlx=warn`.
    pub level: String,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Pretty, level: "info".to_owned() }
    }
}

impl Log {
    pub(super) fn check(&self) -> Result<(), Error> {
        // A directive without `=` could be a target as well; a misspelt level would then silence everything.
        let is_level = |text: &str| {
            !text.trim().is_empty() && (text.contains('=') || text.trim().parse::<LevelFilter>().is_ok())
        };
        if self.level.split(',').all(is_level) && EnvFilter::try_new(&self.level).is_ok() {
            return Ok(());
        }
        Err(Error::value(
            "log.level",
            format!(
                "{:?} is not a level; use error, warn, info, debug, trace or off, or directives such as filmgate=debug",
                self.level
            ),
        ))
    }
}
