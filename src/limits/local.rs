//! Arrival times in this process's memory, bounded in number.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use indexmap::IndexSet;
use smallvec::SmallVec;

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

/// Arrival times of a client, one a window. As many as the default policies have stand in place.
pub(super) type Row = SmallVec<[Moment; 12]>;

/// The memory of the limiter.
///
/// At most `max_keys` clients. When a shard is full, clients with nothing left to remember go first, then the ones
/// that would be forgotten soonest: the least loaded. So an attacker with many addresses cannot wash away the memory
/// of a heavy user, nor that of their own draws.
#[derive(Debug)]
pub(super) struct LocalStore {
    shards: Box<[Mutex<Shard>]>,
    keys_per_shard: usize,
    /// Times in the row of a client.
    columns: usize,
    hasher: RandomState,
    /// Who goes on with the clients, once there is somebody.
    successor: OnceLock<Successor>,
}

/// A store of the same size that goes on with the clients of another one.
#[derive(Debug)]
struct Successor {
    store: Arc<LocalStore>,
    map: ColumnMap,
}

/// Where each time of a row stands in the row of the successor; `None` for what it has forgotten.
#[derive(Debug, Clone)]
struct ColumnMap(Box<[Option<usize>]>);

impl ColumnMap {
    /// The row as it was, from the one of the successor.
    fn read(&self, arrivals: &[Moment]) -> Row {
        self.0.iter().map(|place| place.map_or(0, |place| arrivals[place])).collect()
    }

    /// Puts the row as it was into the one of the successor.
    fn write(&self, row: &[Moment], arrivals: &mut [Moment]) {
        for (place, arrival) in self.0.iter().zip(row) {
            if let Some(place) = place {
                arrivals[*place] = *arrival;
            }
        }
    }

    /// Where this one leads, and then another one.
    fn then(&self, next: &Self) -> Self {
        Self(self.0.iter().map(|place| place.and_then(|place| next.0[place])).collect())
    }
}

/// Where a client is.
struct Found<'a> {
    store: &'a LocalStore,
    shard: MutexGuard<'a, Shard>,
    row: Option<usize>,
    /// Set where somebody else goes on with the clients of the store that was asked.
    map: Option<ColumnMap>,
}

/// Where a client was found. Others may stand there by now: whoever goes there compares the key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    shard: usize,
    /// `None`: the client was not remembered.
    row: Option<usize>,
}

impl LocalStore {
    pub(super) fn new(max_keys: usize, columns: usize) -> Self {
        let count = max_keys.div_ceil(SHARD).clamp(1, MOST_SHARDS);
        Self {
            shards: (0..count).map(|_| Mutex::default()).collect(),
            keys_per_shard: (max_keys / count).max(1),
            columns,
            hasher: RandomState::new(),
            successor: OnceLock::new(),
        }
    }

    /// An empty one of the same size, with so many times in the row of a client.
    pub(super) fn with_columns(&self, columns: usize) -> Self {
        Self {
            shards: self.shards.iter().map(|_| Mutex::default()).collect(),
            keys_per_shard: self.keys_per_shard,
            columns,
            // Of one hash, so that a client has the same shard in both.
            hasher: self.hasher.clone(),
            successor: OnceLock::new(),
        }
    }

    /// Lets another store, made by [`LocalStore::with_columns`], go on with all clients. `columns` says where a time of our
    /// rows stands in its rows. Whoever still comes here is led there, so that nothing that they draw is lost. Once only.
    pub(super) fn hand_over(&self, store: &Arc<Self>, columns: impl Iterator<Item = Option<usize>>) {
        let Successor { store, map } = self
            .successor
            .get_or_init(|| Successor { store: Arc::clone(store), map: ColumnMap(columns.collect()) });
        for (ours, theirs) in self.shards.iter().zip(&store.shards) {
            let (mut ours, mut theirs) = (lock(ours), lock(theirs));
            for place in 0..ours.keys.len() {
                let mut arrivals = Row::from_elem(0, store.columns);
                map.write(ours.row_mut(place, self.columns), &mut arrivals);
                let client = ours.keys[place];
                theirs.insert(client, &arrivals);
            }
            *ours = Shard { is_handed_over: true, ..Shard::default() };
        }
    }

