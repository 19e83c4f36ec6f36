//! Group commit: one writer drains the waiting votes into one transaction and answers each after the commit.
//!
//! The price of a durable commit is the wait for the disk, which a whole group shares.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use entity::{film, vote};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QuerySelect as _, Set,
};
use tokio::sync::{mpsc, oneshot};

use super::catalogue::{Catalogue, Count};
use super::database::Database;
use super::error::{Error, Result};
use super::vote::{Opinion, Vote};

/// Calls that may wait; past them a voter is told to come back.
const WAITING: usize = 16_384;
/// Calls in one transaction: bounds the time for which other writers of the database wait.
const GROUP: usize = 1_024;
/// Rows of one statement, well under the parameter limits of both databases.
const ROWS: usize = 2_000;

/// Hands votes to the writing task.
pub(super) struct VoteWriter {
    queue: mpsc::Sender<Ballot>,
}

/// The votes of one call.
struct Ballot {
    votes: Vec<Vote>,
    voted_at: i64,
    answer: oneshot::Sender<Result<()>>,
}

impl VoteWriter {
    pub(super) fn start(database: Database, catalogue: Arc<Catalogue>) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        tokio::spawn(write_votes(database, catalogue, waiting));
        Self { queue }
    }

    /// Returns once the votes are on disk.
    pub(super) async fn record(&self, votes: Vec<Vote>, voted_at: i64) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Ballot { votes, voted_at, answer }).map_err(|_| Error::Unavailable)?;
        // No answer: the group panicked, and whether it was committed is unknown.
        answered.await.map_err(Error::internal)?
    }
}

/// Ends when the hall is gone and every waiting vote is answered.
async fn write_votes(database: Database, catalogue: Arc<Catalogue>, mut waiting: mpsc::Receiver<Ballot>) {
    loop {
        let mut group = Vec::new();
        if waiting.recv_many(&mut group, GROUP).await == 0 {
            return;
        }
        // In a task of its own, so that a panic ends this group and not the writer of all votes to come.
        let written = tokio::spawn(write_group(database.clone(), Arc::clone(&catalogue), group));
        if let Err(error) = written.await {
            tracing::error!(%error, "a group of votes was lost");
        }
    }
}

async fn write_group(database: Database, catalogue: Arc<Catalogue>, group: Vec<Ballot>) {
    match commit(&database, &catalogue, &group).await {
        Ok(known) => {
            for ballot in group {
                let answer = if ballot.is_valid(&known) { Ok(()) } else { Err(Error::FilmNotFound) };
                // A caller who went away has voted all the same.
                let _ = ballot.answer.send(answer);
            }
        }
        Err(error) => {
            tracing::error!(%error, calls = group.len(), "votes could not be written");
            let passing = matches!(Error::from(error), Error::Unavailable);
            for ballot in group {
                let error =
                    if passing { Error::Unavailable } else { Error::internal("votes could not be written") };
                let _ = ballot.answer.send(Err(error));
            }
        }
    }
}

impl Ballot {
    fn is_valid(&self, known: &BTreeSet<i64>) -> bool {
        self.votes.iter().all(|vote| known.contains(&vote.film.0))
    }
}

/// Records every ballot of the group whose films all exist, and tells the read model. Those films of the group that
/// exist.
async fn commit(
    database: &Database,
    catalogue: &Catalogue,
    group: &[Ballot],
) -> Result<BTreeSet<i64>, DbErr> {
    let transaction = database.begin_write().await?;
    let asked: BTreeSet<i64> =
        group.iter().flat_map(|ballot| &ballot.votes).map(|vote| vote.film.0).collect();
    let known = known_films(&*transaction, &asked).await?;

    let mut entries = Vec::new();
    let mut tallies: BTreeMap<i64, Tally> = BTreeMap::new();
    for ballot in group.iter().filter(|ballot| ballot.is_valid(&known)) {
        for vote in &ballot.votes {
            let tally = tallies.entry(vote.film.0).or_default();
            let value = match vote.opinion {
                Opinion::Like => {
                    tally.likes += 1;
                    1
                }
                Opinion::Dislike => {
                    tally.dislikes += 1;
                    -1
                }
            };
            entries.push(vote::ActiveModel {
                film_id: Set(vote.film.0),
                value: Set(value),
                voted_at: Set(ballot.voted_at),
                ..Default::default()
            });
        }
    }
    if entries.is_empty() {
        transaction.rollback().await?;
        return Ok(known);
    }
    for rows in entries.chunks(ROWS) {
        vote::Entity::insert_many(rows.iter().cloned()).exec_without_returning(&*transaction).await?;
    }
    // In the order of ids, so that two processes cannot wait for each other's rows in a circle.
    for (film_id, tally) in &tallies {
        film::Entity::update_many()
            .col_expr(film::Column::Likes, film::Column::Likes.into_expr().add(tally.likes))
            .col_expr(film::Column::Dislikes, film::Column::Dislikes.into_expr().add(tally.dislikes))
            .filter(film::Column::Id.eq(*film_id))
            .exec(&*transaction)
            .await?;
    }
    let counts = counts(&*transaction, tallies.keys().copied().collect()).await?;
    let turn = transaction.commit().await?;
    catalogue.counted(&counts);
    drop(turn);
    Ok(known)
}

/// What a group adds to one film.
#[derive(Default)]
struct Tally {
    likes: i64,
    dislikes: i64,
}

async fn known_films(database: &impl ConnectionTrait, asked: &BTreeSet<i64>) -> Result<BTreeSet<i64>, DbErr> {
    let asked: Vec<i64> = asked.iter().copied().collect();
    let mut known = BTreeSet::new();
    for ids in asked.chunks(ROWS) {
        known.extend(
            film::Entity::find()
                .select_only()
                .column(film::Column::Id)
                .filter(film::Column::Id.is_in(ids.iter().copied()))
                .into_tuple::<i64>()
                .all(database)
                .await?,
        );
    }
    Ok(known)
}

async fn counts(database: &impl ConnectionTrait, films: Vec<i64>) -> Result<Vec<Count>, DbErr> {
    let mut counts = Vec::with_capacity(films.len());
    for ids in films.chunks(ROWS) {
        let rows = film::Entity::find()
            .select_only()
            .columns([film::Column::Id, film::Column::Likes, film::Column::Dislikes])
            .filter(film::Column::Id.is_in(ids.iter().copied()))
            .into_tuple::<(i64, i64, i64)>()
            .all(database)
            .await?;
        counts.extend(rows.into_iter().map(|(film_id, likes, dislikes)| Count { film_id, likes, dislikes }));
    }
    Ok(counts)
}
