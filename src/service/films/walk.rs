//! A walk through the films at random: which place each of them has, fixed by a key.
//!
//! The places are a permutation of all numbers up to the highest id, and computed both ways, from the place to the id and
//! back: so no list of them is kept, the walk is the same on every server, and a film that comes or goes moves no other. It
//! is a Feistel network, which is a permutation whatever its rounds do, over as many bits as the highest id has. What it puts
//! above that id goes through it again until it lies below: that is a permutation too, and as the network has less than
//! twice as many numbers, unless there are fewer than 128 films, it takes less than two runs on average.

use crate::service::error::{FieldFault, Result, faultless};
use crate::service::films::types::{FilmOrder, FilmSort};
use crate::service::page::{Cursor, Key, Page};

/// Characters of a seed.
const MAX_SEED: usize = 64;
/// Places at which one page looks; and where no more films match, all of them are put in order instead.
pub(in crate::service) const MOST_PLACES: usize = 5_000;
/// Rounds of the network, and the fewest bits that it is over. With either halved, the places of a few films depend on each other.
const ROUNDS: usize = 8;
const FEWEST_BITS: u32 = 8;
/// A walk cannot have begun with films up to more than twice the last id that there is, or than twice this one: else a
/// cursor that somebody has made up would have a page look for films where none can be.
const PLAUSIBLE: i64 = 1_000_000;

/// One walk: a seed, and the films that there were when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) struct Walk {
    key: u64,
    /// The highest id when it began: later films are not in it.
    pub highest: i64,
    /// Bits of the lower half.
    low: u32,
    /// Bits of the upper half.
    high: u32,
    rounds: [u64; ROUNDS],
}

/// Those of a page, in its direction and up to its limit, each with its place.
pub(in crate::service) struct Walked<T> {
    pub found: Vec<(i64, T)>,
    /// Whether it was broken off because of the places that it had looked at already.
    pub is_cut: bool,
}

