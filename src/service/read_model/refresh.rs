//! The read model made true after others have committed: film by film, or wholly anew.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::timeout;

use crate::service::database::connection::Database;
use crate::service::error::Result;
use crate::service::films::row;
use crate::service::films::types::Film;
use crate::service::read_model::catalogue::Catalogue;
use crate::service::read_model::load::load;
use crate::service::read_model::state::State;

/// Films looked up in one turn: bounds the time for which votes wait.
pub(super) const CHUNK: usize = 500;
/// For subscribers who are behind, before the next of them are told. Who reads needs far less; who does not must not keep
/// the read model from becoming true.
const MOST_WAIT: Duration = Duration::from_millis(50);

/// Looks the films up and takes over what is there. In a turn each, so that no commit of ours comes between the look
/// and the read model.
pub(super) async fn refresh(database: &Database, catalogue: &Catalogue, films: &BTreeSet<i64>) -> Result<()> {
    let films: Vec<i64> = films.iter().copied().collect();
    for asked in films.chunks(CHUNK) {
        let turn = database.turn().await;
        let found = database.bounded(row::find_many(&database.writer, asked)).await?;
        catalogue.refreshed(asked.to_vec(), found);
        drop(turn);
        // An import adds faster than films are told.
        let _ = timeout(MOST_WAIT, catalogue.settle(CHUNK)).await;
    }
    Ok(())
}

/// Reads everything anew, while votes go on.
pub(super) async fn reload(database: &Database, catalogue: &Catalogue) -> Result<()> {
    let turn = database.turn().await;
    let begin = async {
        let view = database.begin_read().await?;
        // A transaction sees the state of its first read, which must lie within the turn.
        row::find(&view, 0).await?;
        Ok::<_, DbErr>(view)
    };
    let view = database.bounded(begin).await?;
    let reload = Reload::begin(catalogue);
    drop(turn);
    let fresh = load(&view, catalogue.budget).await?;
    view.rollback().await?;
    let turn = database.turn().await;
    let unseen = reload.end(fresh);
    for asked in unseen.ids().chunks(CHUNK) {
        unseen.tell(catalogue, database.bounded(row::find_many(&database.writer, asked)).await?);
    }
    drop(turn);
    tracing::debug!("the films were read anew");
    Ok(())
}

/// Films outside of memory that are told after a reload: past that, every subscriber would fall behind.
const MOST_UNSEEN: usize = 2_000;

/// A reload under way. One that is dropped before its end has changed nothing.
struct Reload<'a>(&'a Catalogue);

impl<'a> Reload<'a> {
    /// From here on, what is committed besides is kept. To be called in a turn in which the reload's view of the
    /// database begins too.
    fn begin(catalogue: &'a Catalogue) -> Self {
        catalogue.write().meanwhile = Some(Vec::new());
        Self(catalogue)
    }

    /// Takes over what was read, and what was committed since the reload began, and tells it. To be called in a turn,
    /// and then what it gives is to be looked up and told in the same turn.
    fn end(self, mut fresh: State) -> Unseen {
        let topics = &self.0.topics;
        let mut state = self.0.write();
        for change in state.meanwhile.take().unwrap_or_default() {
            fresh.apply(&change);
        }
        let before = std::mem::replace(&mut *state, fresh);
        drop(state);
        // From here on, who begins to listen sees the new state.
        let (wants_added, heard) = (topics.wants_added(), topics.films());
        let state = self.0.read();
        let mut unseen = Unseen::default();
        let (mut added, mut voted, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        for id in state.films.ids().filter(|_| wants_added).filter(|id| !before.films.has(*id)) {
            match state.films.film(id) {
                Some(film) => added.push(Arc::clone(film)),
                None if unseen.added.len() < MOST_UNSEEN => drop(unseen.added.insert(id)),
                None => {}
            }
        }
        for id in heard {
            match state.films.film(id) {
                Some(film) => voted.push(Arc::clone(film)),
                None if !state.films.has(id) => removed.push(id),
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
        self.0.write().meanwhile = None;
    }
}

/// Films that subscribers may wait for and that are not in memory.
#[derive(Default)]
struct Unseen {
    voted: Vec<i64>,
    added: HashSet<i64>,
}

impl Unseen {
    fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.voted.iter().chain(&self.added).copied().collect();
        // Films are told as added in the order in which they were.
        ids.sort_unstable();
        ids
    }

    /// Tells those that were found.
    fn tell(&self, catalogue: &Catalogue, found: Vec<Film>) {
        for film in found.into_iter().map(Arc::new) {
            if self.added.contains(&film.id) {
                catalogue.topics.added(&film);
            }
            catalogue.topics.told(&film);
        }
    }
}
