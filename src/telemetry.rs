//! Where log lines go: to standard error, as the configuration says.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Says little that an operator needs; `log.level` can ask for it all the same, since it comes later.
const QUIET: &str = "sea_orm_migration=warn";

/// Starts logging for the whole process. Called once, by a command.
pub fn start(settings: &Log) {
    // The configuration has been checked, so this falls back on nothing.
    let filter =
        EnvFilter::try_new(format!("{QUIET},{}", settings.level)).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match settings.format {
        LogFormat::Pretty => lines.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
