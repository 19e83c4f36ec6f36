//! Many films at once, in batches: each is written whole or not at all, so a run that is killed can be run again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbBackend;

use crate::clock::{Clock, milliseconds};
use crate::service::action::Action;
use crate::service::audit::entry::{Entry, Event};
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::database::write::Write;
use crate::service::error::{Error, FieldFault, Result};
use crate::service::films::types::FilmDraft;
use crate::service::films::validate::{this_year, validate};
use crate::service::import::plan::{Add, Content, Key, Known, Plan, Verdict, Which};
use crate::service::import::rows;
use crate::service::import::types::{Judged, OnError, Settings, ValidRow};
use crate::service::policy::authorize;

/// Rows of one transaction: bounds the time for which the votes of a running server wait.
pub const BATCH: usize = 250;
/// The largest id that can be kept: new films count on from it, and every JSON client still reads theirs exactly (up to 2^53).
pub const MAX_ID: i64 = 1 << 52;
/// How often a batch is tried.
const TRIES: u32 = 5;
/// The longest pause between two batches.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// A film as a file has it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Set only when ids are to be kept.
    pub id: Option<i64>,
    pub film: FilmDraft,
}

/// What became of a row. Known only once it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// In a dry run there is no id. `instead_of` is one that was asked for and taken.
    Added {
        id: Option<i64>,
        instead_of: Option<i64>,
    },
    /// Name and studio are spelled otherwise now, or the genres are others.
    Updated {
        id: Option<i64>,
    },
    /// Equal in name, studio and year to a film that is there, or that stood earlier in the file.
    Duplicate {
        id: Option<i64>,
    },
    Refused(Vec<FieldFault>),
}

/// What has become of the rows so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    added: u64,
    updated: u64,
    duplicates: u64,
    refused: u64,
}

impl Counts {
    fn count(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Added { .. } => &mut self.added,
            Outcome::Updated { .. } => &mut self.updated,
            Outcome::Duplicate { .. } => &mut self.duplicates,
            Outcome::Refused(_) => &mut self.refused,
        } += 1;
    }
}

/// An import that has begun.
pub struct Import {
    database: Database,
    caller: Caller,
    settings: Settings,
    clock: Arc<dyn Clock>,
    counts: Counts,
    /// The row of this import in the audit, once something was written: who is killed half-way has left a trace.
    event: Option<i64>,
    /// What a dry run would have written, as fingerprints: some 50 bytes a film.
    pretended: HashMap<u64, Content>,
    /// The ids that these films would have been given as they asked for.
    pretended_ids: HashSet<i64>,
}

impl Import {
    /// # Errors
    /// [`Error::Forbidden`]: an import can change films and choose ids, which takes an admin.
    pub fn begin(
        database: Database,
        caller: &Caller,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        authorize(caller, Action::ImportFilms)?;
        let (counts, pretended, pretended_ids) = Default::default();
        let caller = caller.clone();
        Ok(Self { database, caller, settings, clock, counts, event: None, pretended, pretended_ids })
    }

    /// Whether a refused row ends it.
    #[must_use]
    pub fn stops_at_refusal(&self) -> bool {
        self.settings.on_error == OnError::Stop
    }

    /// Writes the rows in one transaction. The outcomes are those of the first rows, in their order; where rows stop at
    /// a refusal, it is the last of them.
    ///
    /// # Errors
    /// When the database fails. Then nothing of the batch was written, unless it is [`Error::Unconfirmed`].
    pub async fn batch(&mut self, rows: Vec<Result<Draft, FieldFault>>) -> Result<Vec<Outcome>> {
        authorize(&self.caller, Action::ImportFilms)?;
        let now = self.clock.wall();
        let mut judged = Vec::with_capacity(rows.len());
        for row in rows {
            let row = judge(row, this_year(now))?;
            let stop = row.is_err() && self.settings.on_error == OnError::Stop;
            judged.push(row);
            if stop {
                break;
            }
        }
        if self.settings.dry_run {
            return self.pretend(judged).await;
        }
        let began = self.clock.now();
        let outcomes = self.write(&judged, milliseconds(now)).await?;
        for outcome in &outcomes {
            self.counts.count(outcome);
        }
        if self.database.backend() == DbBackend::Sqlite {
            // SQLite's lock is not fair: without a pause whoever waits for it, looking now and then, might never see
            // it free.
            tokio::time::sleep(self.clock.now().saturating_sub(began).min(LONGEST_PAUSE)).await;
        }
        Ok(outcomes)
    }

