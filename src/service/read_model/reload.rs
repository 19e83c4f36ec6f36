//! Reading all films anew while votes go on, when it is not known what others have changed.

use std::collections::HashSet;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbErr};

use crate::service::films::types::Film;
use crate::service::read_model::catalogue::{Catalogue, State};

/// Films outside of memory that are told after a reload: past that, every subscriber would fall behind.
const MOST_UNSEEN: usize = 2_000;

/// A reload under way. One that is dropped before its end has changed nothing.
pub(in crate::service) struct Reload<'a> {
    catalogue: &'a Catalogue,
    fresh: State,
}

impl<'a> Reload<'a> {
    /// From here on, what is committed besides is kept. To be called in a turn in which the reload's view of the
    /// database begins too.
    pub(in crate::service) fn begin(catalogue: &'a Catalogue) -> Self {
        catalogue.write().meanwhile = Some(Vec::new());
        Self { catalogue, fresh: State::default() }
    }

    /// Reads everything anew.
    pub(in crate::service) async fn read(mut self, database: &impl ConnectionTrait) -> Result<Self, DbErr> {
        self.fresh = State::load(database, self.catalogue.budget).await?;
        Ok(self)
    }

    /// Takes over what was read, and what was committed since the reload began, and tells it. To be called in a turn,
    /// and then what it gives is to be looked up and told in the same turn.
    pub(in crate::service) fn end(mut self) -> Unseen {
        let topics = &self.catalogue.topics;
        let mut state = self.catalogue.write();
        let mut fresh = std::mem::take(&mut self.fresh);
        for change in state.meanwhile.take().unwrap_or_default() {
            fresh.apply(&change);
        }
        let before = std::mem::replace(&mut *state, fresh);
        drop(state);
        // From here on, who begins to listen sees the new state.
        let (wants_added, heard) = (topics.wants_added(), topics.films());
        let state = self.catalogue.read();
        let mut unseen = Unseen::default();
        let (mut added, mut voted, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        let is_new = |id: &&i64| before.ids.binary_search(id).is_err();
        for id in state.ids.iter().filter(|_| wants_added).filter(is_new) {
            match state.films.get(id) {
                Some(film) => added.push(Arc::clone(film)),
                None if unseen.added.len() < MOST_UNSEEN => drop(unseen.added.insert(*id)),
                None => {}
            }
        }
        for id in heard {
            match state.films.get(&id) {
                Some(film) => voted.push(Arc::clone(film)),
                None if state.ids.binary_search(&id).is_err() => removed.push(id),
                None => unseen.voted.push(id),
            }
        }
        drop(state);
        for film in &added {
            topics.added(film);
        }
        for film in &voted {
            topics.told(film);
        }
        for id in removed {
            topics.removed(id);
        }
        unseen
    }
}

impl Drop for Reload<'_> {
    fn drop(&mut self) {
        self.catalogue.write().meanwhile = None;
    }
}

/// Films that subscribers may wait for and that are not in memory.
#[derive(Default)]
pub(in crate::service) struct Unseen {
    voted: Vec<i64>,
    added: HashSet<i64>,
}

impl Unseen {
    pub(in crate::service) fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.voted.iter().chain(&self.added).copied().collect();
        // Films are told as added in the order in which they were.
        ids.sort_unstable();
        ids
    }

    /// Tells those that were found.
    pub(in crate::service) fn tell(&self, catalogue: &Catalogue, found: Vec<Film>) {
        for film in found.into_iter().map(Arc::new) {
            if self.added.contains(&film.id) {
                catalogue.topics.added(&film);
            }
            catalogue.topics.told(&film);
        }
    }
}
