//! A set of ids of films.

use roaring::{RoaringTreemap, treemap};

/// Ids of films, ascending: a list while they are few, as of most studios and of a film that has its likes for itself;
/// then compressed bitmaps.
#[derive(Clone, Debug)]
pub(super) enum Ids {
    Few(Vec<i64>),
    Many(RoaringTreemap),
}

/// Past that, bitmaps take less room than a list.
const FEW: usize = 128;

impl Default for Ids {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Ids {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(ids) => ids.len(),
            Self::Many(ids) => usize::try_from(ids.len()).unwrap_or(usize::MAX),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Few(ids) => ids.is_empty(),
            Self::Many(ids) => ids.is_empty(),
        }
    }

    pub(super) fn has(&self, id: i64) -> bool {
        match self {
            Self::Few(ids) => ids.binary_search(&id).is_ok(),
            Self::Many(ids) => ids.contains(key(id)),
        }
    }

    pub(super) fn insert(&mut self, id: i64) {
        match self {
            Self::Few(ids) => {
                if let Err(place) = ids.binary_search(&id) {
                    ids.insert(place, id);
                }
                if ids.len() > FEW {
                    *self = Self::Many(ids.iter().map(|id| key(*id)).collect());
                }
            }
            Self::Many(ids) => {
                ids.insert(key(id));
            }
        }
    }

    pub(super) fn remove(&mut self, id: i64) {
        match self {
            Self::Few(ids) => ids.retain(|own| *own != id),
            Self::Many(ids) => {
                ids.remove(key(id));
            }
        }
    }

    /// The id at a place among them.
    pub(super) fn at(&self, place: usize) -> Option<i64> {
        match self {
            Self::Few(ids) => ids.get(place).copied(),
            Self::Many(ids) => ids.select(u64::try_from(place).ok()?).map(id),
        }
    }

    /// How many of them are less than `id`.
    pub(super) fn before(&self, id: i64) -> usize {
        match self {
            Self::Few(ids) => ids.partition_point(|own| *own < id),
            Self::Many(ids) => {
                let less = key(id).checked_sub(1).map_or(0, |key| ids.rank(key));
                usize::try_from(less).unwrap_or(usize::MAX)
            }
        }
    }

    /// Those that are greater than `after` and less than `before`.
    pub(super) fn between(&self, after: Option<i64>, before: Option<i64>) -> Iter<'_> {
        let is_empty = after.zip(before).is_some_and(|(after, before)| after >= before);
        match self {
            _ if is_empty || after == Some(i64::MAX) => Iter::Few([].iter()),
            Self::Few(ids) => {
                let first = after.map_or(0, |after| ids.partition_point(|id| *id <= after));
                let end = before.map_or(ids.len(), |before| ids.partition_point(|id| *id < before));
                Iter::Few(ids.get(first..end).unwrap_or_default().iter())
            }
            Self::Many(ids) => {
                let mut iter = ids.iter();
                if let Some(after) = after {
                    iter.advance_to(key(after.saturating_add(1)));
                }
                match before {
                    Some(before) if key(before) == 0 => return Iter::Few([].iter()),
                    Some(before) => iter.advance_back_to(key(before) - 1),
                    None => {}
                }
                Iter::Many(Box::new(iter))
            }
        }
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        self.between(None, None)
    }

    /// Those that are in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Few(ids), other) | (other, Self::Few(ids)) => {
                Self::Few(ids.iter().copied().filter(|id| other.has(*id)).collect())
            }
            (Self::Many(ids), Self::Many(others)) => Self::Many(ids & others),
        }
    }

    /// Those that are in one of the sets.
    pub(super) fn union<'a>(sets: impl Iterator<Item = &'a Self>) -> Self {
        let mut all = RoaringTreemap::new();
        for set in sets {
            match set {
                Self::Few(ids) => all.extend(ids.iter().map(|id| key(*id))),
                Self::Many(ids) => all |= ids,
            }
        }
        Self::Many(all)
    }
}

/// Through a set, from either end.
pub(super) enum Iter<'a> {
    Few(std::slice::Iter<'a, i64>),
    Many(Box<treemap::Iter<'a>>),
}

impl Iterator for Iter<'_> {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        match self {
            Self::Few(ids) => ids.next().copied(),
            Self::Many(ids) => ids.next().map(id),
        }
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<i64> {
        match self {
            Self::Few(ids) => ids.next_back().copied(),
            Self::Many(ids) => ids.next_back().map(id),
        }
    }
}

/// No id is negative.
fn key(id: i64) -> u64 {
    u64::try_from(id).unwrap_or_default()
}

fn id(key: u64) -> i64 {
    i64::try_from(key).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    #[test]
    fn it_is_a_set_whatever_its_form() {
        let mut random = StdRng::seed_from_u64(1);
        for span in [10, 100, 100_000, i64::MAX - 1] {
            let (mut ids, mut expected) = (Ids::default(), BTreeSet::new());
            for _ in 0..400 {
                let id = random.random_range(0..span);
                if random.random_bool(0.7) {
                    ids.insert(id);
                    expected.insert(id);
                } else if let Some(id) = expected.iter().nth(random.random_range(0..=expected.len())).copied()
                {
                    ids.remove(id);
                    expected.remove(&id);
                }
                assert!(ids.iter().eq(expected.iter().copied()));
                assert!(ids.iter().rev().eq(expected.iter().rev().copied()));
                assert_eq!((ids.len(), ids.is_empty()), (expected.len(), expected.is_empty()));
                let place = random.random_range(0..=expected.len());
                assert_eq!(ids.at(place), expected.iter().nth(place).copied());
                let (low, high) = (random.random_range(0..span), random.random_range(0..span));
                assert_eq!(ids.before(low), expected.range(..low).count());
                assert_eq!(ids.has(low), expected.contains(&low));
                let between = expected.iter().copied().filter(|id| (low + 1..high).contains(id));
                assert!(ids.between(Some(low), Some(high)).eq(between.clone()), "{low} to {high} of {ids:?}");
                assert!(ids.between(Some(low), Some(high)).rev().eq(between.rev()));
                assert!(ids.between(Some(low), None).eq(expected.range(low + 1..).copied()));
                assert!(ids.between(None, Some(high)).eq(expected.range(..high).copied()));
            }
        }
        assert_eq!(Ids::default().between(Some(i64::MAX), None).count(), 0);
    }

    #[test]
    fn sets_are_combined_whatever_their_form() {
        let set = |step: usize, size: usize| {
            let mut ids = Ids::default();
            (1..).step_by(step).take(size).for_each(|id| ids.insert(id));
            ids
        };
        for (one, other) in [(5, 7), (5, 700), (700, 5), (700, 900), (100, 128)] {
            let (one, other) = (set(2, one), set(3, other));
            let both: Vec<i64> = one.iter().filter(|id| other.has(*id)).collect();
            assert!(!both.is_empty());
            assert!(one.intersection(&other).iter().eq(both));
            let either: BTreeSet<i64> = one.iter().chain(other.iter()).collect();
            assert!(Ids::union([&one, &other].into_iter()).iter().eq(either));
        }
    }
}
