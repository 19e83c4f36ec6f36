//! Which films are of a genre, a studio, a year, and so many votes: what lists, picks and counts come from.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::service::films::filter::FilmFilter;
use crate::service::films::order::rating;
use crate::service::films::row::NO_YEAR;
use crate::service::films::types::Film;
use crate::service::read_model::ids::Ids;
use crate::service::read_model::names::Names;
use crate::service::read_model::table::Table;
use crate::service::text::fold;

/// Sets of films by what they are, and the order of their names. It knows every film, or it is not there.
#[derive(Default)]
pub(super) struct Index {
    pub(super) genres: Groups,
    pub(super) studios: Groups,
    /// The genres of films, each list once.
    lists: HashSet<Arc<[Arc<str>]>>,
    pub(super) years: BTreeMap<i32, Ids>,
    pub(super) likes: BTreeMap<Reverse<i64>, Ids>,
    pub(super) ratings: BTreeMap<Reverse<i64>, Ids>,
    /// By likes and dislikes together.
    votes: BTreeMap<i64, Ids>,
    pub(super) names: Names,
}

/// By their names as they are compared.
pub(super) type Groups = BTreeMap<Box<str>, Group>;

/// The films of a genre or a studio.
pub(super) struct Group {
    /// As the first of them writes it. Those that write it so share it.
    text: Arc<str>,
    pub(super) ids: Ids,
}

/// The year as it sorts.
fn year_of(film: &Film) -> i32 {
    film.year.unwrap_or(NO_YEAR)
}

fn rating_of(film: &Film) -> i64 {
    rating(film.likes, film.dislikes)
}

impl Index {
    /// Bytes for each film: its place among the names, and its share of the sets.
    pub(super) const BYTES: usize = 32;

    /// Takes a film in, but for its place among the names, and lets it share its texts with others.
    pub(super) fn add(&mut self, film: &mut Film) {
        let id = film.id;
        share(&mut self.studios, id, &mut film.studio);
        match self.lists.get(&film.genres) {
            Some(known) => film.genres = Arc::clone(known),
            None => drop(self.lists.insert(Arc::clone(&film.genres))),
        }
        for genre in film.genres.iter() {
            share(&mut self.genres, id, &mut Arc::clone(genre));
        }
        self.years.entry(year_of(film)).or_default().insert(id);
        self.likes.entry(Reverse(film.likes)).or_default().insert(id);
        self.ratings.entry(Reverse(rating_of(film))).or_default().insert(id);
        self.votes.entry(film.likes + film.dislikes).or_default().insert(id);
    }

    /// Lets a film go, but for its place among the names.
    pub(super) fn remove(&mut self, film: &Film) {
        let id = film.id;
        leave(&mut self.studios, id, &film.studio);
        for genre in film.genres.iter() {
            leave(&mut self.genres, id, genre);
        }
        // The film has one, and the set the other.
        if Arc::strong_count(&film.genres) == 2 {
            self.lists.remove(&film.genres);
        }
        move_out(&mut self.years, &year_of(film), id);
        move_out(&mut self.likes, &Reverse(film.likes), id);
        move_out(&mut self.ratings, &Reverse(rating_of(film)), id);
        move_out(&mut self.votes, &(film.likes + film.dislikes), id);
    }

    /// Takes over counts that `film` does not have yet.
    pub(super) fn count(&mut self, film: &Film, likes: i64, dislikes: i64) {
        if likes != film.likes {
            move_out(&mut self.likes, &Reverse(film.likes), film.id);
            self.likes.entry(Reverse(likes)).or_default().insert(film.id);
        }
        let (before, after) = (rating_of(film), rating(likes, dislikes));
        if before != after {
            move_out(&mut self.ratings, &Reverse(before), film.id);
            self.ratings.entry(Reverse(after)).or_default().insert(film.id);
        }
        if likes + dislikes != film.likes + film.dislikes {
            move_out(&mut self.votes, &(film.likes + film.dislikes), film.id);
            self.votes.entry(likes + dislikes).or_default().insert(film.id);
        }
    }

    /// Puts all films in the order of their names.
    pub(super) fn order_names(&mut self, films: &Table) {
        let mut keys: Vec<(String, i64)> = films.films().map(|film| (fold(&film.name), film.id)).collect();
        keys.sort_unstable();
        let ids: Vec<i64> = keys.into_iter().map(|(_, id)| id).collect();
        self.names = Names::of(&ids);
    }

    /// The films that match; `None` when all do.
    pub(super) fn matching(&self, filter: &FilmFilter) -> Option<Cow<'_, Ids>> {
        fn of<'a>(groups: &'a Groups, text: &str) -> Cow<'a, Ids> {
            groups.get(fold(text).as_str()).map(|group| Cow::Borrowed(&group.ids)).unwrap_or_default()
        }
        let genre = filter.genre.as_ref().map(|genre| of(&self.genres, genre));
        let studio = filter.studio.as_ref().map(|studio| of(&self.studios, studio));
        let years = (filter.year_from.is_some() || filter.year_to.is_some()).then(|| {
            let (from, to) = (filter.year_from.unwrap_or(i32::MIN), filter.year_to.unwrap_or(NO_YEAR - 1));
            // A range from above its end is refused by the map; years from `NO_YEAR` on are none.
            let is_range = from <= to.min(NO_YEAR - 1);
            let groups = is_range.then(|| self.years.range(from..=to.min(NO_YEAR - 1)));
            Cow::Owned(Ids::union(groups.into_iter().flatten().map(|(_, ids)| ids)))
        });
        let voted = filter.min_votes.filter(|least| *least > 0);
        let voted = voted.map(|least| Cow::Owned(Ids::union(self.votes.range(least..).map(|(_, ids)| ids))));
        let mut parts: Vec<Cow<'_, Ids>> = [genre, studio, years, voted].into_iter().flatten().collect();
        parts.sort_unstable_by_key(|ids| ids.len());
        parts.into_iter().reduce(|all, ids| Cow::Owned(all.intersection(&ids)))
    }
}

/// Takes the film into its group, whose text it may share.
fn share(groups: &mut Groups, id: i64, text: &mut Arc<str>) {
    let key = fold(text);
    if let Some(group) = groups.get_mut(key.as_str()) {
        if group.text == *text {
            *text = Arc::clone(&group.text);
        }
        group.ids.insert(id);
    } else {
        let mut ids = Ids::default();
        ids.insert(id);
        groups.insert(key.into(), Group { text: Arc::clone(text), ids });
    }
}

fn leave(groups: &mut Groups, id: i64, text: &str) {
    let key = fold(text);
    if let Some(group) = groups.get_mut(key.as_str()) {
        group.ids.remove(id);
        if group.ids.is_empty() {
            groups.remove(key.as_str());
        }
    }
}

fn move_out<K: Ord>(groups: &mut BTreeMap<K, Ids>, key: &K, id: i64) {
    if let Some(ids) = groups.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            groups.remove(key);
        }
    }
}