    /// Decides over a client's arrival times while nobody else can. With the answer comes whether they have changed: a
    /// client of whom nothing was known is remembered only then. Who has a place is not looked up again while they have it.
    pub(super) fn update<T>(
        &self,
        client: Key,
        place: &mut Option<Place>,
        now: Moment,
        decide: impl FnOnce(&mut [Moment]) -> (T, bool),
    ) -> T {
        let Found { store, mut shard, row, map } = self.find(client, place);
        let decide = |arrivals: &mut [Moment]| {
            let Some(map) = &map else { return decide(arrivals) };
            let mut before = map.read(arrivals);
            let decided = decide(&mut before);
            map.write(&before, arrivals);
            decided
        };
        if let Some(row) = row {
            return decide(shard.row_mut(row, store.columns)).0;
        }
        let mut arrivals = Row::from_elem(0, store.columns);
        let (answer, has_drawn) = decide(&mut arrivals);
        if let (true, Some(place)) = (has_drawn, place) {
            if shard.keys.len() >= store.keys_per_shard {
                shard.make_room(now);
            }
            place.row = Some(shard.insert(client, &arrivals));
        }
        answer
    }

    /// A client's arrival times.
    pub(super) fn look(&self, client: Key, mut place: Option<Place>) -> Row {
        let Found { store, mut shard, row, map } = self.find(client, &mut place);
        match row {
            Some(row) => {
                let arrivals = shard.row_mut(row, store.columns);
                map.map_or_else(|| Row::from_slice(arrivals), |map| map.read(arrivals))
            }
            None => Row::from_elem(0, self.columns),
        }
    }

    /// Forgets clients with nothing left to remember: those of one shard each time it is asked for the next step, so
    /// that the caller can let others go first in between.
    pub(super) fn sweep(&self, now: impl Fn() -> Moment) -> impl Iterator<Item = ()> {
        self.shards.iter().map(move |shard| {
            let mut shard = lock(shard);
            shard.forget(now());
            shard.give_back();
        })
    }

    /// Forgets a client.
    pub(super) fn remove(&self, client: Key) {
        let Found { mut shard, row, .. } = self.find(client, &mut None);
        if let Some(row) = row {
            shard.remove(row);
        }
    }

    /// Every client with its arrival times. Others come and go between two shards.
    pub(super) fn try_for_each<E>(
        &self,
        mut tell: impl FnMut(Key, &[Moment]) -> Result<(), E>,
    ) -> Result<(), E> {
        for shard in &self.shards {
            let mut shard = lock(shard);
            for place in 0..shard.keys.len() {
                let key = shard.keys[place];
                tell(key, shard.row_mut(place, self.columns))?;
            }
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).keys.len()).sum()
    }

    fn find(&self, client: Key, place: &mut Option<Place>) -> Found<'_> {
        let known = place.get_or_insert_with(|| {
            let hash = self.hasher.hash_one(client);
            let shard = usize::try_from(hash % self.shards.len() as u64).unwrap_or_default();
            Place { shard, row: None }
        });
        let (mut store, mut shard, mut map) = (self, lock(&self.shards[known.shard]), None::<ColumnMap>);
        while let (true, Some(successor)) = (shard.is_handed_over, store.successor.get()) {
            store = &successor.store;
            shard = lock(&store.shards[known.shard]);
            map = Some(map.map_or_else(|| successor.map.clone(), |map| map.then(&successor.map)));
        }
        if known.row.is_none_or(|row| shard.keys.get_index(row) != Some(&client)) {
            known.row = shard.keys.get_index_of(&client);
        }
        Found { store, shard, row: known.row, map }
    }
}

