//! What a command that works on the database stands on.

use std::sync::{Arc, Mutex};

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::output::Failure;
use crate::app::database_settings;
use crate::clock::{Clock, Randomness, SystemClock};
use crate::config::Config;
use crate::service::accounts::AccountService;
use crate::service::audit::Refusals;
use crate::service::database::{self, Database, Missing, OpenError};
use crate::service::{Error, FieldFault, starter_catalogue};

/// Opens the database as `serve` does: brought up to date, and, where it may be made, filled with the starter catalogue if
/// it is new and the configuration says so.
pub(super) async fn open(config: &Config, missing: Missing) -> Result<Database, Failure> {
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
pub(super) fn accounts(config: &Config, database: Database) -> Result<AccountService, Failure> {
    let randomness: Randomness = Box::new(StdRng::from_rng(&mut rand::rng()));
    let clock = Arc::new(SystemClock::new());
    // A command refuses nobody.
    let refusals = Arc::new(Refusals::new(database.clone(), Arc::clone(&clock) as Arc<dyn Clock>));
    AccountService::new(
        database,
        clock,
        Arc::new(Mutex::new(randomness)),
        refusals,
        config.auth.session_lifetime(),
    )
    .map_err(|error| Failure::failed(&explain(error)))
}

/// For the operator, who may see what no client may.
pub(super) fn explain(error: Error) -> String {
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
pub(super) fn run_async(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(&error))?
        .block_on(command)
}
