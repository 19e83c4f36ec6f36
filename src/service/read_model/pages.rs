//! Lists and picks of the films that match, from memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::iter;
use std::ops::Bound;
use std::sync::Arc;

use crate::service::error::{Error, Result};
use crate::service::films::filter::FilmFilter;
use crate::service::films::group::{self, Found, Grouping};
use crate::service::films::order::{place, rank, sorted};
use crate::service::films::types::{Film, FilmId, FilmOrder, FilmSort};
use crate::service::page::{Cursor, Page};
use crate::service::read_model::ids::Ids;
use crate::service::read_model::index::Index;
use crate::service::read_model::state::State;
use crate::service::text::fold;

/// Films up to the limit of a page, each with its cursor; and how many match on all pages.
pub(in crate::service) type FoundFilms = (Vec<(Cursor<FilmOrder>, Arc<Film>)>, usize);
/// Ids of films in the order of a page.
type Walk<'a> = Box<dyn Iterator<Item = i64> + 'a>;

/// To fetch and compare a film costs so many times as much as to pass over one that does not match.
const SORTED: usize = 5;
/// Films in the order of the names that are passed over for a page; then those that match lie far behind, and are sorted.
const PASSED_OVER: usize = 50_000;
/// Sets of more films than that are intersected, and not looked through.
const LARGE: usize = 1_000;

impl State {
    /// A film that matches and is not excluded, as `below`, which is given how many there are, chooses; `None` when
    /// not every film is in memory.
    pub(super) fn pick(
        &self,
        filter: &FilmFilter,
        exclude: &[FilmId],
        below: impl FnOnce(usize) -> usize,
    ) -> Option<Result<Arc<Film>>> {
        let matching = self.index.as_ref()?.matching(filter);
        let (has, before, len): (&dyn Fn(i64) -> bool, &dyn Fn(i64) -> usize, _) = match &matching {
            None => (&|id| self.films.has(id), &|id| self.films.before(id), self.films.len()),
            Some(ids) => (&|id| ids.has(id), &|id| ids.before(id), ids.len()),
        };
        let mut exclude: Vec<i64> = exclude.iter().map(|id| id.0).filter(|id| has(*id)).collect();
        exclude.sort_unstable();
        exclude.dedup();
        let left = len - exclude.len();
        if left == 0 {
            return Some(Err(Error::NoFilm));
        }
        let mut place = below(left);
        // Each of them that lies before it moves it on by one. How many of the others lie before one does not fall.
        let exclude: Vec<(usize, i64)> = exclude.into_iter().enumerate().collect();
        place += exclude.partition_point(|(less, id)| before(*id) - less <= place);
        let film = match &matching {
            None => self.films.at(place).and_then(|(_, film)| film),
            Some(ids) => ids.at(place).and_then(|id| self.films.film(id)),
        };
        Some(film.cloned().ok_or(Error::NoFilm))
    }

