//! `filmgate config`: what is in effect, and whether it holds. Touches neither database nor network.

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use super::certificate;
use super::flags::ServingFlags;
use super::output::{Failure, Group, note};
use crate::app::trusted;
use crate::clock::SystemClock;
use crate::config::load::{Flags, Loaded, load};
use crate::config::show::show;

#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Check file, variables and flags, and tell which were read
    Check(ServingFlags),
    /// Print what is in effect as TOML, with passwords masked
    Show(ServingFlags),
}

impl Config {
    pub(super) fn serving(&mut self) -> &mut ServingFlags {
        let (Self::Check(serving) | Self::Show(serving)) = self;
        serving
    }
}

pub(super) fn run(Group { output, command }: &Group<Config>, flags: &Flags) -> Result<(), Failure> {
    let loaded = load(flags).map_err(|error| Failure::wrong_use(&error))?;
    warn(&loaded);
    match command {
        Config::Check(_) => {
            tell(&certificate::check(&loaded.config, &SystemClock::new())?);
            trusted(&loaded.config.graphql).map_err(|fault| Failure::wrong_use(&fault))?;
            let variables: Vec<&str> = loaded.sources.variables().collect();
            let told = json!({ "file": loaded.sources.file(), "variables": variables });
            output.tell(&told, || report(&loaded))
        }
        Config::Show(_) => {
            let text = show(&loaded).map_err(|error| Failure::failed(&error))?;
            let values = output.is_json().then(|| toml::from_str::<toml::Table>(&text)).transpose();
            let values = values.map_err(|error| Failure::failed(&error))?;
            output.tell(&values, || text)
        }
    }
}

/// To standard error, so that what is shown can be sent into a file.
fn tell(warnings: &[String]) {
    for warning in warnings {
        note(&format!("warning: {warning}"));
    }
}

fn warn(loaded: &Loaded) {
    tell(&loaded.warnings);
    let notices: Vec<String> = loaded.config.notices().into_iter().map(str::to_owned).collect();
    tell(&notices);
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
