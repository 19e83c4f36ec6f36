//! Bytes of bodies on their way: HTTP/2 lets a client begin as many as it has streams, and none of them costs anything
//! before it is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::ClientKey;

/// Of all clients.
const MOST: usize = 64 * 1024 * 1024;
/// Of one client.
const MOST_EACH: usize = 16 * 1024 * 1024;

/// Counts what was received of bodies that are still awaited.
#[derive(Debug)]
pub struct Bodies {
    most: usize,
    most_each: usize,
    awaited: Mutex<Awaited>,
}

#[derive(Debug, Default)]
struct Awaited {
    bytes: usize,
    by_client: HashMap<ClientKey, usize>,
}

impl Bodies {
    /// One body of the largest size has room, whatever that is.
    #[must_use]
    pub fn new(max_body: usize) -> Arc<Self> {
        let (most, most_each) = (MOST.max(max_body), MOST_EACH.max(max_body));
        Arc::new(Self { most, most_each, awaited: Mutex::default() })
    }

    /// Bytes that were received of bodies that are still awaited.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.awaited().bytes
    }

    fn awaited(&self) -> MutexGuard<'_, Awaited> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one body holds; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    bodies: Arc<Bodies>,
    client: ClientKey,
    bytes: usize,
}

impl Held {
    pub(super) fn nothing(bodies: &Arc<Bodies>, client: ClientKey) -> Self {
        Self { bodies: Arc::clone(bodies), client, bytes: 0 }
    }

    /// Holds so many bytes in all; `false` if there is no room for them.
    pub(super) fn hold(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        if more == 0 {
            return true;
        }
        let mut awaited = self.bodies.awaited();
        let of_client = awaited.by_client.get(&self.client).copied().unwrap_or_default() + more;
        if awaited.bytes + more > self.bodies.most || of_client > self.bodies.most_each {
            return false;
        }
        awaited.bytes += more;
        awaited.by_client.insert(self.client, of_client);
        self.bytes = bytes;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut awaited = self.bodies.awaited();
        awaited.bytes -= self.bytes;
        if let Some(of_client) = awaited.by_client.get_mut(&self.client) {
            *of_client -= self.bytes;
            if *of_client == 0 {
                awaited.by_client.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn client(number: u32) -> ClientKey {
        std::net::IpAddr::from(Ipv4Addr::from_bits(number)).into()
    }

    #[test]
    fn each_client_and_all_of_them_hold_so_much_and_give_it_back() {
        let bodies = Bodies::new(1);
        let mut held: Vec<Held> = (0..5).map(|number| Held::nothing(&bodies, client(number))).collect();
        assert!(held.iter_mut().take(4).all(|held| held.hold(MOST_EACH)), "four are all that there is");
        assert!(held[0].hold(1) && !held[0].hold(MOST_EACH + 1), "of one client");
        assert!(!held[4].hold(1) && held[4].hold(0), "of all");
        let mut beside = Held::nothing(&bodies, client(0));
        assert!(!beside.hold(1));
        held.remove(0);
        assert!(beside.hold(MOST_EACH) && !held[3].hold(1));
        drop(beside);
        assert!(held[3].hold(MOST_EACH));
        drop(held);
        let awaited = bodies.awaited();
        assert!(awaited.bytes == 0 && awaited.by_client.is_empty(), "{awaited:?}");
    }

    #[test]
    fn one_body_of_the_largest_size_has_room() {
        let bodies = Bodies::new(MOST * 2);
        assert!(Held::nothing(&bodies, client(1)).hold(MOST * 2));
    }
}
