//! What the use cases stand on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;

use super::accounts::Accounts;
use super::audit::Refusals;
use super::catalogue::Catalogue;
use super::changes::Watch;
use super::database::Database;
use super::error::{Error, Result};
use super::readiness::Readiness;
use super::vote_writer::VoteWriter;
use crate::clock::Clock;

/// A source of randomness that can be passed in.
pub type Randomness = Box<dyn rand::Rng + Send>;

/// The hall: the use cases are its methods, one file each (`film`, `film_list`, `random_film`, `vote`).
pub struct Hall {
    pub(super) database: Database,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) votes: VoteWriter,
    pub(super) max_page: u32,
    pub(super) readiness: Readiness,
    pub(super) clock: Arc<dyn Clock>,
    accounts: Accounts,
    refusals: Arc<Refusals>,
    randomness: Arc<Mutex<Randomness>>,
}

impl Hall {
    /// Loads the read model and starts the writer of votes.
    ///
    /// # Errors
    /// When the films cannot be read.
    pub async fn open(
        database: Database,
        settings: &Settings,
        clock: Arc<dyn Clock>,
        randomness: Randomness,
    ) -> Result<Self> {
        let watch = Watch::begin(&database).await?;
        let catalogue = Arc::new(Catalogue::load(database.reader(), settings.catalogue_bytes).await?);
        watch.run(database.clone(), &catalogue);
        let votes = VoteWriter::start(database.clone(), Arc::clone(&catalogue)).map_err(Error::internal)?;
        let randomness = Arc::new(Mutex::new(randomness));
        let refusals = Arc::new(Refusals::new(database.clone(), Arc::clone(&clock)));
        refusals.run();
        let accounts = Accounts::new(
            database.clone(),
            Arc::clone(&clock),
            Arc::clone(&randomness),
            Arc::clone(&refusals),
            settings.session_lifetime,
        )?;
        Ok(Self {
            database,
            catalogue,
            votes,
            max_page: settings.max_page,
            readiness: Readiness::default(),
            clock,
            accounts,
            refusals,
            randomness,
        })
    }

    /// How many films there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.catalogue.len()
    }

    /// The use cases around accounts.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Where the doors note what they refuse.
    #[must_use]
    pub fn refusals(&self) -> &Arc<Refusals> {
        &self.refusals
    }

    /// Puts on disk what waits to be written: for a stop, when no more calls will come.
    pub async fn close(&self) {
        self.refusals.close().await;
    }

    pub(super) fn now_ms(&self) -> i64 {
        i64::try_from(self.clock.now().as_millis()).unwrap_or(i64::MAX)
    }

    pub(super) fn this_year(&self) -> i64 {
        super::film::this_year(self.clock.now())
    }

    /// Uniform in `0..below`; `below` is not 0.
    pub(super) fn random_below(&self, below: usize) -> usize {
        self.randomness.lock().unwrap_or_else(PoisonError::into_inner).random_range(0..below)
    }
}

/// What the hall is told by the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bytes that films may take in memory; past them a film is read by primary key.
    pub catalogue_bytes: usize,
    /// Most films on one page.
    pub max_page: u32,
    /// How long a sign-in lasts.
    pub session_lifetime: Duration,
}
