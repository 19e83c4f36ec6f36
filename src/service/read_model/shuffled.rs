//! Pages of a walk through the films at random, from memory.

use std::sync::Arc;

use crate::service::films::filter::FilmFilter;
use crate::service::films::types::{Film, FilmOrder};
use crate::service::films::walk::{MOST_PLACES, Walk, Walked};
use crate::service::page::Page;
use crate::service::read_model::state::State;

impl State {
    /// The films of a page, and one more if there is one, each with its place; and how many of the walk match on all pages.
    /// `None` when not every film is in memory.
    pub(super) fn shuffled(
        &self,
        filter: &FilmFilter,
        walk: &Walk,
        page: &Page<FilmOrder>,
    ) -> Option<(Walked<Arc<Film>>, usize)> {
        let matching = self.index.as_ref()?.matching(filter);
        let end = walk.highest.saturating_add(1);
        let (total, all): (_, Box<dyn Iterator<Item = i64>>) = match &matching {
            None => (self.films.before(end), Box::new(self.films.between(None, Some(end)))),
            Some(ids) => (ids.before(end), Box::new(ids.between(None, Some(end)))),
        };
        let sorted = |all| walk.sorted(Iterator::map(all, |id| (id, id)), page);
        let is_few = total <= MOST_PLACES;
        let walked = if is_few && !walk.is_dense(total, page) {
            sorted(all)
        } else {
            let has = |id| matching.as_ref().map_or_else(|| self.films.has(id), |ids| ids.has(id));
            let walked = walk.walked(has, page);
            // Else ids lie so far apart that places do not help.
            let is_enough = !walked.is_cut || !(is_few || walked.found.is_empty());
            if is_enough { walked } else { sorted(all) }
        };
        let film = |(place, id)| Some((place, Arc::clone(self.films.film(id)?)));
        let found = walked.found.into_iter().filter_map(film).collect();
        Some((Walked { found, is_cut: walked.is_cut }, total))
    }
}
