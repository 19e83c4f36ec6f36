//! Group commit: one writer drains the waiting votes into one transaction and answers each after the commit.
//!
//! The price of a durable commit is the wait for the disk, which a whole group shares.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use metrics::Histogram;
use sea_orm::{ConnectionTrait, DbBackend};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::service::caller::Voter;
use crate::service::database::connection::Database;
use crate::service::database::open::TRIES;
use crate::service::database::write::Write;
use crate::service::error::{Error, Result};
use crate::service::idempotency::once::Once;
use crate::service::idempotency::rows::record_all;
use crate::service::read_model::catalogue::Catalogue;
use crate::service::votes::at_once;
use crate::service::votes::ballot::Ballot;
use crate::service::votes::films::Films;
use crate::service::votes::held::Held;
use crate::service::votes::rows::{self, Entry, SignedVotes};
use crate::service::votes::types::Choice;
use crate::telemetry;

/// Calls that may wait; past them a voter is told to come back.
const WAITING: usize = 16_384;
/// Calls in one transaction: bounds the time for which other writers of the database wait.
const GROUP: usize = 1_024;
/// How the wait for a group is called in traces.
const STEP: &str = "votes";
/// A group that takes longer is waited for until it is as large as it may be, if it takes longer than its requests too.
const COSTLY: Duration = Duration::from_millis(1);
/// About what reading and answering a request takes a core. Where that is longer, two groups in turn are quicker: one is written
/// while those of the other are answered and vote again.
const REQUEST: Duration = Duration::from_micros(25);
/// It is waited for so many times less than it takes.
const PATIENCE: u32 = 4;

/// What is measured of groups, where somebody does.
#[derive(Debug, Clone)]
pub struct Groups {
    /// Calls.
    pub size: Histogram,
    /// Seconds.
    pub commit: Histogram,
}

impl Default for Groups {
    fn default() -> Self {
        Self { size: Histogram::noop(), commit: Histogram::noop() }
    }
}

/// Hands votes to the writing task.
pub(in crate::service) struct VoteWriter {
    queue: mpsc::Sender<Ballot>,
}

impl VoteWriter {
    /// On a thread and a runtime of its own. A group takes several steps, and among the requests each of them would wait
    /// for its turn behind all that are being read or refused: the more came, the less would be written.
    pub(in crate::service) fn start(
        database: Database,
        catalogue: Arc<Catalogue>,
        groups: Groups,
    ) -> io::Result<Self> {
        let (queue, waiting) = mpsc::channel(WAITING);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let desk = Desk { database, catalogue, voters: Handle::current() };
        thread::Builder::new()
            .name("votes".to_owned())
            .spawn(move || runtime.block_on(write_votes(desk, groups, waiting)))?;
        Ok(Self { queue })
    }

    /// Calls that wait to be written.
    pub(in crate::service) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Returns once the votes are on disk.
    pub(super) async fn record(
        &self,
        voter: Option<Voter>,
        choices: Vec<Choice>,
        voted_at: i64,
        once: Option<Arc<Once>>,
    ) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.queue
            .try_send(Ballot { voter, choices, voted_at, once, came: Instant::now(), answer })
            .map_err(|_| Error::Unavailable)?;
        // No answer: the group panicked, and whether it was committed is unknown.
        telemetry::step(STEP, answered).await.map_err(Error::internal)?
    }
}

/// What a group needs.
#[derive(Clone)]
struct Desk {
    database: Database,
    catalogue: Arc<Catalogue>,
    /// Where those who wait are woken: one call to another runtime for a group, and not one for each of them.
    voters: Handle,
}

/// Ends when the service is gone and every waiting vote is answered.
async fn write_votes(desk: Desk, groups: Groups, mut waiting: mpsc::Receiver<Ballot>) {
    // How many the next group may be, and how long the last one took.
    let (mut expected, mut took) = (0, Duration::ZERO);
    let mut held = Held::default();
    loop {
        let mut group = Vec::new();
        match held.next_attempt() {
            None if waiting.recv_many(&mut group, GROUP).await == 0 => return,
            Some(next) if waiting.is_closed() && waiting.is_empty() => sleep_until(next).await,
            Some(next) => drop(timeout_at(next, waiting.recv_many(&mut group, GROUP)).await),
            None => {}
        }
        let answering = REQUEST * u32::try_from(expected).unwrap_or(u32::MAX);
        if took > COSTLY.max(answering) && group.len() < expected {
            let gather = async {
                while group.len() < expected {
                    let room = GROUP - group.len();
                    if waiting.recv_many(&mut group, room).await == 0 {
                        break;
                    }
                }
            };
            let _ = timeout(took / PATIENCE, gather).await;
        }
        let passes_over = held.next_attempt().is_some();
        // Those that wait for longer come first.
        let mut ballots = held.take(&group);
        ballots.append(&mut group);
        let group = ballots;
        let (size, begin) = (group.len(), Instant::now());
        // In a task of its own, so that a panic ends this group and not the writer of all votes to come.
        match tokio::spawn(write_group(desk.clone(), group, passes_over)).await {
            Ok(ballots) => held.put(ballots),
            Err(error) => tracing::error!(%error, "a group of votes was lost"),
        }
        took = begin.elapsed();
        #[expect(clippy::cast_precision_loss, reason = "a group is small")]
        groups.size.record(size as f64);
        groups.commit.record(took);
        // Those who are answered now vote again, and with those who wait they would be one group instead of two.
        expected = GROUP.min(size + waiting.len());
    }
}

