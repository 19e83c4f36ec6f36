//! How many connections there may be, in all and of one client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;

use super::drops::Cause;
use crate::config::Http;
use crate::limits::ClientKey;

/// Counts connections.
#[derive(Debug)]
pub(super) struct Caps {
    most: usize,
    most_per_client: usize,
    uncapped: Vec<IpNet>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_client: HashMap<ClientKey, usize>,
}

/// The right to be connected, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    caps: Arc<Caps>,
    client: Option<ClientKey>,
}

impl Caps {
    pub(super) fn new(settings: &Http, uncapped: Vec<IpNet>) -> Self {
        Self {
            most: settings.max_connections,
            most_per_client: settings.max_connections_per_client,
            uncapped,
            open: Mutex::default(),
        }
    }

    /// The peer's own address counts: what it forwards for others is not known before a request is read.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Result<Permit, Cause> {
        let peer = peer.to_canonical();
        let is_uncapped = self.uncapped.iter().any(|network| network.contains(&peer));
        let client = (!is_uncapped).then(|| ClientKey::from(peer));
        let mut open = self.open();
        if open.all >= self.most {
            return Err(Cause::OverTotal);
        }
        if let Some(client) = client {
            let of_client = open.by_client.entry(client).or_default();
            if *of_client >= self.most_per_client {
                return Err(Cause::OverClient);
            }
            *of_client += 1;
        }
        open.all += 1;
        drop(open);
        Ok(Permit { caps: Arc::clone(self), client })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.caps.open();
        open.all -= 1;
        if let Some(client) = self.client
            && let Some(of_client) = open.by_client.get_mut(&client)
        {
            *of_client -= 1;
            if *of_client == 0 {
                // Nobody who has gone is remembered.
                open.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(most: usize, per_client: usize) -> Arc<Caps> {
        let settings =
            Http { max_connections: most, max_connections_per_client: per_client, ..Http::default() };
        Arc::new(Caps::new(&settings, vec!["10.0.0.0/8".parse().expect("a network")]))
    }

    fn admit(caps: &Arc<Caps>, peer: &str) -> Result<Permit, Cause> {
        caps.admit(peer.parse().expect("an address"))
    }

    #[test]
    fn a_client_is_an_address_or_a_64_and_room_comes_back() {
        let caps = caps(100, 2);
        let first = admit(&caps, "2001:db8::1").expect("room");
        let second = admit(&caps, "2001:db8::2").expect("room");
        assert_eq!(admit(&caps, "2001:db8::3").expect_err("the same /64"), Cause::OverClient);
        let other = admit(&caps, "2001:db8:0:1::1").expect("another /64");
        drop(first);
        let third = admit(&caps, "2001:db8::3").expect("room again");
        drop((second, third, other));
        assert!(caps.open().by_client.is_empty());
        assert_eq!(caps.open().all, 0);
    }

    #[test]
    fn a_proxy_is_held_by_the_total_alone() {
        let caps = caps(3, 1);
        let held: Vec<_> = (0..3).map(|_| admit(&caps, "::ffff:10.1.2.3").expect("room")).collect();
        assert_eq!(admit(&caps, "10.1.2.3").expect_err("full"), Cause::OverTotal);
        assert_eq!(admit(&caps, "192.0.2.1").expect_err("full"), Cause::OverTotal);
        drop(held);
        let _held = admit(&caps, "192.0.2.1").expect("room");
        assert_eq!(admit(&caps, "192.0.2.1").expect_err("one is enough"), Cause::OverClient);
    }
}
