//! The read model: what is in memory, and who is told of it.
//!
//! Loaded at start, changed only after a commit.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};
use tokio::time::sleep;

use crate::service::error::Result;
use crate::service::films::filter::FilmFilter;
use crate::service::films::group::{Found, Grouping};
use crate::service::films::types::{Film, FilmId, FilmOrder};
use crate::service::films::walk::{Walk, Walked};
use crate::service::page::Page;
use crate::service::read_model::load::load;
use crate::service::read_model::pages::FoundFilms;
use crate::service::read_model::state::{Change, State};
use crate::service::read_model::topics::{Count, Feed, Topics};

/// A few hundred films are told in that time.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Ids and films in memory.
pub(in crate::service) struct Catalogue {
    state: RwLock<State>,
    pub(super) budget: usize,
    /// Told after the read model, in the same turn, and never while its lock is held: who begins to listen holds the lock of
    /// the topics when he looks at the read model.
    pub(super) topics: Arc<Topics>,
}

impl Catalogue {
    /// `budget`: bytes of films. `rest`: how long a subscriber rests after an event of a film.
    pub(in crate::service) async fn load(
        database: &impl ConnectionTrait,
        budget: usize,
        rest: Duration,
    ) -> Result<Self, DbErr> {
        let topics = Arc::new(Topics::new(rest));
        Ok(Self { state: RwLock::new(load(database, budget).await?), budget, topics })
    }

    pub(in crate::service) fn len(&self) -> usize {
        self.read().films.len()
    }

    /// Bytes of the films that are held, and whether every film is.
    pub(in crate::service) fn held(&self) -> (usize, bool) {
        let state = self.read();
        (self.budget.saturating_sub(state.bytes_left), state.index.is_some())
    }

    /// The id at a place of the table, and the film if the budget holds it; `None` past its end.
    pub(in crate::service) fn at(&self, place: usize) -> Option<(i64, Option<Arc<Film>>)> {
        self.read().films.at(place).map(|(id, film)| (id, film.cloned()))
    }

    pub(in crate::service) fn has(&self, id: i64) -> bool {
        self.read().films.has(id)
    }

    /// The film, if the budget holds it.
    pub(in crate::service) fn film(&self, id: i64) -> Option<Arc<Film>> {
        self.read().films.film(id).cloned()
    }

    /// Those of the films that the budget holds, and the ids of the others.
    pub(in crate::service) fn some(&self, ids: &[i64]) -> (Vec<Arc<Film>>, Vec<i64>) {
        let state = self.read();
        let (mut films, mut others) = (Vec::with_capacity(ids.len()), Vec::new());
        for id in ids {
            match state.films.film(*id) {
                Some(film) => films.push(Arc::clone(film)),
                None => others.push(*id),
            }
        }
        (films, others)
    }

    /// See [`State::groups`].
    pub(in crate::service) fn groups(&self, grouping: Grouping, page: &Page<Grouping>) -> Option<Found> {
        self.read().groups(grouping, page)
    }

    /// See [`State::pick`].
    pub(in crate::service) fn pick(
        &self,
        filter: &FilmFilter,
        exclude: &[FilmId],
        below: impl FnOnce(usize) -> usize,
    ) -> Option<Result<Arc<Film>>> {
        self.read().pick(filter, exclude, below)
    }

    /// See [`State::page`].
    pub(in crate::service) fn page(
        &self,
        filter: &FilmFilter,
        order: FilmOrder,
        page: &Page<FilmOrder>,
    ) -> Option<FoundFilms> {
        self.read().page(filter, order, page)
    }

    /// See [`State::shuffled`].
    pub(in crate::service) fn shuffled(
        &self,
        filter: &FilmFilter,
        walk: &Walk,
        page: &Page<FilmOrder>,
    ) -> Option<(Walked<Arc<Film>>, usize)> {
        self.read().shuffled(filter, walk, page)
    }

    /// The highest id; 0 without films.
    pub(in crate::service) fn last(&self) -> i64 {
        self.read().films.ids().next_back().unwrap_or_default()
    }

    pub(in crate::service) fn added(&self, film: &Arc<Film>) {
        self.write().take(&Change::Added(Arc::clone(film)));
        self.topics.added(film);
    }

    /// Takes over counts that were committed.
    pub(in crate::service) fn counted(&self, counts: Vec<Count>) {
        let change = Change::Counted(counts);
        self.write().take(&change);
        if let Change::Counted(counts) = change {
            self.topics.counted(&counts);
        }
    }

    /// Takes over films that somebody else changed: those that were looked up, and what was found of them.
    pub(in crate::service) fn refreshed(&self, asked: Vec<i64>, found: Vec<Film>) {
        let found: Vec<Arc<Film>> = found.into_iter().map(Arc::new).collect();
        let mut state = self.write();
        let news: Vec<Arc<Film>> = found.iter().filter(|film| !state.films.has(film.id)).cloned().collect();
        let change = Change::Refreshed(asked, found);
        state.take(&change);
        drop(state);
        if let Change::Refreshed(asked, found) = change {
            self.topics.refreshed(&asked, &found);
        }
        for film in &news {
            self.topics.added(film);
        }
    }

    /// A feed of the film's votes; `None` when it is not in memory and nobody listens to it yet.
    pub(in crate::service) fn listen_to(&self, id: i64) -> Option<Feed> {
        self.topics.listen_to(id, || self.film(id))
    }

    /// A feed of the film's votes. To be called in the turn in which the film was looked up.
    pub(in crate::service) fn listen_to_film(&self, film: Film) -> Option<Feed> {
        self.topics.listen_to(film.id, || Some(Arc::new(film)))
    }

    /// A feed of the films that are added.
    pub(in crate::service) fn listen_to_added(&self) -> Feed {
        self.topics.listen_to_added()
    }

    /// Returns once those who listen have room for so many added films more.
    pub(super) async fn settle(&self, more: usize) {
        while self.topics.is_crowded(more) {
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Whether nobody listens.
    pub(in crate::service) fn is_unheard(&self) -> bool {
        self.topics.is_idle()
    }

    // A panic while the lock is held cannot leave a half-made change that matters: each is one insert or two
    // assignments. So a poisoned lock is used on.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
