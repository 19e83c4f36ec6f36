//! What a command that works on the database stands on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::output::{Failure, note};
use crate::app::database_settings;
use crate::clock::{Clock, Randomness, SystemClock};
use crate::config::Config;
use crate::service::accounts::AccountService;
use crate::service::audit::Refusals;
use crate::service::database::{self, Database, Missing, OpenError};
use crate::service::starter_catalogue;

/// Opens the database as `serve` does: brought up to date, and, where it may be made, filled with the starter catalogue if
/// it is new and the configuration says so.
pub(super) async fn open(config: &Config, missing: Missing) -> Result<Database, Failure> {
    let database = connect(config, missing).await?;
    for notice in database::up(&database).await?.notices {
        note(&notice);
    }
    database::assert_whole(&database).await?;
    if missing == Missing::Create {
        starter_catalogue::load_once(&database, config.starter_catalogue).await?;
    }
    Ok(database)
}

/// Opens the database and leaves its tables as they are.
pub(super) async fn connect(config: &Config, missing: Missing) -> Result<Database, OpenError> {
    let settings = database_settings(&config.database);
    let database = Database::connect(config.database_url.expose(), &settings, missing).await?;
    opened().push(database.clone());
    Ok(database)
}

/// What this process has opened. A driver that is merely dropped closes a moment later, when the process may be gone.
static OPENED: Mutex<Vec<Database>> = Mutex::new(Vec::new());

fn opened() -> MutexGuard<'static, Vec<Database>> {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs to its end what may open a database, and closes that, whatever has come of it.
pub(super) async fn closing<T>(command: impl Future<Output = T>) -> T {
    let ended = command.await;
    let opened = std::mem::take(&mut *opened());
    for database in opened {
        database.close().await;
    }
    ended
}

/// The use cases around accounts, for a command.
pub(super) async fn accounts(config: &Config, missing: Missing) -> Result<AccountService, Failure> {
    let database = open(config, missing).await?;
    let randomness: Randomness = Box::new(StdRng::from_rng(&mut rand::rng()));
    let randomness = Arc::new(Mutex::new(randomness));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    // A command refuses nobody.
    let refusals = Arc::new(Refusals::new(database.clone(), Arc::clone(&clock)));
    let (lifetime, max_page) = (config.auth.session_lifetime(), config.graphql.max_page);
    Ok(AccountService::new(database, clock, randomness, refusals, lifetime, max_page))
}
