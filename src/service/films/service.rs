//! What the use cases stand on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entity::film;
use rand::RngExt as _;
use sea_orm::{EntityTrait as _, QuerySelect as _};
use tokio::time::timeout;

use crate::clock::{Clock, Randomness};
use crate::service::accounts::service::AccountService;
use crate::service::audit::refusals::Refusals;
use crate::service::database::connection::{Database, counts, is_postgres};
use crate::service::error::{Error, Result};
use crate::service::idempotency::running::Requests;
use crate::service::read_model::catalogue::Catalogue;
use crate::service::read_model::changes::Watch;
use crate::service::votes::writer::{Groups, VoteWriter};

/// A database that is slower than this is as good as gone.
const PATIENCE: Duration = Duration::from_secs(1);
/// For as long an answer is passed on instead of asking again.
const FRESH: Duration = Duration::from_secs(1);

/// The service: the use cases are its methods, one file each (`film`, `film_list`, `random_film`, `vote`).
pub struct FilmService {
    pub(in crate::service) database: Database,
    pub(in crate::service) catalogue: Arc<Catalogue>,
    pub(in crate::service) votes: VoteWriter,
    pub(in crate::service) max_page: u32,
    pub(in crate::service) clock: Arc<dyn Clock>,
    accounts: AccountService,
    refusals: Arc<Refusals>,
    /// Under keys of their clients.
    pub(in crate::service) requests: Arc<Requests>,
    randomness: Arc<Mutex<Randomness>>,
    /// Whether the database answered, and when it was asked. Who asks while somebody is asking waits for that answer: a
    /// flood of probes is no flood of queries.
    answered: tokio::sync::Mutex<Option<(Duration, bool)>>,
}

impl FilmService {
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
        let catalogue =
            Arc::new(Catalogue::load(&database.reader, settings.catalogue_bytes, settings.event_rest).await?);
        watch.run(database.clone(), &catalogue);
        let votes = VoteWriter::start(database.clone(), Arc::clone(&catalogue), settings.groups.clone())
            .map_err(Error::internal)?;
        let randomness = Arc::new(Mutex::new(randomness));
        let refusals = Arc::new(Refusals::new(database.clone(), Arc::clone(&clock)));
        refusals.run();
        let accounts = AccountService::new(
            database.clone(),
            Arc::clone(&clock),
            Arc::clone(&randomness),
            Arc::clone(&refusals),
            settings.session_lifetime,
            settings.max_page,
        );
        Ok(Self {
            database,
            catalogue,
            votes,
            max_page: settings.max_page,
            answered: tokio::sync::Mutex::default(),
            clock,
            accounts,
            refusals,
            requests: Arc::default(),
            randomness,
        })
    }

    /// How many films there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.catalogue.len()
    }

    /// How much there is of what grows, now.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        let (bytes, is_whole) = self.catalogue.held();
        let pools = [("read", &self.database.reader), ("write", &self.database.writer)];
        Sizes {
            films: self.count(),
            bytes,
            is_whole,
            votes_waiting: self.votes.waiting(),
            pools: pools.map(|(name, connection)| {
                let (all, idle, most) = counts(connection);
                Pool { name, in_use: all.saturating_sub(idle), idle, most }
            }),
        }
    }

    /// Whether the database answers in time, as of a moment ago. It reads a row of its own tables: they are there.
    pub async fn answers(&self) -> bool {
        let mut last = self.answered.lock().await;
        if let Some((asked, answer)) = *last
            && self.clock.now().saturating_sub(asked) < FRESH
        {
            return answer;
        }
        let question = film::Entity::find().select_only().column(film::Column::Id).limit(1);
        let row = question.into_tuple::<i64>().one(&self.database.reader);
        let answer = timeout(PATIENCE, row).await;
        match &answer {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "not ready: the database does not answer"),
            Err(_) => tracing::warn!("not ready: the database does not answer within a second"),
        }
        let answers = matches!(answer, Ok(Ok(_)));
        *last = Some((self.clock.now(), answers));
        answers
    }

    /// The use cases around accounts.
    #[must_use]
    pub fn accounts(&self) -> &AccountService {
        &self.accounts
    }

    /// Where the surfaces note what they refuse.
    #[must_use]
    pub fn refusals(&self) -> &Arc<Refusals> {
        &self.refusals
    }

    /// Whether a write has failed, and the probes since have failed too.
    #[must_use]
    pub fn writes_fail(&self) -> bool {
        self.database.writes_fail()
    }

    /// Whether other servers may use the same database, so that what ails it is no reason to ask one of them.
    #[must_use]
    pub fn shares_database(&self) -> bool {
        is_postgres(&self.database.reader)
    }

    /// Puts on disk what waits to be written: for a stop, when no more calls will come.
    pub async fn close(&self) {
        self.refusals.close().await;
    }

    /// Milliseconds since the Unix epoch, by the clock that was passed in.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(super) fn random_key(&self) -> u64 {
        self.randomness.lock().unwrap_or_else(PoisonError::into_inner).random()
    }

    /// Uniform in `0..below`; `below` is not 0.
    pub(super) fn random_below(&self, below: usize) -> usize {
        self.randomness.lock().unwrap_or_else(PoisonError::into_inner).random_range(0..below)
    }
}

/// What the service is told by the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bytes that films may take in memory; past them a film is read by primary key.
    pub catalogue_bytes: usize,
    /// How long a subscriber rests after an event of a film.
    pub event_rest: Duration,
    /// Most films on one page.
    pub max_page: u32,
    /// How long a sign-in lasts.
    pub session_lifetime: Duration,
    /// What is measured of groups of votes.
    pub groups: Groups,
}

/// How much there is of what grows, now.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub films: usize,
    /// Of the films in memory.
    pub bytes: usize,
    /// Whether every film is in memory.
    pub is_whole: bool,
    /// Calls whose votes wait to be written.
    pub votes_waiting: usize,
    /// Connections to read by, and to write by.
    pub pools: [Pool; 2],
}

/// Connections to the database.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    pub name: &'static str,
    pub in_use: usize,
    pub idle: usize,
    pub most: usize,
}
