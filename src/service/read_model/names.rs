//! The order of the names.

use std::cmp::Ordering;

/// Ids of films in the order of the names: blocks, so that one that comes moves only those of its own. The names stand
/// in the films, so who asks says how an id lies to what he seeks.
#[derive(Default)]
pub(super) struct Names {
    /// None is empty.
    blocks: Vec<Vec<i64>>,
}

/// A block that is fuller is cut in two.
const FULL: usize = 1_024;

/// A place among the names: the block, and the place in it.
type Place = (usize, usize);

impl Names {
    pub(super) fn of(sorted: &[i64]) -> Self {
        Self { blocks: sorted.chunks(FULL / 2).map(<[i64]>::to_vec).collect() }
    }

    /// `lies` tells how an id lies to the one that comes.
    pub(super) fn insert(&mut self, id: i64, lies: impl Fn(i64) -> Ordering) {
        let (mut block, mut place) = self.seek(|other| lies(other).is_lt());
        if block == self.blocks.len()
            && let Some(last) = block.checked_sub(1)
        {
            // Behind all names.
            (block, place) = (last, self.blocks.get(last).map_or(0, Vec::len));
        }
        let Some(ids) = self.blocks.get_mut(block) else {
            self.blocks.push(vec![id]);
            return;
        };
        ids.insert(place, id);
        if ids.len() > FULL {
            let rest = ids.split_off(FULL / 2);
            self.blocks.insert(block + 1, rest);
        }
    }

    /// `lies` tells how an id lies to the one that goes.
    pub(super) fn remove(&mut self, id: i64, lies: impl Fn(i64) -> Ordering) {
        let (block, place) = self.seek(|other| lies(other).is_lt());
        let Some(ids) = self.blocks.get_mut(block) else { return };
        if ids.get(place) == Some(&id) {
            ids.remove(place);
        }
        if ids.is_empty() {
            self.blocks.remove(block);
        }
    }

    /// The first for which `is_before` does not hold.
    pub(super) fn seek(&self, is_before: impl Fn(i64) -> bool) -> Place {
        let block = self.blocks.partition_point(|ids| ids.last().is_some_and(|id| is_before(*id)));
        let place = self.blocks.get(block).map_or(0, |ids| ids.partition_point(|id| is_before(*id)));
        (block, place)
    }

    /// From one place up to another.
    pub(super) fn between(&self, from: Place, to: Place) -> impl DoubleEndedIterator<Item = i64> {
        (from.0..=to.0).flat_map(move |block| {
            let ids = self.blocks.get(block).map(Vec::as_slice).unwrap_or_default();
            let first = if block == from.0 { from.1 } else { 0 };
            let end = if block == to.0 { to.1 } else { ids.len() };
            ids.get(first..end).unwrap_or_default().iter().copied()
        })
    }

    pub(super) fn end(&self) -> Place {
        (self.blocks.len(), 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    /// Here an id's name is its digits backwards.
    fn name(id: i64) -> (String, i64) {
        (id.to_string().chars().rev().collect(), id)
    }

    #[test]
    fn names_stay_in_order_however_many_come_and_go() {
        let mut random = StdRng::seed_from_u64(3);
        let mut expected: BTreeSet<(String, i64)> = (0..700).map(name).collect();
        let sorted: Vec<i64> = expected.iter().map(|(_, id)| *id).collect();
        let mut names = Names::of(&sorted);
        for round in 0..12_000 {
            let id = random.random_range(0..6_000);
            let own = name(id);
            // First more come than go, until blocks are full; then more go, until some are empty.
            if random.random_bool(if round < 6_000 { 0.9 } else { 0.1 }) {
                if expected.insert(own.clone()) {
                    names.insert(id, |other| name(other).cmp(&own));
                }
            } else if expected.remove(&own) {
                names.remove(id, |other| name(other).cmp(&own));
            }
        }
        let all = expected.iter().map(|(_, id)| *id);
        assert!(names.between((0, 0), names.end()).eq(all.clone()));
        assert!(names.between((0, 0), names.end()).rev().eq(all.rev()));
        assert!(names.blocks.iter().all(|ids| (1..=FULL).contains(&ids.len())));
        for (from, to) in [(10, 500), (0, 1), (499, 3), (0, 5_999)] {
            let (from, to) = (name(from), name(to));
            let wanted = expected.iter().filter(|own| **own >= from && **own < to).map(|(_, id)| *id);
            let from = names.seek(|id| name(id) < from);
            let to = names.seek(|id| name(id) < to);
            assert!(names.between(from, to).eq(wanted), "{from:?} to {to:?}");
        }
    }
}
