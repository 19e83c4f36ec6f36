//! How often what was refused to whom, within the minute.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};

use crate::service::audit::entry::{Entry, Event, Refusal};

/// Milliseconds in which refusals that are alike are one row, and one more with their sum.
const WINDOW: i64 = 60 * 1_000;
/// What is told apart at most; the rest has one sum for each event.
const MOST: usize = 4_096;

/// Milliseconds.
const DAY: i64 = 24 * 60 * WINDOW;
/// What is told apart of each event in a day, of which each is two rows at most; the rest has one sum a minute. Many
/// networks that are refused all day would fill the disk; and whoever is refused one thing often must not hide by it who
/// is refused another.
const MOST_A_DAY: usize = 10_000;

/// By what refusals are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    event: Event,
    source: Source,
    target: Option<String>,
    surface: &'static str,
    /// Which right: there are few.
    right: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Source {
    Actor(String),
    /// Who did not sign in: his network.
    Network(IpAddr),
    /// All for whom there was no room.
    Others,
}

impl Key {
    fn of(refusal: &Refusal<'_>) -> Self {
        let source = match (refusal.actor, refusal.origin) {
            (Some(actor), _) => Source::Actor(actor.to_owned()),
            (None, Some(origin)) => Source::Network(origin.network()),
            (None, None) => Source::Network(Ipv4Addr::UNSPECIFIED.into()),
        };
        let right = refusal.detail.filter(|_| refusal.event == Event::RightRefused).map(str::to_owned);
        let surface = refusal.origin.map_or("command", |origin| origin.surface());
        Self { event: refusal.event, source, target: refusal.target.clone(), surface, right }
    }
}

/// The first of those that are alike, and how many came after it.
struct Tally {
    first: Entry,
    more: u64,
}

/// Refusals that are not yet on record.
#[derive(Default)]
pub(super) struct Tallies {
    by_key: HashMap<Key, Tally>,
    /// When the minute of each ends, the earliest first.
    windows: VecDeque<(i64, Key)>,
    /// Of those windows, the last so many whose first refusal is not on record yet.
    fresh: usize,
    /// The day, counted from the Unix epoch, and how many of each event were told apart in it.
    day: i64,
    apart: HashMap<Event, usize>,
}

impl Tallies {
    /// Counts a refusal. `now`: milliseconds since the Unix epoch. Whether something is to be written soon.
    pub(super) fn count(&mut self, refusal: Refusal<'_>, now: i64) -> bool {
        let mut key = Key::of(&refusal);
        if now.div_euclid(DAY) != self.day {
            (self.day, self.apart) = (now.div_euclid(DAY), HashMap::new());
        }
        let apart = self.apart.entry(refusal.event).or_default();
        let is_full = self.by_key.len() >= MOST || *apart >= MOST_A_DAY;
        if is_full && !self.by_key.contains_key(&key) {
            key =
                Key { event: refusal.event, source: Source::Others, target: None, surface: "", right: None };
        }
        if let Some(tally) = self.by_key.get_mut(&key) {
            tally.more += 1;
            return false;
        }
        *apart += usize::from(key.source != Source::Others);
        self.windows.push_back((now.saturating_add(WINDOW), key.clone()));
        self.by_key.insert(key, Tally { first: Entry::of_refusal(refusal, now), more: 0 });
        self.fresh += 1;
        true
    }

    /// What is to be written now, at most so many rows: the sums of minutes that are over (of all, when `all` is to
    /// go), then refusals that were the first of their kind.
    pub(super) fn take(&mut self, now: i64, most: usize, all: bool) -> Vec<Entry> {
        let mut rows = Vec::new();
        // A clock that was ahead and is put right must not keep them open.
        let is_over = |end: i64| end <= now || end > now.saturating_add(WINDOW);
        while rows.len() < most && self.windows.front().is_some_and(|(end, _)| all || is_over(*end)) {
            let Some((_, key)) = self.windows.pop_front() else { break };
            let Some(Tally { first, more }) = self.by_key.remove(&key) else { continue };
            let of_many = key.source == Source::Others;
            if self.fresh > self.windows.len() {
                self.fresh -= 1;
                rows.push(first.and_more(more, of_many));
            } else if more > 0 {
                rows.push(first.sum_after(more, of_many, now));
            }
        }
        let from = self.windows.len() - self.fresh;
        let some = self.fresh.min(most - rows.len());
        for (_, key) in self.windows.range(from..from + some) {
            rows.extend(self.by_key.get(key).map(|tally| tally.first.clone()));
        }
        self.fresh -= some;
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::caller::Origin;

    #[derive(Debug)]
    struct Client(IpAddr);

    impl Origin for Client {
        fn client(&self) -> IpAddr {
            self.0
        }

        fn network(&self) -> IpAddr {
            self.0
        }

        fn surface(&self) -> &'static str {
            "rest"
        }

        fn request_id(&self) -> String {
            format!("id-{}", self.0)
        }
    }

    fn refuse(tallies: &mut Tallies, client: u32, now: i64) -> bool {
        refuse_event(tallies, Event::QuotaRefused, client, now)
    }