    /// The films of a page, and one more if there is one, each with its cursor; and how many match on all pages. `None` when
    /// not every film is in memory.
    pub(super) fn page(
        &self,
        filter: &FilmFilter,
        order: FilmOrder,
        page: &Page<FilmOrder>,
    ) -> Option<FoundFilms> {
        let index = self.index.as_ref()?;
        let turned = order.is_reversed.then(|| page.turned());
        let page = turned.as_ref().unwrap_or(page);
        let matching = index.matching(filter);
        let matching = matching.as_deref();
        let walk = Walker { page, matching, limit: usize::try_from(page.limit()).unwrap_or(usize::MAX) };
        let ids: Vec<i64> = match matching {
            _ if page.is_empty(rank) => Vec::new(),
            // Fetching and sorting all that match is less than passing over others until there are enough.
            Some(ids)
                if ids.len().saturating_mul(ids.len())
                    <= walk.limit.saturating_mul(self.films.len()) / SORTED =>
            {
                self.sorted(ids, order, page)
            }
            _ => match order.sort {
                FilmSort::Newest | FilmSort::Relevance | FilmSort::Shuffled => {
                    let (after, before) = (page.before.as_ref(), page.after.as_ref());
                    let (after, before) = (after.map(|place| place.id), before.map(|place| place.id));
                    match matching {
                        None => {
                            walk.directed(self.films.between(after, before).rev()).take(walk.limit).collect()
                        }
                        Some(ids) => {
                            walk.directed(ids.between(after, before).rev()).take(walk.limit).collect()
                        }
                    }
                }
                FilmSort::Year => {
                    let within = (filter.year_from, filter.year_to);
                    walk.grouped(&index.years, year, within).take(walk.limit).collect()
                }
                FilmSort::Likes => {
                    walk.grouped(&index.likes, Reverse, (None, None)).take(walk.limit).collect()
                }
                FilmSort::Rating => {
                    walk.grouped(&index.ratings, Reverse, (None, None)).take(walk.limit).collect()
                }
                FilmSort::Name => self.named(index, &walk, order),
            },
        };
        let films = ids.into_iter().take(walk.limit).filter_map(|id| self.films.film(id));
        let films = films.map(|film| (place(order, film), Arc::clone(film))).collect();
        Some((films, matching.map_or(self.films.len(), Ids::len)))
    }

    /// The genres or studios of a page, and one more if there is one; `None` when not every film is in memory.
    pub(super) fn groups(&self, grouping: Grouping, page: &Page<Grouping>) -> Option<Found> {
        let index = self.index.as_ref()?;
        let groups = match grouping {
            Grouping::Genre => &index.genres,
            Grouping::Studio => &index.studios,
        };
        let names = |film: &Film| match grouping {
            Grouping::Genre => film.genres.to_vec(),
            Grouping::Studio => vec![Arc::clone(&film.studio)],
        };
        let total = u64::try_from(groups.len()).unwrap_or(u64::MAX);
        let place = |place: &Cursor<Grouping>| Box::<str>::from(place.key.text());
        if page.is_empty(place) {
            return Some((Vec::new(), total));
        }
        let from = page.after.as_ref().map_or(Bound::Unbounded, |after| Bound::Excluded(place(after)));
        let to = page.before.as_ref().map_or(Bound::Unbounded, |before| Bound::Excluded(place(before)));
        let groups = groups.range::<Box<str>, _>((from, to));
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let found = directed(groups, page.backward).take(limit).map(|(key, group)| {
            let first = group.ids.at(0).and_then(|id| self.films.film(id));
            let name = first.and_then(|film| names(film).into_iter().find(|name| *fold(name) == **key));
            let name = name.unwrap_or_else(|| key.as_ref().into());
            let films = u64::try_from(group.ids.len()).unwrap_or(u64::MAX);
            (group::cursor(grouping, key), group::Group { name, films })
        });
        Some((found.collect(), total))
    }

    /// Those of the page by their names.
    fn named(&self, index: &Index, walk: &Walker<'_>, order: FilmOrder) -> Vec<i64> {
        let lies = |other: &Cursor<FilmOrder>, at_most: bool| {
            let other = rank(other);
            index.names.seek(|id| {
                let own = self.films.film(id).map(|film| rank(&place(order, film)));
                own.is_some_and(|own| own < other || (at_most && own == other))
            })
        };
        let from = walk.page.after.as_ref().map_or((0, 0), |place| lies(place, true));
        let to = walk.page.before.as_ref().map_or(index.names.end(), |place| lies(place, false));
        let mut names = walk.directed(index.names.between(from, to));
        let Some(matching) = walk.matching else { return names.take(walk.limit).collect() };
        let near: Vec<i64> =
            names.by_ref().take(PASSED_OVER).filter(|id| matching.has(*id)).take(walk.limit).collect();
        if near.len() < walk.limit && names.next().is_some() {
            return self.sorted(matching, order, walk.page);
        }
        near
    }

