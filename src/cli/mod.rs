//! The command line: one file a command.

mod account;
mod audit;
mod backup;
mod certificate;
mod config;
mod database;
mod doctor;
mod dry_run;
mod export;
mod film;
mod greeting;
mod healthcheck;
mod heartbeat;
mod import;
mod import_options;
mod key;
mod migrate;
mod output;
mod password;
mod progress;
mod report_file;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::load::{Flags, load};
use crate::config::{Config, DatabaseUrl};
use crate::{graphql, rest};
use output::{Failure, print};

/// A film API: REST and GraphQL as two equal surfaces over one service layer.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: SettingFlags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve both surfaces; what a bare `filmgate` does
    Serve,
    /// Read films from a file of JSON, NDJSON or CSV
    Import(import_options::Options),
    /// Write all films to standard output, as import reads them
    Export(export::Options),
    /// List, show and remove films
    #[command(subcommand)]
    Film(film::Command),
    /// Make, list and change accounts
    #[command(subcommand)]
    Account(account::Command),
    /// Make, list and revoke keys for programs
    #[command(subcommand)]
    Key(key::Command),
    /// List security events
    #[command(subcommand)]
    Audit(audit::Command),
    /// Copy the database into a new file, also while a server runs on it
    Backup(backup::Backup),
    /// Put a backup in the place of the database, and keep the old one beside it
    Restore(backup::Restore),
    /// Bring the tables of the database up to date, or back
    #[command(subcommand)]
    Migrate(migrate::Direction),
    /// Print the GraphQL schema
    Schema,
    /// Print the OpenAPI document
    Openapi,
    /// Check or show the configuration
    #[command(subcommand)]
    Config(config::Config),
    /// Tell what is set up wrongly, and what to do about it
    Doctor(doctor::Doctor),
    /// Ask a running server whether it is ready
    Healthcheck(healthcheck::Healthcheck),
}

#[derive(Debug, Args)]
struct SettingFlags {
    /// The configuration file [default: filmgate.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:3000]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The database [default: `sqlite://filmgate.db`]
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<DatabaseUrl>,
    /// Who encrypts: cert, self-signed, proxy or off
    #[arg(long, global = true, value_name = "MODE")]
    tls: Option<String>,
}

impl From<SettingFlags> for Flags {
    fn from(flags: SettingFlags) -> Self {
        Self { config: flags.config, listen: flags.listen, database_url: flags.database_url, tls: flags.tls }
    }
}

/// Runs a command that waits for a database.
fn run_async<F>(flags: &Flags, command: impl FnOnce(Config) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let config = load(flags).map_err(|error| Failure::wrong_use(&error))?.config;
    tokio::runtime::Runtime::new()?.block_on(database::closing(command(config)))
}

/// Runs the command that the arguments name.
#[must_use]
#[expect(clippy::print_stderr, reason = "the place where a failure is told")]
pub fn run() -> ExitCode {
    crate::tls::install_provider();
    let cli = Cli::parse();
    let flags = cli.settings.into();
    let result = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&flags),
        Command::Import(options) => run_async(&flags, |config| import::execute(config, options)),
        Command::Export(options) => run_async(&flags, |config| export::execute(config, options)),
        Command::Film(command) => run_async(&flags, |config| film::execute(config, command)),
        Command::Account(command) => run_async(&flags, |config| account::execute(config, command)),
        Command::Key(command) => run_async(&flags, |config| key::execute(config, command)),
        Command::Audit(command) => run_async(&flags, |config| audit::execute(config, command)),
        Command::Backup(options) => run_async(&flags, |config| backup::backup(config, options)),
        Command::Restore(options) => run_async(&flags, |config| backup::restore(config, options)),
        Command::Migrate(direction) => run_async(&flags, |config| migrate::execute(config, direction)),
        Command::Schema => print(&graphql::schema::sdl()),
        Command::Openapi => print(&rest::document::document()),
        Command::Config(command) => config::run(&command, &flags),
        Command::Doctor(options) => run_async(&flags, |config| doctor::execute(config, options)),
        Command::Healthcheck(command) => healthcheck::run(&command, &flags),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("filmgate: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