    /// Ends it: one event for the audit, if films were added or changed. To be called whatever has ended it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(self) -> Result<()> {
        let Counts { added, updated, duplicates, refused } = self.counts;
        if added + updated == 0 {
            return Ok(());
        }
        let entry = Entry::new(Event::FilmsImported, &self.caller, self.clock.now_ms())
            .saying(format!("{added} added, {updated} updated, {duplicates} duplicates, {refused} refused"));
        let record = async |write: Write| {
            entry.record_in(self.event, &*write).await?;
            write.commit().await.map(drop)
        };
        self.database.write(record).await?;
        entry.tell();
        Ok(())
    }

    /// Again, where the database was busy.
    async fn write(&mut self, rows: &[Judged], added_at: i64) -> Result<Vec<Outcome>> {
        for _ in 1..TRIES {
            match self.try_write(rows, added_at).await {
                Err(Error::Unavailable | Error::Failing(_) | Error::Overtaken) => {
                    tokio::time::sleep(LONGEST_PAUSE).await;
                }
                done => return done,
            }
        }
        self.try_write(rows, added_at).await
    }

    async fn try_write(&mut self, rows: &[Judged], added_at: i64) -> Result<Vec<Outcome>> {
        let try_write = async |write: Write| {
            if rows.iter().flatten().any(|row| row.id.is_some()) {
                self.database.hold_films(&write).await?;
            }
            let known = rows::known(&*write, rows).await?;
            let taken = rows::taken(&*write, rows).await?;
            let plan = Plan::new(rows.to_vec(), known, taken, self.settings);
            if plan.writes_nothing() {
                write.rollback().await?;
                return Ok((plan.verdicts, Vec::new(), None));
            }
            // Those with an id first: the others must not be given one of theirs.
            let (chosen, counted): (Vec<&Add>, Vec<&Add>) =
                plan.adds.iter().partition(|add| add.id.is_some());
            let mut ids = HashMap::new();
            if !chosen.is_empty() {
                ids.extend(rows::insert(&*write, &chosen, added_at).await?);
                self.database.ids_taken(&write).await?;
            }
            ids.extend(rows::insert(&*write, &counted, added_at).await?);
            let ids = rows::insert_parts_of(&*write, &plan.adds, &ids).await?;
            rows::update(&*write, &plan.updates).await?;
            let added = self.counts.added + plan.adds.len() as u64;
            let updated = self.counts.updated + plan.updates.len() as u64;
            let entry = Entry::new(Event::FilmsImported, &self.caller, added_at)
                .saying(format!("{added} added, {updated} updated so far"));
            let event = entry.record_in(self.event, &*write).await?;
            write.commit().await?;
            Ok((plan.verdicts, ids, Some(event)))
        };
        let (verdicts, ids, event) = self.database.write(try_write).await?;
        self.event = self.event.or(event);
        Ok(verdicts.into_iter().map(|verdict| outcome(verdict, &ids)).collect())
    }

    /// The same decisions, from what is there and what would have been written before.
    async fn pretend(&mut self, rows: Vec<Judged>) -> Result<Vec<Outcome>> {
        let view = self.database.begin_read().await?;
        let mut known = rows::known(&view, &rows).await?;
        let mut taken = rows::taken(&view, &rows).await?;
        view.rollback().await?;
        for row in rows.iter().flatten() {
            taken.extend(row.id.filter(|id| self.pretended_ids.contains(id)));
            let key = Key::of(&row.new);
            if let Some(content) = self.pretended.get(&key.fingerprint()) {
                let which = known.get(&key).map_or(Which::Pretended, |known| known.which);
                known.insert(key, Known { which, content: *content });
            }
        }
        let plan = Plan::new(rows, known, taken, self.settings);
        self.pretended.extend(plan.written());
        self.pretended_ids.extend(plan.adds.iter().filter_map(|add| add.id));
        Ok(plan.verdicts.into_iter().map(|verdict| outcome(verdict, &[])).collect())
    }
}

fn judge(row: Result<Draft, FieldFault>, this_year: i64) -> Result<Judged> {
    let draft = match row {
        Ok(draft) => draft,
        Err(fault) => return Ok(Err(vec![fault])),
    };
    // A row that says nothing of genres leaves those of a film that it updates.
    let gives_genres = draft.film.genres.is_some();
    match validate(draft.film, None, this_year) {
        Ok(new) => Ok(Ok(ValidRow { id: draft.id, new, gives_genres })),
        Err(Error::InvalidInput(faults)) => Ok(Err(faults)),
        Err(other) => Err(other),
    }
}

fn outcome(verdict: Verdict, ids: &[i64]) -> Outcome {
    let id = |which: Which| match which {
        Which::Stored(id) => Some(id),
        Which::Added(place) => ids.get(place).copied(),
        Which::Pretended => None,
    };
    match verdict {
        Verdict::Added { place, instead_of } => Outcome::Added { id: id(Which::Added(place)), instead_of },
        Verdict::Updated(which) => Outcome::Updated { id: id(which) },
        Verdict::Duplicate(which) => Outcome::Duplicate { id: id(which) },
        Verdict::Refused(faults) => Outcome::Refused(faults),
    }
}
