//! How many connections there may be, in all and of one client.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::drops::Cause;
use crate::limits::{ClientKey, Full, Place, Places};

/// Counts connections.
#[derive(Debug)]
pub(super) struct Caps {
    places: Arc<Places>,
    /// Peers that each stand for many clients.
    uncapped: Vec<IpNet>,
}

impl Caps {
    pub(super) fn new(places: Arc<Places>, uncapped: Vec<IpNet>) -> Self {
        Self { places, uncapped }
    }

    /// The peer's own address counts: what it forwards for others is not known before a request is read.
    pub(super) fn admit(&self, peer: IpAddr) -> Result<Place, Cause> {
        let peer = peer.to_canonical();
        let is_uncapped = self.uncapped.iter().any(|network| network.contains(&peer));
        self.places.take((!is_uncapped).then(|| ClientKey::from(peer))).map_err(|full| match full {
            Full::Total => Cause::OverTotal,
            Full::Client => Cause::OverClient,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_held_by_the_total_alone() {
        let caps = Caps::new(Arc::new(Places::new(3, 1)), vec!["10.0.0.0/8".parse().expect("a network")]);
        let admit = |peer: &str| caps.admit(peer.parse().expect("an address"));
        let held: Vec<_> = (0..3).map(|_| admit("::ffff:10.1.2.3").expect("room")).collect();
        assert_eq!(admit("10.1.2.3").expect_err("full"), Cause::OverTotal);
        drop(held);
        let _held = admit("192.0.2.1").expect("room");
        assert_eq!(admit("192.0.2.1").expect_err("one is enough"), Cause::OverClient);
    }
}