impl Walk {
    fn new(key: u64, highest: i64) -> Self {
        let bits = (i64::BITS - highest.leading_zeros()).max(FEWEST_BITS);
        let mut state = key;
        let rounds = std::array::from_fn(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            mix(state)
        });
        Self { key, highest, low: bits / 2, high: bits - bits / 2, rounds }
    }

    /// The walk that a page is of: that of its cursors, or a new one of the films up to `last`, with a key of the seed or a
    /// `random` one.
    pub(super) fn read(
        page: &Page<FilmOrder>,
        seed: Option<&str>,
        last: i64,
        random: impl FnOnce() -> u64,
    ) -> Result<Self> {
        let mut faults = Vec::new();
        let key = seed.map(key_of);
        let mut walk: Option<Self> = None;
        for (pointer, cursor) in [("/after", &page.after), ("/before", &page.before)] {
            let Some(cursor) = cursor else { continue };
            let own = Self::of_cursor(cursor).filter(|own| own.highest / 2 <= last.max(PLAUSIBLE));
            let fault = match &own {
                None => "is not a cursor of a list in this order",
                Some(own) if key.is_some_and(|key| key != own.key) => {
                    "is a cursor of a walk with another seed"
                }
                Some(own) if walk.as_ref().is_some_and(|walk| walk != own) => {
                    "is a cursor of another walk than after"
                }
                Some(_) => {
                    walk = own;
                    continue;
                }
            };
            faults.push(FieldFault::new(pointer, fault));
        }
        faultless(faults)?;
        Ok(walk.unwrap_or_else(|| Self::new(key.unwrap_or_else(random), last)))
    }

    fn of_cursor(cursor: &Cursor<FilmOrder>) -> Option<Self> {
        let Key::Text(text) = &cursor.key else { return None };
        let (key, highest) = text.split_once('.')?;
        let walk = Self::new(u64::from_str_radix(key, 16).ok()?, highest.parse().ok().filter(|id| *id >= 0)?);
        // No other text means the same, and no place lies outside.
        (walk.text() == *text && (0..=walk.highest).contains(&cursor.id)).then_some(walk)
    }

    fn text(&self) -> String {
        format!("{:016x}.{}", self.key, self.highest)
    }

    /// The cursor of a place.
    pub(super) fn cursor(&self, place: i64) -> Cursor<FilmOrder> {
        Cursor { sort: FilmSort::Shuffled.into(), key: Key::Text(self.text()), id: place }
    }

    /// The film that has a place, or would have it.
    fn id(&self, place: i64) -> i64 {
        self.cycle(place, |number| {
            self.rounds.iter().enumerate().fold(number, |number, (round, key)| self.turn(number, round, *key))
        })
    }

    /// The place of a film of this walk.
    pub(in crate::service) fn place(&self, id: i64) -> i64 {
        self.cycle(id, |number| {
            let rounds = self.rounds.iter().enumerate().rev();
            rounds.fold(number, |number, (round, key)| self.turn(number, round, *key))
        })
    }

    fn cycle(&self, start: i64, network: impl Fn(u64) -> u64) -> i64 {
        let (mut number, highest) = (start.unsigned_abs(), self.highest.unsigned_abs());
        loop {
            number = network(number);
            if number <= highest {
                return number.cast_signed();
            }
        }
    }

    /// One round: it changes one half by the other, so it is its own inverse.
    fn turn(&self, number: u64, round: usize, key: u64) -> u64 {
        let mask = |bits: u32| (1 << bits) - 1;
        let (high, low) = (number >> self.low, number & mask(self.low));
        if round.is_multiple_of(2) {
            number ^ ((mix(key ^ low) & mask(self.high)) << self.low)
        } else {
            number ^ (mix(key ^ high) & mask(self.low))
        }
    }

    /// The places that a page may have, in its direction, each with the film that has it or would have it.
    pub(super) fn places(&self, page: &Page<FilmOrder>) -> impl Iterator<Item = (i64, i64)> {
        let (mut next, mut end) = self.stretch(page);
        let backward = page.backward;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let place = if backward {
                end -= 1;
                end
            } else {
                next += 1;
                next - 1
            };
            Some((place, self.id(place)))
        })
    }

    /// The first place of a page, and the one behind its last.
    fn stretch(&self, page: &Page<FilmOrder>) -> (i64, i64) {
        let first = page.after.as_ref().map_or(0, |after| after.id + 1);
        (first, page.before.as_ref().map_or(self.highest.saturating_add(1), |before| before.id))
    }

    /// Whether a page is found sooner by looking at places than by putting in order all of so many films that match.
    pub(in crate::service) fn is_dense(&self, films: usize, page: &Page<FilmOrder>) -> bool {
        let places = limit(page).saturating_mul(usize::try_from(self.highest).unwrap_or(usize::MAX));
        films.saturating_mul(films) > places
    }

    /// Those of the films that the page has, by putting all of them in order.
    pub(in crate::service) fn sorted<T>(
        &self,
        films: impl Iterator<Item = (i64, T)>,
        page: &Page<FilmOrder>,
    ) -> Walked<T> {
        let (first, end) = self.stretch(page);
        let films = films.filter(|(id, _)| *id <= self.highest).map(|(id, film)| (self.place(id), film));
        let mut found: Vec<(i64, T)> = films.filter(|(place, _)| (first..end).contains(place)).collect();
        found.sort_unstable_by_key(|(place, _)| if page.backward { !place } else { *place });
        found.truncate(limit(page));
        Walked { found, is_cut: false }
    }

    /// Those of the films that the page has, by looking at place after place.
    pub(in crate::service) fn walked(
        &self,
        has: impl Fn(i64) -> bool,
        page: &Page<FilmOrder>,
    ) -> Walked<i64> {
        let mut places = self.places(page);
        let near = places.by_ref().take(MOST_PLACES).filter(|(_, id)| has(*id));
        let found: Vec<(i64, i64)> = near.take(limit(page)).collect();
        Walked { is_cut: found.len() < limit(page) && places.next().is_some(), found }
    }
}

/// One more than the page has.
pub(super) fn limit(page: &Page<FilmOrder>) -> usize {
    usize::try_from(page.limit()).unwrap_or(usize::MAX)
}