    /// Those of these films that lie between the places of the page, in its order.
    fn sorted(&self, ids: &Ids, order: FilmOrder, page: &Page<FilmOrder>) -> Vec<i64> {
        let films = ids.iter().filter_map(|id| Some((place(order, self.films.film(id)?), id)));
        sorted(films, page).into_iter().map(|(_, id)| id).collect()
    }
}

/// Through the films of a page, from its beginning.
struct Walker<'a> {
    page: &'a Page<FilmOrder>,
    /// `None` when all match.
    matching: Option<&'a Ids>,
    limit: usize,
}

impl<'a> Walker<'a> {
    fn directed<'b>(&self, ids: impl DoubleEndedIterator<Item = i64> + 'b) -> Walk<'b> {
        directed(ids, self.page.backward)
    }

    /// Those of films that are grouped by what they are sorted by, which is the key of a place. All that match lie `within`
    /// these groups.
    fn grouped<K: Ord + Copy + 'a>(
        &'a self,
        groups: &'a BTreeMap<K, Ids>,
        key: impl Fn(i64) -> K,
        within: (Option<K>, Option<K>),
    ) -> Walk<'a> {
        let place = |cursor: &Cursor<FilmOrder>| (key(cursor.key.number()), cursor.id);
        let (after, before) = (self.page.after.as_ref().map(place), self.page.before.as_ref().map(place));
        let from = after.map(|(key, _)| key).max(within.0);
        let to = before.map(|(key, _)| key).into_iter().chain(within.1).min();
        // A map refuses a range from above its end.
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Box::new(iter::empty());
        }
        let from = from.map_or(Bound::Unbounded, Bound::Included);
        let to = to.map_or(Bound::Unbounded, Bound::Included);
        let of_group = move |(key, ids): (&K, &'a Ids)| {
            let of_key = |place: Option<(K, i64)>| place.filter(|(own, _)| own == key).map(|(_, id)| id);
            let (after, before) = (of_key(after), of_key(before));
            match self.matching {
                None => self.directed(ids.between(after, before)),
                Some(matching) if ids.len().min(matching.len()) > LARGE => {
                    let both = ids.intersection(matching);
                    let some: Vec<i64> =
                        self.directed(both.between(after, before)).take(self.limit).collect();
                    Box::new(some.into_iter())
                }
                Some(matching) => {
                    let (few, many) =
                        if ids.len() < matching.len() { (ids, matching) } else { (matching, ids) };
                    self.directed(few.between(after, before).filter(|id| many.has(*id)))
                }
            }
        };
        let groups = groups.range((from, to));
        if self.page.backward {
            Box::new(groups.rev().flat_map(of_group))
        } else {
            Box::new(groups.flat_map(of_group))
        }
    }
}

fn directed<'a, T>(
    iter: impl DoubleEndedIterator<Item = T> + 'a,
    backward: bool,
) -> Box<dyn Iterator<Item = T> + 'a> {
    if backward { Box::new(iter.rev()) } else { Box::new(iter) }
}

