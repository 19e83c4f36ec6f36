//! The command line: one file a command.

mod account;
mod account_rows;
mod audit;
mod certificate;
mod config;
mod doctor;
mod dry_run;
mod export;
mod film;
mod film_table;
mod greeting;
mod healthcheck;
mod heartbeat;
mod import;
mod import_options;
mod key;
mod migrate;
mod openapi;
mod password;
mod progress;
mod report_file;
mod schema;
mod serve;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use clap::{Args, Parser, Subcommand};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::app::database_settings;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, DatabaseUrl, Flags};
use crate::service::accounts::Accounts;
use crate::service::audit::Refusals;
use crate::service::database::{self, Database, Missing, OpenError};
use crate::service::hall::Randomness;
use crate::service::{Error, FieldFault, starter_catalogue};

/// Done.
const DONE: u8 = 0;
/// It could not be done.
const FAILED: u8 = 1;
/// It was asked for in a wrong way.
const WRONG_USE: u8 = 2;

/// A film API: REST and GraphQL as two equal doors onto one hall.
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
    /// Serve both doors; what a bare `filmgate` does
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

/// Why a command did not do what was asked, in one line for the person who asked.
struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    fn failed(message: &impl ToString) -> Self {
        Self { code: FAILED, message: message.to_string() }
    }

    fn wrong_use(message: &impl ToString) -> Self {
        Self { code: WRONG_USE, message: message.to_string() }
    }
}

/// Runs the command that the arguments name.
#[must_use]
#[expect(clippy::print_stderr, reason = "the place where a failure is told")]
pub fn run() -> ExitCode {
    crate::tls::install_provider();
    let cli = Cli::parse();
    let result = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&cli.settings.into()),
        Command::Import(options) => import::run(&cli.settings.into(), &options),
        Command::Export(options) => export::run(&cli.settings.into(), options),
        Command::Film(command) => film::run(&cli.settings.into(), command),
        Command::Account(command) => account::run(&cli.settings.into(), command),
        Command::Key(command) => key::run(&cli.settings.into(), command),
        Command::Audit(command) => audit::run(&cli.settings.into(), command),
        Command::Migrate(direction) => migrate::run(&cli.settings.into(), direction),
        Command::Schema => schema::run(),
        Command::Openapi => openapi::run(),
        Command::Config(command) => config::run(&command, &cli.settings.into()),
        Command::Doctor(command) => doctor::run(&command, &cli.settings.into()),
        Command::Healthcheck(command) => healthcheck::run(&command, &cli.settings.into()),
    };
    match result {
        Ok(()) => ExitCode::from(DONE),
        Err(failure) => {
            eprintln!("filmgate: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

/// Opens the database as `serve` does: brought up to date, and, where it may be made, filled with the starter catalogue if
/// it is new and the configuration says so.
async fn open(config: &Config, missing: Missing) -> Result<Database, Failure> {
    let failed = |error: OpenError| Failure::failed(&error);
    let settings = database_settings(&config.database);
    let database =
        Database::connect(config.database_url.expose(), &settings, missing).await.map_err(failed)?;
    database::up(&database).await.map_err(failed)?;
    if missing == Missing::Create {
        starter_catalogue::load_once(&database, config.starter_catalogue)
            .await
            .map_err(|error| Failure::failed(&explain(error)))?;
    }
    Ok(database)
}

/// The use cases around accounts, for a command.
fn accounts(config: &Config, database: Database) -> Result<Accounts, Failure> {
    let randomness: Randomness = Box::new(StdRng::from_rng(&mut rand::rng()));
    let clock = Arc::new(SystemClock::new());
    // A command refuses nobody.
    let refusals = Arc::new(Refusals::new(database.clone(), Arc::clone(&clock) as Arc<dyn Clock>));
    Accounts::new(database, clock, Arc::new(Mutex::new(randomness)), refusals, config.auth.session_lifetime())
        .map_err(|error| Failure::failed(&explain(error)))
}

/// For the operator, who may see what no client may.
fn explain(error: Error) -> String {
    match error {
        Error::Internal(source) => source.to_string(),
        Error::InvalidInput(faults) => {
            let clause =
                |fault: &FieldFault| format!("{} {}", fault.pointer.trim_start_matches('/'), fault.detail);
            faults.iter().map(clause).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// Runs a command that waits for a database.
fn run_async(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(&error))?
        .block_on(command)
}

/// Writes a line to standard error: what a person should read beside what a program takes from standard output.
fn note(text: &str) -> Result<(), Failure> {
    use std::io::{Write as _, stderr};
    writeln!(stderr(), "{text}").map_err(|error| Failure::failed(&error))
}

/// Writes to standard output. A closed pipe (`filmgate schema | head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write as _, stdout};
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::failed(&error)),
        _ => Ok(()),
    }
}