// Nothing that is called under the lock panics half-way: each client's arrival times are changed by one copy.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A part of the memory. A client stands in one place of both lists until another one is forgotten.
#[derive(Debug, Default)]
struct Shard {
    keys: IndexSet<Key>,
    /// The arrival times of each key, in the order of the keys, without a gap.
    rows: Vec<Moment>,
    /// Somebody else goes on with it, and it stays empty.
    is_handed_over: bool,
}

impl Shard {
    fn row_mut(&mut self, place: usize, windows: usize) -> &mut [Moment] {
        &mut self.rows[place * windows..][..windows]
    }

    fn insert(&mut self, client: Key, row: &[Moment]) -> usize {
        let (place, _) = self.keys.insert_full(client);
        if self.rows.capacity() < self.rows.len() + row.len() {
            self.rows.reserve_exact(self.keys.capacity() * row.len() - self.rows.len());
        }
        self.rows.extend_from_slice(row);
        place
    }

    /// The last one takes the place.
    fn remove(&mut self, place: usize) {
        let windows = self.rows.len() / self.keys.len();
        self.keys.swap_remove_index(place);
        let last = self.rows.len() - windows;
        self.rows.copy_within(last.., place * windows);
        self.rows.truncate(last);
    }

    /// When nothing about the client matters any more: an arrival time in the past is as good as none.
    fn forgotten_at(&self, place: usize) -> Moment {
        let windows = self.rows.len() / self.keys.len();
        self.rows[place * windows..][..windows].iter().copied().max().unwrap_or_default()
    }

    /// Forgets who has nothing left to remember.
    fn forget(&mut self, now: Moment) {
        for place in (0..self.keys.len()).rev() {
            if self.forgotten_at(place) <= now {
                self.remove(place);
            }
        }
    }

    fn make_room(&mut self, now: Moment) {
        let goal = (self.keys.len() / FREED).max(1);
        let before = self.keys.len();
        self.forget(now);
        let missing = goal.saturating_sub(before - self.keys.len());
        if missing == 0 {
            return;
        }
        let mut ends: Vec<(Moment, Key)> =
            self.keys.iter().enumerate().map(|(place, client)| (self.forgotten_at(place), *client)).collect();
        ends.select_nth_unstable_by_key(missing - 1, |(end, _)| *end);
        for (_, client) in &ends[..missing] {
            if let Some(place) = self.keys.get_index_of(client) {
                self.remove(place);
            }
        }
    }