/// The key of a place as a year, or one before or after all years.
fn year(key: i64) -> i32 {
    i32::try_from(key).unwrap_or(if key < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;
    use crate::service::page::PageRequest;

    const FILMS: i64 = 60_000;

    fn film(id: i64) -> Film {
        // Names are in another order than ids, and those of "Late" are the last of them.
        let place = id * 7_919 % FILMS;
        let genre = if place >= FILMS - 2_000 { "Late" } else { "Early" };
        let even = if id % 2 == 0 { "Even" } else { "Odd" };
        Film {
            id,
            name: format!("Film {place:06}").into(),
            studio: format!("Studio {}", id % 40).into(),
            year: (id % 11 != 0).then(|| 1900 + i32::try_from(id / 600).unwrap_or(0)),
            genres: [Arc::from(genre), Arc::from(even)].into(),
            likes: if id % 5 == 0 { id % 3 } else { 0 },
            dislikes: if id % 7 == 0 { id % 4 } else { 0 },
        }
    }

    /// Sets that are intersected, names that are passed over in vain, and the few that are sorted: whichever way, a page
    /// is what sorting all films says.
    #[test]
    fn a_page_of_many_films_is_what_sorting_them_says() {
        let mut state = State::new(usize::MAX);
        (1..=FILMS).for_each(|id| state.put(Arc::new(film(id))));
        state.order_names();
        let all: Vec<Film> = (1..=FILMS).map(film).collect();
        let mut random = StdRng::seed_from_u64(20_261_129);
        let filters = [
            FilmFilter::default(),
            FilmFilter { genre: Some("late".into()), ..FilmFilter::default() },
            FilmFilter { genre: Some("even".into()), ..FilmFilter::default() },
            FilmFilter { genre: Some("ODD".into()), year_from: Some(1930), ..FilmFilter::default() },
            FilmFilter { studio: Some("studio 7".into()), year_to: Some(1950), ..FilmFilter::default() },
            FilmFilter { min_votes: Some(1), ..FilmFilter::default() },
            FilmFilter { genre: Some("late".into()), min_votes: Some(2), ..FilmFilter::default() },
        ];
        let sorts = [FilmSort::Name, FilmSort::Year, FilmSort::Newest, FilmSort::Likes, FilmSort::Rating];
        let orders = sorts.iter().flat_map(|sort| [false, true].map(|is_reversed| (*sort, is_reversed)));
        let orders: Vec<FilmOrder> =
            orders.map(|(sort, is_reversed)| FilmOrder { sort, is_reversed }).collect();
        for (filter, order) in
            filters.iter().flat_map(|filter| orders.iter().map(move |order| (filter, *order)))
        {
            let is = |own: &str, wanted: &Option<String>| {
                wanted.as_ref().is_none_or(|wanted| own.eq_ignore_ascii_case(wanted))
            };
            let mut wanted: Vec<Cursor<FilmOrder>> = all
                .iter()
                .filter(|film| film.genres.iter().any(|genre| is(genre, &filter.genre)))
                .filter(|film| is(&film.studio, &filter.studio))
                .filter(|film| filter.year_from.is_none_or(|from| film.year.is_some_and(|year| year >= from)))
                .filter(|film| filter.year_to.is_none_or(|to| film.year.is_some_and(|year| year <= to)))
                .filter(|film| filter.min_votes.is_none_or(|least| film.likes + film.dislikes >= least))
                .map(|film| place(order, film))
                .collect();
            wanted.sort_by_cached_key(rank);
            if order.is_reversed {
                wanted.reverse();
            }
            for _ in 0..4 {
                let mut place = || {
                    let place = random.random_range(0..wanted.len());
                    random.random_bool(0.5).then_some(place)
                };
                let (after, before) = (place(), place());
                let size = random.random_range(0..30);
                let backward = random.random_bool(0.5);
                let (first, last) = if backward { (None, Some(size)) } else { (Some(size), None) };
                let text = |place: Option<usize>| place.map(|place| wanted[place].encode());
                let request = PageRequest { first, after: text(after), last, before: text(before) };
                let page = Page::read(request, order, 100).unwrap_or_else(|_| panic!("a page"));
                let (found, total) = state.page(filter, order, &page).expect("every film is in memory");
                assert_eq!(total, wanted.len());
                let (from, to) = (after.map_or(0, |place| place + 1), before.unwrap_or(wanted.len()));
                let between = wanted.get(from..to).unwrap_or_default().iter().map(|place| place.id);
                let limit = usize::try_from(size).unwrap_or(0) + 1;
                let ids: Vec<i64> = if backward {
                    between.rev().take(limit).collect()
                } else {
                    between.take(limit).collect()
                };
                let found: Vec<i64> = found.iter().map(|(_, film)| film.id).collect();
                assert_eq!(
                    found, ids,
                    "{filter:?} by {order:?}, {after:?} to {before:?}, backward {backward}"
                );
            }
        }
    }
}
