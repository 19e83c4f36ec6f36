//! Arrival times in this process's memory, bounded in number.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::key::Key;
use super::window::Moment;

/// Keys per shard before the memory is split: each shard has a lock of its own, and sweeping and making room look at one
/// shard at a time. As many as a table of 2,048 places holds before it grows.
const SHARD: usize = 1_792;
const MOST_SHARDS: usize = 4_096;
/// A table of so many places is not worth giving back.
const FEW: usize = 1_024;
/// Making room frees this share of a full shard, so that its cost is spread over the keys that follow.
const FREED: usize = 16;

/// One arrival time per window for each client.
type Arrivals = Box<[Moment]>;

/// The memory of the limiter.
///
/// At most `max_keys` clients. When a shard is full, clients with nothing left to remember go first, then the ones
/// that would be forgotten soonest: the least loaded. So an attacker with many addresses cannot wash away the memory
/// of a heavy user, himself included.
#[derive(Debug)]
pub(super) struct LocalStore {
    shards: Box<[Mutex<HashMap<Key, Arrivals>>]>,
    keys_per_shard: usize,
    windows: usize,
    hasher: RandomState,
}

impl LocalStore {
    pub(super) fn new(max_keys: usize, windows: usize) -> Self {
        let count = max_keys.div_ceil(SHARD).clamp(1, MOST_SHARDS);
        Self {
            shards: (0..count).map(|_| Mutex::default()).collect(),
            keys_per_shard: (max_keys / count).max(1),
            windows,
            hasher: RandomState::new(),
        }
    }

    /// Decides over a client's arrival times while nobody else can, and keeps the new ones if there are any.
    pub(super) fn update<T>(
        &self,
        client: Key,
        now: Moment,
        decide: impl FnOnce(&[Moment]) -> (T, Option<Arrivals>),
    ) -> T {
        let mut shard = self.lock(client);
        if let Some(arrivals) = shard.get_mut(&client) {
            let (answer, next) = decide(arrivals);
            if let Some(next) = next {
                *arrivals = next;
            }
            return answer;
        }
        let (answer, next) = decide(&vec![0; self.windows]);
        if let Some(next) = next {
            if shard.len() >= self.keys_per_shard {
                make_room(&mut shard, now);
            }
            shard.insert(client, next);
        }
        answer
    }

    /// A client's arrival times.
    pub(super) fn look(&self, client: Key) -> Arrivals {
        self.lock(client).get(&client).cloned().unwrap_or_else(|| vec![0; self.windows].into())
    }

    /// Forgets clients with nothing left to remember: those of one shard each time it is asked for the next step, so
    /// that the caller can let others go first in between.
    pub(super) fn sweep(&self, now: impl Fn() -> Moment) -> impl Iterator<Item = ()> {
        self.shards.iter().map(move |shard| {
            let mut shard = lock(shard);
            let now = now();
            shard.retain(|_, arrivals| forgotten_at(arrivals) > now);
            // Give memory back after a flood, without shrinking at every sweep.
            if shard.capacity() > FEW && shard.len() < shard.capacity() / 4 {
                shard.shrink_to_fit();
            }
        })
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    fn lock(&self, client: Key) -> MutexGuard<'_, HashMap<Key, Arrivals>> {
        let hash = self.hasher.hash_one(client);
        let place = usize::try_from(hash % self.shards.len() as u64).unwrap_or_default();
        lock(&self.shards[place])
    }
}

// Each change is one assignment or one insert, so a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn make_room(shard: &mut HashMap<Key, Arrivals>, now: Moment) {
    let goal = (shard.len() / FREED).max(1);
    let before = shard.len();
    shard.retain(|_, arrivals| forgotten_at(arrivals) > now);
    let missing = goal.saturating_sub(before - shard.len());
    if missing == 0 {
        return;
    }
    let mut ends: Vec<(Moment, Key)> =
        shard.iter().map(|(client, arrivals)| (forgotten_at(arrivals), *client)).collect();
    ends.select_nth_unstable_by_key(missing - 1, |(end, _)| *end);
    for (_, client) in &ends[..missing] {
        shard.remove(client);
    }
}

/// When nothing about the client matters any more: an arrival time in the past is as good as none.
fn forgotten_at(arrivals: &[Moment]) -> Moment {
    arrivals.iter().copied().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use super::super::client_key::ClientKey;
    use super::*;

    /// The n-th client, now an IPv4 address and now a /64.
    fn client(number: u32) -> Key {
        let client = ClientKey::from(if number.is_multiple_of(2) {
            IpAddr::from(Ipv4Addr::from_bits(number))
        } else {
            IpAddr::from(Ipv6Addr::from_bits(u128::from(number) << 64 | 0x2001 << 112))
        });
        client.into()
    }

    fn remember(store: &LocalStore, number: u32, until: Moment, now: Moment) {
        store.update(client(number), now, |_| ((), Some(Box::from([until]))));
    }

    #[test]
    fn there_are_never_more_keys_than_the_bound() {
        for most in [1, 10, SHARD, SHARD + 1, 20_000] {
            let store = LocalStore::new(most, 1);
            for number in 0..30_000 {
                remember(&store, number, 1_000_000, 0);
                if number % 1_000 == 0 {
                    assert!(store.len() <= most, "{} of {most}", store.len());
                }
            }
            assert!(store.len() <= most && store.len() > most * 3 / 4, "{} of {most}", store.len());
        }
    }

    #[test]
    fn who_is_forgotten_soonest_goes_first_and_who_is_loaded_stays() {
        let store = LocalStore::new(1_600, 1);
        // The first ones have nothing left to remember, and the others ever more.
        for number in 0..1_600 {
            remember(&store, number, u64::from(number), 0);
        }
        let is_known = |number: u32| store.look(client(number))[0] > 0;
        remember(&store, 5_000, 9_999, 400);
        assert_eq!(store.len(), 1_200, "1,600, without 0 to 400, and the new one");
        assert!(!is_known(400) && is_known(401) && is_known(1_599));
        for number in 5_001..5_402 {
            remember(&store, number, 9_999, 400);
        }
        // Full again, and a sixteenth of it is freed: the least loaded.
        assert!(!is_known(401) && !is_known(500) && is_known(501), "{}", store.len());
        assert!((501..1_600).all(is_known) && (5_000..5_402).all(is_known));
    }

    #[test]
    fn a_sweep_goes_on_step_by_step_and_gives_memory_back() {
        let store = LocalStore::new(10 * SHARD, 1);
        let keys = u32::try_from(5 * SHARD).expect("a number");
        for number in 0..keys {
            remember(&store, number, if number % 10 == 0 { 100 } else { 10 }, 0);
        }
        let before = store.len();
        let mut steps = store.sweep(|| 10);
        let mut most_at_once = 0;
        let mut left = before;
        let mut count = 0;
        while steps.next().is_some() {
            count += 1;
            most_at_once = most_at_once.max(left - store.len());
            left = store.len();
        }
        assert_eq!(count, 10, "one shard each");
        assert!(most_at_once < before / 5, "{most_at_once} of {before}");
        assert_eq!(left, keys.div_ceil(10) as usize);
        assert!(store.shards.iter().all(|shard| lock(shard).capacity() < SHARD / 2));
    }
}
