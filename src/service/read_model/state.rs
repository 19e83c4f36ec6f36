//! What is in memory: the table of films, and their index while it holds every film.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::service::films::types::Film;
use crate::service::read_model::index::Index;
use crate::service::read_model::table::Table;
use crate::service::read_model::topics::Count;
use crate::service::text::fold;

/// The table, and the index.
#[derive(Default)]
pub(super) struct State {
    pub(super) films: Table,
    /// `None` once a film did not fit: then lists and picks of what matches come from the database.
    pub(super) index: Option<Index>,
    /// Of the budget; nothing once a film did not fit.
    pub(super) bytes_left: usize,
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
    pub(super) fn new(budget: usize) -> Self {
        Self { bytes_left: budget, index: Some(Index::default()), ..Self::default() }
    }

    /// Puts all films in the order of their names, after [`State::put`].
    pub(super) fn order_names(&mut self) {
        if let Some(index) = &mut self.index {
            index.order_names(&self.films);
        }
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
    pub(super) fn put(&mut self, mut film: Arc<Film>) {
        let (id, size) = (film.id, bytes(&film));
        // One that is there keeps its place if its size stays, even when all is full: else others' votes would push
        // film after film out of memory.
        let stays = self.forget(id) == size;
        let has_room = size <= self.bytes_left;
        if has_room {
            self.bytes_left -= size;
        }
        if has_room || stays {
            // It may be full to the last byte, and know every film.
            if let Some(index) = &mut self.index {
                index.add(Arc::make_mut(&mut film));
            }
            self.films.put(id, Some(film));
        } else {
            // Full is full: no later, smaller film is let in.
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

    /// As the metric tells it, and so as an operator may set it.
    #[test]
    fn a_memory_that_is_full_to_the_last_byte_knows_every_film() {
        let mut state = State::new(2 * bytes(&film(1, 0)));
        for id in 1..=2 {
            state.insert(film(id, 0));
        }
        state.apply(&Change::Refreshed(vec![1], vec![film(1, 1)]));
        let index = state.index.as_ref().expect("it knows every film");
        assert_eq!(index.genres.values().map(|genre| genre.ids.len()).collect::<Vec<_>>(), [2]);
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
