//! `filmgate config`: what is in effect, and whether it holds. Touches neither database nor network.

use std::path::Path;

use clap::Subcommand;

use super::{Failure, print};
use crate::config::{self, Flags, Loaded};

#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Check file, variables and flags, and tell which were read
    Check,
    /// Print what is in effect as TOML, with passwords masked
    Show,
}

pub(super) fn run(command: &Config, flags: &Flags) -> Result<(), Failure> {
    let loaded = config::load(flags).map_err(|error| Failure::wrong_use(&error))?;
    warn(&loaded);
    match command {
        Config::Check => print(&report(&loaded)),
        Config::Show => print(&config::show(&loaded).map_err(|error| Failure::failed(&error))?),
    }
}

/// To standard error, so that what is shown can be sent into a file.
#[expect(clippy::print_stderr, reason = "no log has been started, and none should be")]
fn warn(loaded: &Loaded) {
    let notices = loaded.config.notices();
    for warning in loaded.warnings.iter().map(String::as_str).chain(notices) {
        eprintln!("warning: {warning}");
    }
}

fn report(loaded: &Loaded) -> String {
    let file = loaded.sources.file().map(Path::display);
    let variables: Vec<&str> = loaded.sources.variables().collect();
    format!(
        "file: {}\nvariables: {}\nok\n",
        file.map_or_else(|| "none".to_owned(), |file| file.to_string()),
        if variables.is_empty() { "none".to_owned() } else { variables.join(", ") },
    )
}
