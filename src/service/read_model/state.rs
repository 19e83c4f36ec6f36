//! What is in memory: the table of films, and their index while it holds every film.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use entity::{film, film_genre};
use sea_orm::{
    ColumnTrait as _, ConnAcquireErr, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use tokio::time::timeout;

use crate::service::films::types::Film;
use crate::service::read_model::index::Index;
use crate::service::read_model::table::Table;
use crate::service::read_model::topics::Count;
use crate::service::text::fold;

/// Films read per query while loading.
const LOAD_CHUNK: u64 = 1_000;
/// Far longer than that takes: then the database has gone without a word.
const LOAD_PATIENCE: Duration = Duration::from_secs(30);

/// The table, and the index.
#[derive(Default)]
pub(super) struct State {
    pub(super) films: Table,
    /// `None` once a film did not fit: then lists and picks of what matches come from the database.
    pub(super) index: Option<Index>,
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
    /// An empty one that may take so many bytes.
    fn new(budget: usize) -> Self {
        Self { bytes_left: budget, index: Some(Index::default()), ..Self::default() }
    }

    pub(super) async fn load(database: &impl ConnectionTrait, budget: usize) -> Result<Self, DbErr> {
        let mut state = Self::new(budget);
        let mut last = i64::MIN;
        loop {
            let chunk = timeout(LOAD_PATIENCE, state.load_chunk(database, last));
            let chunk = chunk.await.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
            match chunk? {
                Some(end) => last = end,
                None => break,
            }
        }
        if let Some(index) = &mut state.index {
            index.order_names(&state.films);
        }
        Ok(state)
    }

    /// The last id of the chunk.
    async fn load_chunk(
        &mut self,
        database: &impl ConnectionTrait,
        after: i64,
    ) -> Result<Option<i64>, DbErr> {
        let films = film::Entity::find().filter(film::Column::Id.gt(after)).limit(LOAD_CHUNK);
        let films = films.order_by_asc(film::Column::Id).select_only();
        if self.bytes_left == 0 {
            let ids: Vec<i64> = films.column(film::Column::Id).into_tuple().all(database).await?;
            for id in &ids {
                self.films.put(*id, None);
                self.index = None;
            }
            return Ok(ids.last().copied());
        }
        // Its rows are all that a start waits for, so no more is read of them than is held.
        let films = films.columns([
            film::Column::Id,
            film::Column::Name,
            film::Column::Studio,
            film::Column::Year,
            film::Column::Likes,
            film::Column::Dislikes,
        ]);
        let films: Vec<(i64, String, String, Option<i32>, i64, i64)> =
            films.into_tuple().all(database).await?;
        let Some(last) = films.last().map(|film| film.0) else { return Ok(None) };
        let genres = film_genre::Entity::find()
            .filter(film_genre::Column::FilmId.gt(after))
            .filter(film_genre::Column::FilmId.lte(last))
            .order_by_asc(film_genre::Column::FilmId)
            .order_by_asc(film_genre::Column::Position)
            .select_only()
            .columns([film_genre::Column::FilmId, film_genre::Column::Name]);
        let genres: Vec<(i64, String)> = genres.into_tuple().all(database).await?;
        let mut genres = genres.into_iter().peekable();
        for (id, name, studio, year, likes, dislikes) in films {
            let own = std::iter::from_fn(|| genres.next_if(|(film, _)| *film <= id));
            let own = own.filter(|(film, _)| *film == id).map(|(_, genre)| Arc::from(genre)).collect();
            let (name, studio) = (name.into(), studio.into());
            self.put(Arc::new(Film { id, name, studio, year, genres: own, likes, dislikes }));
        }
        Ok(Some(last))
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
                for Count { film_id, likes, dislikes } in counts {
                    if let Some(film) = self.films.film_mut(*film_id) {
                        if let Some(index) = &mut self.index {
                            index.count(film, *likes, *dislikes);
                        }
                        let film = Arc::make_mut(film);
                        (film.likes, film.dislikes) = (*likes, *dislikes);
                    }
                }
            }
            Change::Refreshed(asked, found) => {
                let found: HashMap<i64, &Arc<Film>> = found.iter().map(|film| (film.id, film)).collect();
                for id in asked {
                    if let Some(film) = found.get(id) {
                        self.insert(Arc::clone(film));
                    } else {
                        self.forget(*id);
                        self.films.remove(*id);
                    }
                }
            }
        }
    }

    /// The bytes that the film held until now.
    fn forget(&mut self, id: i64) -> usize {
        let Some(film) = self.films.film(id) else { return 0 };
        let size = bytes(film);
        if let Some(index) = &mut self.index {
            index.names.remove(id, lies_to(&self.films, &fold(&film.name), id));
            index.remove(film);
        }
        self.films.put(id, None);
        // Full stays full; see `put`.
        if self.bytes_left > 0 {
            self.bytes_left += size;
        }
        size
    }

    fn insert(&mut self, film: Arc<Film>) {
        let (id, key) = (film.id, fold(&film.name));
        self.put(film);
        if let Some(index) = &mut self.index {
            index.names.insert(id, lies_to(&self.films, &key, id));
        }
    }

    /// Puts the film into its place, but not yet among the names.
    fn put(&mut self, mut film: Arc<Film>) {
        let (id, size) = (film.id, bytes(&film));
        // One that is there keeps its place if its size stays, even when all is full: else others' votes would push
        // film after film out of memory.
        let stays = self.forget(id) == size;
        if size <= self.bytes_left {
            self.bytes_left -= size;
            if let Some(index) = &mut self.index {
                index.add(Arc::make_mut(&mut film));
            }
            self.films.put(id, Some(film));
        } else if stays {
            self.films.put(id, Some(film));
        } else {
            // Full is full: no later, smaller film is let in, so that loading can stop reading films.
            self.bytes_left = 0;
            self.index = None;
            self.films.put(id, None);
        }
    }
}

/// How a film lies in the order of the names to the one with this key and id.
fn lies_to(films: &Table, key: &str, id: i64) -> impl Fn(i64) -> Ordering {
    move |other| {
        let name = films.film(other).map(|film| fold(&film.name)).unwrap_or_default();
        name.as_str().cmp(key).then(other.cmp(&id))
    }
}

/// The bytes that a film takes in memory, its places in table and index included. What films share counts for each.
fn bytes(film: &Film) -> usize {
    /// What an `Arc` counts with.
    const COUNTS: usize = 2 * size_of::<usize>();
    let text =
        film.name.len() + film.studio.len() + film.genres.iter().map(|genre| genre.len()).sum::<usize>();
    size_of::<Film>() + COUNTS + Table::BYTES + Index::BYTES + text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(id: i64, likes: i64) -> Arc<Film> {
        let genres = [Arc::from("Drama")].into();
        Arc::new(Film {
            id,
            name: "Name".into(),
            studio: "Studio".into(),
            year: None,
            genres,
            likes,
            dislikes: 0,
        })
    }

    #[test]
    fn a_full_memory_keeps_the_films_that_it_has() {
        let mut state = State::new(2 * bytes(&film(1, 0)));
        for id in 1..=3 {
            state.insert(film(id, 0));
        }
        assert!(state.index.is_none(), "it does not know every film");
        let voted = vec![film(1, 1), film(2, 1), film(3, 1)];
        state.apply(&Change::Refreshed(vec![1, 2, 3], voted));
        assert!(state.films.ids().eq([1, 2, 3]));
        assert_eq!(state.films.film(1), Some(&film(1, 1)));
        assert_eq!(state.films.film(2), Some(&film(2, 1)));
        assert_eq!(state.films.film(3), None, "it never fitted");
    }
}