    /// Gives memory back after a flood, without shrinking at every sweep.
    fn give_back(&mut self) {
        if self.keys.capacity() > FEW && self.keys.len() < self.keys.capacity() / 4 {
            self.keys.shrink_to_fit();
            self.rows.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use super::super::key::ClientKey;
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
        store.update(client(number), &mut None, now, |arrivals| {
            arrivals[0] = until;
            ((), true)
        });
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
        let is_known = |number: u32| store.look(client(number), None)[0] > 0;
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

    /// Whatever the order of the windows is: who has nothing left in the short one is still held by the long one.
    #[test]
    fn a_client_is_remembered_as_long_as_the_longest_of_its_windows() {
        let store = LocalStore::new(1_600, 2);
        let remember_both = |number: u32, arrivals: [Moment; 2], now: Moment| {
            store.update(client(number), &mut None, now, |places| {
                places.copy_from_slice(&arrivals);
                ((), true)
            });
        };
        for number in 0..1_600 {
            let (short, long) = (10, 1_000 + u64::from(number));
            remember_both(number, if number % 4 < 2 { [short, long] } else { [long, short] }, 0);
        }
        store.sweep(|| 999).for_each(drop);
        assert_eq!(store.len(), 1_600, "nobody is done in both");
        let is_known = |number: u32| store.look(client(number), None).iter().any(|arrival| *arrival > 0);
        // Full: those who are done make room.
        remember_both(5_000, [1, 9_999], 1_100);
        assert_eq!(store.len(), 1_500, "1,600, without 0 to 100, and the new one");
        assert!(!is_known(100) && is_known(101) && is_known(5_000));
        store.sweep(|| 2_000).for_each(drop);
        assert!(!is_known(1_000) && (1_001..1_600).all(is_known) && is_known(5_000));
        // Full again, and nobody is done: the least loaded, by the longer of the two.
        for number in 6_000..7_001 {
            remember_both(number, [9_999, 1], 2_000);
        }
        assert!(!is_known(1_001) && is_known(1_599) && is_known(5_000) && is_known(7_000), "{}", store.len());
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
        assert!(store.shards.iter().all(|shard| lock(shard).keys.capacity() < SHARD / 2));
    }

    /// A place is only a hint: whoever was forgotten or moved in between is found, or begins anew, and nobody else is
    /// taken for them.
    #[test]
    fn a_place_that_is_no_longer_theirs_is_not_written_to() {
        let store = LocalStore::new(10, 1);
        let mut places = [None; 3];
        let draw = |place: &mut Option<Place>, number: u32, more: Moment| {
            store.update(client(number), place, 0, |arrivals| {
                arrivals[0] += more;
                (arrivals[0], true)
            })
        };
        for (number, place) in (0..).zip(&mut places) {
            draw(place, number, 5 * (1 + Moment::from(number)));
        }
        // Client 0 is forgotten, and client 2 stands in its place.
        assert_eq!(store.sweep(|| 5).count(), 1);
        assert_eq!(store.len(), 2);
        assert_eq!(draw(&mut places[0], 0, 1), 1, "begins anew");
        assert_eq!(draw(&mut places[1], 1, 1), 11);
        assert_eq!(draw(&mut places[2], 2, 1), 16);
        assert_eq!(draw(&mut places[0], 0, 1), 2);
        assert_eq!([0, 1, 2].map(|number| store.look(client(number), None)[0]), [2, 11, 16]);
    }

    /// While the clients go over, and once they have, whoever comes to either store draws from the same times.
    #[test]
    fn a_successor_goes_on_with_all_clients_and_whoever_comes_to_the_old_store_is_led_to_it() {
        let old = LocalStore::new(10_000, 3);
        let draw = |store: &LocalStore, number: u32, column: usize| {
            store.update(client(number), &mut None, 0, |arrivals| {
                arrivals[column] += 1;
                (arrivals[column], true)
            })
        };
        for number in 0..1_000 {
            assert_eq!(draw(&old, number, 0), 1);
            assert_eq!(draw(&old, number, 2), 1);
        }
        // The first time is forgotten, the others change places, and there is a new one.
        let successor = Arc::new(old.with_columns(3));
        let stop = std::sync::atomic::AtomicBool::new(false);
        let drawn = std::thread::scope(|scope| {
            let busy = scope.spawn(|| {
                let mut drawn = 0;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) || drawn < 5_000 {
                    for number in 0..1_000 {
                        draw(&old, number, 2);
                    }
                    drawn += 1_000;
                }
                drawn / 1_000
            });
            old.hand_over(&successor, [None, Some(2), Some(0)].into_iter());
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            busy.join().expect("no panic")
        });
        assert_eq!((old.len(), successor.len()), (0, 1_000));
        for number in 0..1_000 {
            let row = successor.look(client(number), None);
            assert_eq!(row[..], [1 + drawn, 0, 0], "{number}");
            assert_eq!(old.look(client(number), None)[..], [0, 0, 1 + drawn]);
        }
        // Once more, and the oldest one is led to the last.
        let last = Arc::new(successor.with_columns(1));
        successor.hand_over(&last, [Some(0), None, None].into_iter());
        assert_eq!(draw(&old, 7, 2), 2 + drawn);
        assert_eq!(draw(&successor, 7, 0), 3 + drawn);
        assert_eq!(draw(&last, 7, 0), 4 + drawn);
        assert_eq!(draw(&old, 5_000, 2), 1, "who is new there is new to all");
        assert_eq!(draw(&last, 5_000, 0), 2);
        assert_eq!(draw(&old, 7, 0), 1, "what was forgotten is not kept");
        assert_eq!(draw(&old, 7, 0), 1);
        assert_eq!((old.len(), successor.len(), last.len()), (0, 0, 1_001));
    }
}
