//! Ids and films in memory, under a byte budget.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use entity::film;
use sea_orm::{
    ColumnTrait, ConnAcquireErr, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use tokio::time::timeout;

use crate::service::films::row;
use crate::service::films::types::Film;

/// Films read per query while loading.
const LOAD_CHUNK: u64 = 1_000;
/// Far longer than that takes: then the database has gone without a word.
const LOAD_PATIENCE: Duration = Duration::from_secs(30);

/// The table and the films.
#[derive(Default)]
pub(in crate::service) struct State {
    /// Ascending, so that a look-up is a binary search and needs no second table.
    pub(in crate::service) ids: Vec<i64>,
    pub(in crate::service) films: HashMap<i64, Arc<Film>>,
    bytes_left: usize,
    /// While a reload reads, what was committed meanwhile by this process.
    pub(in crate::service) meanwhile: Option<Vec<Change>>,
}

/// What was committed.
#[derive(Clone)]
pub(in crate::service) enum Change {
    Added(Arc<Film>),
    Counted(Vec<Count>),
    Refreshed(Vec<i64>, Vec<Arc<Film>>),
}

impl State {
    pub(in crate::service) async fn load(
        database: &impl ConnectionTrait,
        budget: usize,
    ) -> Result<Self, DbErr> {
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

    pub(in crate::service) fn take(&mut self, change: &Change) {
        self.apply(change);
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.push(change.clone());
        }
    }

    pub(in crate::service) fn apply(&mut self, change: &Change) {
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

/// What a film's counts are after a commit.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Count {
    pub film_id: i64,
    pub likes: i64,
    pub dislikes: i64,
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
