//! What a server sees of its clients, for `filmgate doctor`: enough to tell that a proxy stands in front that nobody has
//! named. Costs a request two counters and a look into a small table, and never waits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use crate::limits::ClientKey;
use crate::service::instances;

/// Clients that are told apart; more are counted together.
const MOST: usize = 1_000;

/// Counts. It makes no difference whose requests a busy moment leaves out.
#[derive(Debug, Default)]
pub struct Traffic {
    requests: AtomicU64,
    forwarded_untrusted: AtomicU64,
    untrusted_peer: OnceLock<IpAddr>,
    sample: Mutex<Sample>,
}

#[derive(Debug, Default)]
struct Sample {
    requests: u64,
    by_client: HashMap<ClientKey, u64>,
}

impl Traffic {
    /// A request that is no probe: probes of one orchestrator would look like everybody coming from one address.
    pub(super) fn note(&self, client: ClientKey) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        // Somebody else is at it: this one is left out, which costs less than waiting.
        let Ok(mut sample) = self.sample.try_lock() else { return };
        sample.requests += 1;
        if let Some(count) = sample.by_client.get_mut(&client) {
            *count += 1;
        } else if sample.by_client.len() < MOST {
            sample.by_client.insert(client, 1);
        }
    }

    /// A request with forwarding headers from somebody who is not trusted to send them.
    pub(super) fn note_untrusted(&self, peer: IpAddr) {
        self.forwarded_untrusted.fetch_add(1, Ordering::Relaxed);
        self.untrusted_peer.get_or_init(|| peer);
    }

    /// As of now.
    #[must_use]
    pub fn seen(&self) -> instances::Traffic {
        let sample = self.sample.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let busiest = sample.by_client.iter().max_by_key(|(_, count)| **count);
        let share = busiest.map_or(0, |(_, count)| count * 100 / sample.requests.max(1));
        instances::Traffic {
            requests: self.requests.load(Ordering::Relaxed),
            clients: sample.by_client.len() as u64,
            busiest_client: busiest.map(|(client, _)| client.address()),
            busiest_share: u8::try_from(share).unwrap_or(100),
            forwarded_untrusted: self.forwarded_untrusted.load(Ordering::Relaxed),
            untrusted_peer: self.untrusted_peer.get().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u16) -> IpAddr {
        IpAddr::from([192, 0, last.to_be_bytes()[0], last.to_be_bytes()[1]])
    }

    #[test]
    fn the_busiest_client_is_told_with_its_share() {
        let traffic = Traffic::default();
        assert_eq!(traffic.seen(), instances::Traffic::default());
        for last in [1, 1, 1, 2] {
            traffic.note(address(last).into());
        }
        traffic.note_untrusted(address(9));
        traffic.note_untrusted(address(8));
        let seen = traffic.seen();
        assert_eq!((seen.requests, seen.clients, seen.busiest_share), (4, 2, 75));
        assert_eq!(seen.busiest_client, Some(address(1)));
        assert_eq!((seen.forwarded_untrusted, seen.untrusted_peer), (2, Some(address(9))));
    }

    #[test]
    fn however_many_clients_come_the_table_stays_small() {
        let traffic = Traffic::default();
        for last in 0..5_000 {
            traffic.note(address(last).into());
        }
        traffic.note(address(7).into());
        let seen = traffic.seen();
        assert_eq!((seen.requests, seen.clients), (5_001, 1_000));
        assert_eq!((seen.busiest_client, seen.busiest_share), (Some(address(7)), 0));
    }
}
