//! The dense table of films.

use std::sync::Arc;

use crate::service::films::types::Film;

/// All films by ascending id, so that a look-up needs no second table, and a uniform pick is one place of it, whatever
/// gaps removal has left.
#[derive(Default)]
pub(super) struct Table(Vec<Entry>);

struct Entry {
    id: i64,
    /// `None` where the byte budget did not reach.
    film: Option<Arc<Film>>,
}

impl Table {
    /// Bytes that it takes for each film.
    pub(super) const BYTES: usize = size_of::<Entry>();

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn has(&self, id: i64) -> bool {
        self.place(id).is_ok()
    }

    pub(super) fn film(&self, id: i64) -> Option<&Arc<Film>> {
        self.0.get(self.place(id).ok()?)?.film.as_ref()
    }

    pub(super) fn film_mut(&mut self, id: i64) -> Option<&mut Arc<Film>> {
        let place = self.place(id).ok()?;
        self.0.get_mut(place)?.film.as_mut()
    }

    /// The id at a place, and the film if it is held.
    pub(super) fn at(&self, place: usize) -> Option<(i64, Option<&Arc<Film>>)> {
        self.0.get(place).map(|entry| (entry.id, entry.film.as_ref()))
    }

    /// How many ids are less than this one.
    pub(super) fn before(&self, id: i64) -> usize {
        self.place(id).unwrap_or_else(|place| place)
    }

    pub(super) fn ids(&self) -> impl DoubleEndedIterator<Item = i64> {
        self.0.iter().map(|entry| entry.id)
    }

    /// The ids that are greater than `after` and less than `before`.
    pub(super) fn between(
        &self,
        after: Option<i64>,
        before: Option<i64>,
    ) -> impl DoubleEndedIterator<Item = i64> {
        let first = after.map_or(0, |after| self.place(after).map_or_else(|place| place, |place| place + 1));
        let end = before.map_or(self.0.len(), |before| self.before(before));
        self.0.get(first..end).unwrap_or_default().iter().map(|entry| entry.id)
    }

    pub(super) fn films(&self) -> impl Iterator<Item = &Arc<Film>> {
        self.0.iter().filter_map(|entry| entry.film.as_ref())
    }

    /// Two films may commit in one order and arrive here in the other.
    pub(super) fn put(&mut self, id: i64, film: Option<Arc<Film>>) {
        match self.place(id) {
            Ok(place) => {
                if let Some(entry) = self.0.get_mut(place) {
                    entry.film = film;
                }
            }
            Err(place) => self.0.insert(place, Entry { id, film }),
        }
    }

    pub(super) fn remove(&mut self, id: i64) {
        if let Ok(place) = self.place(id) {
            self.0.remove(place);
        }
    }

    /// Where the id stands, or would.
    fn place(&self, id: i64) -> Result<usize, usize> {
        // No place is further from the first than the id is from the first id; without gaps it is there.
        let first = self.0.first().map_or(0, |entry| entry.id);
        let furthest = usize::try_from(id.saturating_sub(first)).unwrap_or_default();
        match self.0.get(furthest) {
            Some(entry) if entry.id == id => Ok(furthest),
            _ => {
                let end = self.0.len().min(furthest.saturating_add(1));
                self.0.get(..end).unwrap_or_default().binary_search_by_key(&id, |entry| entry.id)
            }
        }
    }
}