/// Writes a group and answers it, all but the ballots whose films are held by somebody else: these are given back.
async fn write_group(desk: Desk, group: Vec<Ballot>, passes_over: bool) -> Vec<Ballot> {
    let Desk { database, catalogue, voters } = desk;
    let mut written = commit(&database, &catalogue, &group, passes_over).await;
    if !passes_over && matches!(written, Err(Error::Overtaken)) {
        written = commit(&database, &catalogue, &group, true).await;
    }
    if let Err(error) = &written {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::error!(%error, cause, calls = group.len(), "votes could not be written");
    }
    let is_held = |place: &usize| written.as_ref().is_ok_and(|written| written.held.contains(place));
    let places = group.into_iter().enumerate();
    let (held, group): (Vec<_>, Vec<_>) = places.partition(|(place, _)| is_held(place));
    voters.spawn(async move {
        for (place, ballot) in group {
            let answer = match &written {
                Ok(written) if written.repeated.contains(&place) => Err(Error::Repeated),
                Ok(written) if ballot.is_of(&written.films.free) => Ok(()),
                Ok(_) => Err(Error::FilmNotFound),
                Err(Error::Unavailable | Error::Failing(_) | Error::Overtaken) => Err(Error::Unavailable),
                Err(Error::Unconfirmed) => Err(Error::Unconfirmed),
                Err(_) => Err(Error::internal("votes could not be written")),
            };
            ballot.answer(answer);
        }
    });
    held.into_iter().map(|(_, ballot)| ballot).collect()
}

/// What became of a group.
struct Written {
    /// As far as a ballot needs to know.
    films: Films,
    /// Places of ballots that have to wait for a film.
    held: BTreeSet<usize>,
    /// Places of ballots that were recorded before, under the same key.
    repeated: BTreeSet<usize>,
}

/// Places of ballots whose films are there, and one of them is held; and of those that come behind such a one, of the same
/// voter for the same film.
fn held_places(group: &[Ballot], Films { free, held }: &Films) -> BTreeSet<usize> {
    let (mut places, mut waiting) = (BTreeSet::new(), BTreeSet::new());
    for (place, ballot) in group.iter().enumerate().filter(|_| !held.is_empty()) {
        let is_there = |film| free.contains(&film) || held.contains(&film);
        let is_behind = |film| ballot.voter.as_ref().is_some_and(|voter| waiting.contains(&(voter, film)));
        if ballot.films().all(is_there) && (!ballot.is_of(free) || ballot.films().any(is_behind)) {
            places.insert(place);
            waiting
                .extend(ballot.voter.iter().flat_map(|voter| ballot.films().map(move |film| (voter, film))));
        }
    }
    places
}

/// Records every ballot of the group whose films all exist and that is not recorded, and tells the read model. A film
/// that somebody else holds is waited for, a while and once, or passed over.
async fn commit(
    database: &Database,
    catalogue: &Catalogue,
    group: &[Ballot],
    passes_over: bool,
) -> Result<Written> {
    if database.backend() == DbBackend::Postgres && !passes_over && group.iter().all(Ballot::is_plain) {
        let entries = group.iter().enumerate();
        let entries = entries.flat_map(|(place, ballot)| ballot.entries().map(move |entry| (place, entry)));
        let (counts, turn) = at_once::record(database, &entries.collect::<Vec<_>>()).await?;
        let films = Films { free: counts.iter().map(|count| count.film_id).collect(), ..Films::default() };
        catalogue.counted(counts);
        drop(turn);
        return Ok(Written { films, held: BTreeSet::new(), repeated: BTreeSet::new() });
    }
    let record = async |write: Write| {
        let asked = group.iter().flat_map(Ballot::films).collect();
        let films = Films::lock(&*write, &asked, passes_over).await?;
        let held = held_places(group, &films);
        let open = group.iter().enumerate();
        let open = open.filter(|(place, ballot)| ballot.is_of(&films.free) && !held.contains(place));
        let repeated = repeated(&*write, open.clone()).await?;
        let valid = open.filter(|(place, _)| !repeated.contains(place));
        let valid: Vec<&Ballot> = valid.map(|(_, ballot)| ballot).collect();
        let is_noted = valid.iter().any(|ballot| ballot.once.is_some());
        let entries: Vec<Entry> = valid.iter().flat_map(|ballot| ballot.entries()).collect();
        let signed = valid.iter().filter_map(|ballot| {
            ballot.voter.as_ref().map(|voter| (voter, ballot.choices.as_slice(), ballot.voted_at))
        });
        let signed = SignedVotes::settle(&*write, signed).await?;
        if entries.is_empty() && signed.is_empty() && !is_noted {
            write.rollback().await?;
            return Ok(Written { films, held, repeated });
        }
        let counts = rows::record(&*write, &entries, &signed).await?;
        let turn = write.commit().await?;
        catalogue.counted(counts);
        drop(turn);
        Ok(Written { films, held, repeated })
    };
    database.write_in_tries(if passes_over { TRIES } else { 1 }, record).await
}

/// Notes the keys of the ballots that have one; the places of those that were noted before.
async fn repeated<'a>(
    database: &impl ConnectionTrait,
    ballots: impl Iterator<Item = (usize, &'a Ballot)>,
) -> Result<BTreeSet<usize>> {
    let keyed: Vec<_> = ballots
        .filter_map(|(place, ballot)| {
            let film_id = ballot.choices.first()?.film.0;
            Some((place, ballot.once.as_deref()?, film_id, ballot.voted_at))
        })
        .collect();
    let first = record_all(database, &keyed).await?;
    Ok(keyed.into_iter().map(|(place, ..)| place).filter(|place| !first.contains(place)).collect())
}
