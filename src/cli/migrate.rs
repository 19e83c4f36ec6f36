//! `filmgate migrate`.

use clap::Subcommand;

use super::database::connect;
use super::output::{Failure, Group, Output, note};
use crate::app::database_settings;
use crate::config::Config;
use crate::service::database::{self, Missing, assert_unused};

/// What to do with the tables of the database.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Direction {
    /// Apply every migration that is pending; `serve` does so by itself
    Up,
    /// Take back the last migrations, with the tables that they made and all that is in them, while no server runs
    Down {
        /// How many
        #[arg(long, default_value_t = 1, value_name = "NUMBER")]
        steps: u32,
        /// Yes, what is in those tables may go
        #[arg(long)]
        yes: bool,
    },
    /// List the migrations that this program knows; changes nothing
    Status,
}

pub(super) async fn execute(
    config: Config,
    Group { output, command: direction }: Group<Direction>,
) -> Result<(), Failure> {
    let url = config.database_url.expose();
    match direction {
        Direction::Up => {
            let done = database::up(&connect(&config, Missing::Create).await?).await?;
            for notice in &done.notices {
                note(notice);
            }
            tell(output, "applied", &done.applied, "The database is up to date.\n")
        }
        Direction::Down { steps, yes } => {
            let known = database::look(url, &database_settings(&config.database)).await?;
            if !yes {
                let applied = known.iter().rev().filter(|migration| migration.applied);
                let steps = usize::try_from(steps).unwrap_or(usize::MAX);
                let applied: Vec<&str> = applied.take(steps).map(|migration| migration.name).collect();
                return Err(Failure::wrong_use(&format!(
                    "this takes back {}, and what is in those tables is lost; make a backup and say --yes",
                    if applied.is_empty() { "nothing".to_owned() } else { applied.join(", ") }
                )));
            }
            assert_unused(url).await?;
            let taken_back = database::down(&connect(&config, Missing::Refuse).await?, steps).await?;
            tell(output, "taken back", &taken_back, "There is nothing to take back.\n")
        }
        Direction::Status => {
            let known = database::look(url, &database_settings(&config.database)).await?;
            let line = |migration: &database::Migration| {
                let status = if migration.applied { "applied" } else { "pending" };
                format!("{status}  {}", migration.name)
            };
            output.list(known, |known| lines(known.iter().map(line)))
        }
    }
}

/// What was done; for programs the names.
fn tell(output: Output, what: &str, names: &[&str], otherwise: &str) -> Result<(), Failure> {
    output.list(names, |names| {
        if names.is_empty() {
            return otherwise.to_owned();
        }
        lines(names.iter().map(|name| format!("{what}  {name}")))
    })
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
