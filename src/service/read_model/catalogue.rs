//! The read model in memory: a dense table of ids, and films under a byte budget.
//!
//! Loaded at start, changed only after a commit. The table makes a uniform pick O(1), whatever gaps removal has left.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use entity::film;
use sea_orm::{
    ColumnTrait, ConnAcquireErr, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use tokio::time::{sleep, timeout};

use crate::service::films::row;
use crate::service::films::types::Film;
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
    pub(in crate::service) async fn load(
        database: &impl ConnectionTrait,
        budget: usize,
    ) -> Result<Self, DbErr> {
        Ok(Self { state: RwLock::new(State::load(database, budget).await?), budget, topics: Arc::default() })
    }

    pub(in crate::service) fn len(&self) -> usize {
        self.read().ids.len()
    }

    /// The id at a place of the table; `None` past its end.
    pub(in crate::service) fn id_at(&self, place: usize) -> Option<i64> {
        self.read().ids.get(place).copied()
    }

    pub(in crate::service) fn has(&self, id: i64) -> bool {
        self.read().ids.binary_search(&id).is_ok()
    }

    /// The film, if the budget holds it.
    pub(in crate::service) fn film(&self, id: i64) -> Option<Arc<Film>> {
        self.read().films.get(&id).cloned()
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
        let news: Vec<Arc<Film>> =
            found.iter().filter(|film| state.ids.binary_search(&film.id).is_err()).cloned().collect();
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

/// Films read per query while loading.
const LOAD_CHUNK: u64 = 1_000;
/// Far longer than that takes: then the database has gone without a word.
const LOAD_PATIENCE: Duration = Duration::from_secs(30);

/// The table and the films.
#[derive(Default)]
pub(super) struct State {
    /// Ascending, so that a look-up is a binary search and needs no second table.
    pub(super) ids: Vec<i64>,
    pub(super) films: HashMap<i64, Arc<Film>>,
    bytes_left: usize,
    /// While a reload reads, what was committed meanwhile by this process.
    pub(super) meanwhile: Option<Vec<Change>>,
}

/// What was committed.
#[derive(Clone)]
pub(super) enum Change {
    Added(Arc<Film>),
    Counted(Vec<Count>),
    Refreshed(Vec<i64>, Vec<Arc<Film>>),
}

impl State {
    pub(super) async fn load(database: &impl ConnectionTrait, budget: usize) -> Result<Self, DbErr> {
        let mut state = Self { bytes_left: budget, ..Self::default() };
        let mut last = i64::MIN;
        loop {
            let chunk = timeout(LOAD_PATIENCE, state.load_chunk(database, last));
            let chunk = chunk.await.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
            match chunk? {
                Some(end) => last = end,
                None => return Ok(state),
            }
        }
    }

    /// The last id of the chunk.
    async fn load_chunk(
        &mut self,
        database: &impl ConnectionTrait,
        after: i64,
    ) -> Result<Option<i64>, DbErr> {
        let rows = film::Entity::find()
            .filter(film::Column::Id.gt(after))
            .order_by_asc(film::Column::Id)
            .limit(LOAD_CHUNK)
            .all(database)
            .await?;
        let last = rows.last().map(|row| row.id);
        if self.bytes_left == 0 {
            self.ids.extend(rows.iter().map(|row| row.id));
            return Ok(last);
        }
        for film in row::with_genres(database, rows).await? {
            self.insert(Arc::new(film));
        }
        Ok(last)
    }

    pub(super) fn take(&mut self, change: &Change) {
        self.apply(change);
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.push(change.clone());
        }
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Added(film) => self.insert(Arc::clone(film)),
            Change::Counted(counts) => {
                for count in counts {
                    if let Some(film) = self.films.get_mut(&count.film_id) {
                        let film = Arc::make_mut(film);
                        film.likes = count.likes;
                        film.dislikes = count.dislikes;
                    }
                }
            }
            Change::Refreshed(asked, found) => {
                let found: HashMap<i64, &Arc<Film>> = found.iter().map(|film| (film.id, film)).collect();
                for id in asked {
                    match found.get(id) {
                        Some(film) => self.insert(Arc::clone(film)),
                        None => self.remove(*id),
                    }
                }
            }
        }
    }

    fn remove(&mut self, id: i64) {
        if let Ok(place) = self.ids.binary_search(&id) {
            self.ids.remove(place);
        }
        self.forget(id);
    }

    fn forget(&mut self, id: i64) {
        if let Some(film) = self.films.remove(&id)
            // Full stays full; see `insert`.
            && self.bytes_left > 0
        {
            self.bytes_left += heap_bytes(&film);
        }
    }

    fn insert(&mut self, film: Arc<Film>) {
        // Two films may commit in one order and arrive here in the other.
        if let Err(place) = self.ids.binary_search(&film.id) {
            self.ids.insert(place, film.id);
        }
        let size = heap_bytes(&film);
        // One that is there keeps its place if its size stays, even when all is full: else others' votes would push
        // film after film out of memory.
        if let Some(known) = self.films.get_mut(&film.id)
            && size == heap_bytes(known)
        {
            *known = film;
            return;
        }
        self.forget(film.id);
        if size <= self.bytes_left {
            self.bytes_left -= size;
            self.films.insert(film.id, film);
        } else {
            // Full is full: no later, smaller film is let in, so that loading can stop reading films.
            self.bytes_left = 0;
        }
    }
}

/// Roughly the heap bytes of a film, its map entry included.
fn heap_bytes(film: &Film) -> usize {
    const ENTRY: usize = 2 * size_of::<(i64, Arc<Film>)>();
    let text = film.name.len() + film.studio.len() + film.genres.iter().map(String::len).sum::<usize>();
    size_of::<Film>() + ENTRY + film.genres.len() * size_of::<String>() + text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(id: i64, likes: i64) -> Arc<Film> {
        let (name, studio) = ("Name".to_owned(), "Studio".to_owned());
        Arc::new(Film { id, name, studio, year: None, genres: Vec::new(), likes, dislikes: 0 })
    }

    #[test]
    fn a_full_memory_keeps_the_films_that_it_has() {
        let mut state = State { bytes_left: 2 * heap_bytes(&film(1, 0)), ..State::default() };
        for id in 1..=3 {
            state.insert(film(id, 0));
        }
        let voted = vec![film(1, 1), film(2, 1), film(3, 1)];
        state.apply(&Change::Refreshed(vec![1, 2, 3], voted));
        assert_eq!(state.ids, [1, 2, 3]);
        assert_eq!(state.films.get(&1), Some(&film(1, 1)));
        assert_eq!(state.films.get(&2), Some(&film(2, 1)));
        assert_eq!(state.films.get(&3), None, "it never fitted");
    }
}