    fn refuse_event(tallies: &mut Tallies, event: Event, client: u32, now: i64) -> bool {
        let origin = Client(Ipv4Addr::from_bits(client).into());
        let refusal = Refusal { event, actor: None, origin: Some(&origin), target: None, detail: None };
        tallies.count(refusal, now)
    }

    fn shown(rows: &[Entry]) -> Vec<String> {
        rows.iter().map(Entry::shown).collect()
    }

    #[test]
    fn the_first_is_kept_and_the_rest_of_its_minute_is_a_sum() {
        let mut tallies = Tallies::default();
        assert!(refuse(&mut tallies, 1, 0));
        assert!(!refuse(&mut tallies, 1, 1) && refuse(&mut tallies, 2, 1));
        assert_eq!(shown(&tallies.take(2, 10, false)), ["0.0.0.1 id-0.0.0.1 ", "0.0.0.2 id-0.0.0.2 "]);
        for now in 3..1_000 {
            refuse(&mut tallies, 1, now);
        }
        assert_eq!(shown(&tallies.take(WINDOW - 1, 10, false)), [""; 0]);
        assert_eq!(shown(&tallies.take(WINDOW, 10, false)), ["0.0.0.1 - 998 more"]);
        assert_eq!(shown(&tallies.take(WINDOW + 1, 10, false)), [""; 0], "one alone needs no sum");
        assert!(refuse(&mut tallies, 1, WINDOW + 1), "a new minute");
    }

    #[test]
    fn a_clock_that_is_put_right_keeps_no_minute_open() {
        const HOUR: i64 = 60 * 60 * 1_000;
        let mut tallies = Tallies::default();
        refuse(&mut tallies, 1, HOUR);
        assert_eq!(shown(&tallies.take(HOUR, 10, false)), ["0.0.0.1 id-0.0.0.1 "]);
        refuse(&mut tallies, 1, 0);
        assert_eq!(shown(&tallies.take(1, 10, false)), ["0.0.0.1 - 1 more"]);
        assert!(refuse(&mut tallies, 1, 2), "a new minute");
    }

    #[test]
    fn what_waits_too_long_is_one_row_and_a_stop_leaves_nothing() {
        let mut tallies = Tallies::default();
        for client in [1, 1, 2, 3, 3, 3] {
            refuse(&mut tallies, client, 0);
        }
        assert_eq!(shown(&tallies.take(0, 1, false)), ["0.0.0.1 id-0.0.0.1 "]);
        let rest = ["0.0.0.1 - 1 more", "0.0.0.2 id-0.0.0.2 ", "0.0.0.3 id-0.0.0.3 and 2 more"];
        assert_eq!(shown(&tallies.take(1, 10, true)), rest);
        assert!(tallies.by_key.is_empty() && tallies.windows.is_empty() && tallies.fresh == 0);
    }

    #[test]
    fn many_networks_write_so_many_rows_a_day_and_no_refusal_is_lost() {
        let mut tallies = Tallies::default();
        let days = [0, 1].map(|day: i64| {
            let (mut rows, mut told, mut refused) = (0, 0, 0);
            let mut take = |tallies: &mut Tallies, now, all| {
                let taken = tallies.take(now, 10_000, all);
                rows += taken.len();
                told += taken.iter().map(Entry::counted).sum::<u64>();
            };
            for minute in 0..24 * 60 {
                let now = day * DAY + minute * WINDOW;
                for client in 0..50 {
                    refuse(&mut tallies, u32::try_from(minute * 50 + client).expect("a number"), now);
                    refuse(&mut tallies, u32::try_from(minute * 50 + client).expect("a number"), now);
                    refused += 2;
                }
                take(&mut tallies, now, false);
            }
            take(&mut tallies, day * DAY + DAY - 1, true);
            // However often one thing is refused, who is refused another is told.
            refuse_event(&mut tallies, Event::SignInFailed, 7, day * DAY + DAY - 1);
            assert_eq!(shown(&tallies.take(day * DAY + DAY - 1, 10, true)), ["0.0.0.7 id-0.0.0.7 "]);
            assert_eq!(told, refused);
            rows
        });
        assert!(days[0] > 2 * MOST_A_DAY && days[0] <= 2 * MOST_A_DAY + 2 * 24 * 60, "{days:?}");
        assert_eq!(days[0], days[1], "a new day begins anew");
    }

    /// However many clients there are, however few rows may be written: bounded, and nothing is forgotten.
    #[test]
    fn past_many_clients_there_is_one_sum_and_no_refusal_is_lost() {
        let mut tallies = Tallies::default();
        let (mut refused, mut told) = (0, 0);
        let counted = |rows: &[Entry]| rows.iter().map(Entry::counted).sum::<u64>();
        for second in 0..200_u32 {
            for client in 0..500 {
                refuse(&mut tallies, second * 300 + client, i64::from(second) * 1_000);
                refused += 1;
            }
            assert!(tallies.by_key.len() <= MOST + 1 && tallies.windows.len() <= MOST + 1);
            let rows = tallies.take(i64::from(second) * 1_000, 50, false);
            assert!(rows.len() <= 50);
            told += counted(&rows);
        }
        while !tallies.windows.is_empty() {
            told += counted(&tallies.take(0, 50, true));
        }
        assert_eq!(told, refused);
    }
}
