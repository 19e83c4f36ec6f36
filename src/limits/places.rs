//! Places that are counted, in all and by client: for connections, and for what stays open over them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::key::ClientKey;

/// So many places, of which one client may have so many.
#[derive(Debug)]
pub struct Places {
    most: usize,
    most_per_client: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_client: HashMap<ClientKey, usize>,
}

/// Which bound is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All places are taken.
    Total,
    /// This client has all of theirs.
    Client,
}

/// A place, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    client: Option<ClientKey>,
}

impl Places {
    /// None is taken.
    #[must_use]
    pub fn new(most: usize, most_per_client: usize) -> Self {
        Self { most, most_per_client, taken: Mutex::default() }
    }

    /// A place for a client; `None` is held by the total alone.
    ///
    /// # Errors
    /// The bound that is reached.
    pub fn take(self: &Arc<Self>, client: Option<ClientKey>) -> Result<Place, Full> {
        let mut taken = self.taken();
        if taken.all >= self.most {
            return Err(Full::Total);
        }
        if let Some(client) = client {
            let of_client = taken.by_client.entry(client).or_default();
            if *of_client >= self.most_per_client {
                return Err(Full::Client);
            }
            *of_client += 1;
        }
        taken.all += 1;
        drop(taken);
        Ok(Place { places: Arc::clone(self), client })
    }

    /// How many are taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.taken().all
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(client) = self.client
            && let Some(of_client) = taken.by_client.get_mut(&client)
        {
            *of_client -= 1;
            if *of_client == 0 {
                // Nobody who has gone is remembered.
                taken.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn take(places: &Arc<Places>, address: &str) -> Result<Place, Full> {
        places.take(Some(address.parse::<IpAddr>().expect("an address").into()))
    }

    #[test]
    fn a_client_is_an_address_or_a_64_and_places_come_back() {
        let places = Arc::new(Places::new(100, 2));
        let first = take(&places, "2001:db8::1").expect("a place");
        let second = take(&places, "2001:db8::2").expect("a place");
        assert_eq!(take(&places, "2001:db8::3").expect_err("the same /64"), Full::Client);
        let other = take(&places, "2001:db8:0:1::1").expect("another /64");
        drop(first);
        let third = take(&places, "2001:db8::3").expect("a place again");
        drop((second, third, other));
        assert!(places.taken().by_client.is_empty());
        assert_eq!(places.taken().all, 0);
    }

    #[test]
    fn who_is_no_client_is_held_by_the_total_alone() {
        let places = Arc::new(Places::new(3, 1));
        let held: Vec<_> = (0..3).map(|_| places.take(None).expect("a place")).collect();
        assert_eq!(places.take(None).expect_err("full"), Full::Total);
        assert_eq!(take(&places, "192.0.2.1").expect_err("full"), Full::Total);
        drop(held);
        let _held = take(&places, "192.0.2.1").expect("a place");
        assert_eq!(take(&places, "192.0.2.1").expect_err("one is enough"), Full::Client);
    }
}
