//! Arrival times in this process's memory, bounded in number.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::key::Key;
use super::window::Moment;

/// Keys per shard before the memory is split: each shard has a lock of its own, and making room looks at one shard.
const SHARD: usize = 4_096;
const MOST_SHARDS: usize = 256;
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

    /// Forgets clients with nothing left to remember. Holds one shard's lock at a time.
    pub(super) fn sweep(&self, now: Moment) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.retain(|_, arrivals| forgotten_at(arrivals) > now);
            // Give memory back after a flood, without shrinking at every sweep.
            if shard.capacity() > SHARD && shard.len() < shard.capacity() / 4 {
                shard.shrink_to_fit();
            }
        }
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