/// What is wrong with a seed.
pub(super) fn fault_of_seed(seed: &str) -> Option<FieldFault> {
    let is_right = (1..=MAX_SEED).contains(&seed.chars().count());
    (!is_right).then(|| FieldFault::new("/seed", format!("must have 1 to {MAX_SEED} characters")))
}

fn key_of(seed: &str) -> u64 {
    let hash = blake3::derive_key("filmgate key of a walk through the films", seed.as_bytes());
    hash.iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
}

/// The finaliser of splitmix64: each bit of what it is given changes half of what it gives.
fn mix(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What chi-square with `freedom` degrees exceeds once in a million (Wilson and Hilferty's approximation): there are
    /// sixty such tests.
    fn limit_of(freedom: f64) -> f64 {
        let spread = 2.0 / (9.0 * freedom);
        freedom * (1.0 - spread + 4.753 * spread.sqrt()).powi(3)
    }

    fn chi_square(counts: &[u32]) -> f64 {
        let expected =
            f64::from(counts.iter().sum::<u32>()) / f64::from(u32::try_from(counts.len()).expect("few"));
        counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
    }

    #[test]
    fn every_film_has_one_place_and_every_place_one_film() {
        for highest in (0..70).chain([127, 128, 129, 620, 1_023, 4_096, 65_537]) {
            for key in [0, 1, key_of("a"), u64::MAX] {
                let walk = Walk::new(key, highest);
                let mut ids: Vec<i64> = (0..=highest).map(|place| walk.id(place)).collect();
                assert!((0..=highest).all(|id| walk.id(walk.place(id)) == id), "{highest} by {key}");
                ids.sort_unstable();
                assert!(ids.into_iter().eq(0..=highest), "{highest} by {key}");
            }
        }
        for highest in [i64::MAX, i64::MAX / 2, 1 << 40] {
            let walk = Walk::new(7, highest);
            for id in [0, 1, highest / 3, highest - 1, highest] {
                assert!((0..=highest).contains(&walk.place(id)) && walk.id(walk.place(id)) == id);
            }
        }
    }

    /// Where a film stands, and how far behind it the next one does, over so many keys.
    #[test]
    fn places_and_distances_are_uniform_over_the_keys() {
        for highest in [1, 2, 4, 6, 9, 16, 31, 49] {
            let size = usize::try_from(highest).expect("small") + 1;
            for id in [0, highest / 2, highest] {
                let (mut places, mut distances) = (vec![0; size], vec![0; size - 1]);
                for key in 0..6_000_u64 {
                    let walk = Walk::new(mix(key), highest);
                    let (own, next) = (walk.place(id), walk.place((id + 1) % (highest + 1)));
                    places[usize::try_from(own).expect("a place")] += 1;
                    let distance = (next - own).rem_euclid(highest + 1) - 1;
                    distances[usize::try_from(distance).expect("a distance")] += 1;
                }
                let freedom = f64::from(u32::try_from(size - 1).expect("small"));
                assert!(chi_square(&places) < limit_of(freedom), "{id} of {highest}: {places:?}");
                let freedom = (freedom - 1.0).max(1.0);
                assert!(chi_square(&distances) < limit_of(freedom), "{id} of {highest}: {distances:?}");
            }
        }
    }

    #[test]
    fn a_cursor_tells_its_walk_and_no_other_text_does() {
        let walk = Walk::new(key_of("a"), 620);
        assert_eq!(Walk::of_cursor(&walk.cursor(5)), Some(walk.clone()));
        for (text, place) in [
            ("", 5),
            ("620", 5),
            ("0.620", 5),
            ("+00000000000000a.620", 5),
            ("000000000000000A.620", 5),
            ("000000000000000a.+620", 5),
            ("000000000000000a.0620", 5),
            ("000000000000000a.-1", 0),
            ("000000000000000a.620", 621),
            ("000000000000000a.620", -1),
        ] {
            let cursor =
                Cursor { sort: FilmSort::Shuffled.into(), key: Key::Text(text.to_owned()), id: place };
            assert_eq!(Walk::of_cursor(&cursor), None, "{text} {place}");
        }
    }
}
