//! The command line: one file a command.

mod account;
mod audit;
mod backup;
mod certificate;
mod config;
mod copy;
mod database;
mod doctor;
mod dry_run;
mod export;
mod film;
mod flags;
mod greeting;
mod healthcheck;
mod heartbeat;
mod import;
mod import_options;
mod kept_limits;
mod key;
mod limits;
mod migrate;
mod output;
mod password;
mod progress;
mod reload;
mod report_file;
mod second_listener;
mod serve;
mod service_manager;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::config::load::{Flags, load};
use crate::config::{Config, SecretUrl};
use crate::{graphql, rest};
use flags::ServingFlags;
use output::{Failure, Group, Output, note, print};

/// A film API: REST and GraphQL as two equal surfaces over one service layer.
#[derive(Debug, Parser)]
#[command(version = VERSION)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: SettingFlags,
    #[command(flatten)]
    serving: ServingFlags,
}

/// With the commit that it was built from, where that is known.
const VERSION: &str = env!("BUILD_VERSION");

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve both surfaces; what a bare `filmgate` does
    Serve(ServingFlags),
    /// Read films from a file of JSON, NDJSON or CSV
    Import(import_options::Options),
    /// Write all films to standard output, as import reads them
    Export(export::Options),
    /// List, add, show, change and remove films
    Film(Group<film::Command>),
    /// Make, list and change accounts
    Account(Group<account::Command>),
    /// Make, list and revoke keys for programs
    Key(Group<key::Command>),
    /// Tell how an address or an account stands, and let it start full
    Limits(Group<limits::Command>),
    /// List security events
    Audit(Group<audit::Command>),
    /// Copy the database into a new file, also while a server runs on it
    Backup(backup::Backup),
    /// Put a backup in the place of the database, and keep the old one beside it
    Restore(backup::Restore),
    /// Copy all that the database holds into another one, such as PostgreSQL, while no server runs
    Copy(copy::Options),
    /// Bring the tables of the database up to date, or back
    Migrate(Group<migrate::Direction>),
    /// Print the GraphQL schema
    Schema,
    /// Print the OpenAPI document
    Openapi,
    /// Check or show the configuration
    Config(Group<config::Config>),
    /// Tell what is set up wrongly, and what to do about it
    Doctor {
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        serving: ServingFlags,
    },
    /// Have the running server read its configuration anew
    Reload(reload::Reload),
    /// Ask a running server whether it is ready
    Healthcheck(healthcheck::Healthcheck),
    /// Print what makes a shell complete commands: `filmgate completions bash`
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
struct SettingFlags {
    /// The configuration file [default: filmgate.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database [default: `sqlite://filmgate.db`]
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<SecretUrl>,
}

impl Command {
    /// The flags of serving, of a command that has them.
    fn serving(&mut self) -> Option<&mut ServingFlags> {
        match self {
            Self::Serve(serving) | Self::Doctor { serving, .. } => Some(serving),
            Self::Config(group) => Some(group.command.serving()),
            Self::Healthcheck(command) => Some(&mut command.serving),
            _ => None,
        }
    }
}

/// Of all flags, those before the command count where it has none of its own.
fn flags(settings: SettingFlags, before: ServingFlags, command: &mut Command) -> Result<Flags, Failure> {
    let is_given = before.listen.is_some() || before.tls.is_some();
    let own = match command.serving() {
        Some(own) => std::mem::take(own),
        None if is_given => {
            return Err(Failure::wrong_use(
                &"--listen and --tls mean nothing to this command; leave them out",
            ));
        }
        None => ServingFlags::default(),
    };
    Ok(Flags {
        config: settings.config,
        listen: own.listen.or(before.listen),
        database_url: settings.database_url,
        copy_to: match command {
            Command::Copy(options) => options.to.take(),
            _ => None,
        },
        tls: own.tls.or(before.tls),
    })
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
pub fn run() -> ExitCode {
    crate::tls::install_provider();
    match execute(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            note(&format!("filmgate: {}", failure.message));
            ExitCode::from(failure.code)
        }
    }
}

fn execute(cli: Cli) -> Result<(), Failure> {
    let mut command = cli.command.unwrap_or_else(|| Command::Serve(ServingFlags::default()));
    let flags = flags(cli.settings, cli.serving, &mut command)?;
    match command {
        Command::Serve(_) => serve::run(&flags),
        Command::Import(options) => run_async(&flags, |config| import::execute(config, options)),
        Command::Export(options) => run_async(&flags, |config| export::execute(config, options)),
        Command::Film(command) => run_async(&flags, |config| film::execute(config, command)),
        Command::Account(command) => run_async(&flags, |config| account::execute(config, command)),
        Command::Key(command) => run_async(&flags, |config| key::execute(config, command)),
        Command::Limits(command) => run_async(&flags, |config| limits::execute(config, command)),
        Command::Audit(command) => run_async(&flags, |config| audit::execute(config, command)),
        Command::Backup(options) => run_async(&flags, |config| backup::backup(config, options)),
        Command::Restore(options) => run_async(&flags, |config| backup::restore(config, options)),
        Command::Copy(options) => run_async(&flags, |config| copy::execute(config, options)),
        Command::Migrate(direction) => run_async(&flags, |config| migrate::execute(config, direction)),
        Command::Schema => print(&graphql::schema::sdl()),
        Command::Openapi => print(&rest::document::document()),
        Command::Config(command) => config::run(&command, &flags),
        Command::Doctor { output, .. } => run_async(&flags, |config| doctor::execute(config, output)),
        Command::Reload(command) => reload::run(&command, &flags),
        Command::Healthcheck(command) => healthcheck::run(&command, &flags),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "filmgate", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
    }
}
