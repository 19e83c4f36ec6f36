//! Places that are counted, in all and by client: for connections, for what stays open over them, and for each byte of a body
//! that is awaited.

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

/// Places that are held, and given back when this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    client: Option<ClientKey>,
    held: usize,
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
        let mut place = self.begin(client);
        place.hold(1)?;
        Ok(place)
    }

    /// None yet, for a client who is going to hold some.
    #[must_use]
    pub fn begin(self: &Arc<Self>, client: Option<ClientKey>) -> Place {
        Place { places: Arc::clone(self), client, held: 0 }
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

impl Place {
    /// Holds so many in all.
    ///
    /// # Errors
    /// The bound that is reached; what was held before is still held.
    pub fn hold(&mut self, held: usize) -> Result<(), Full> {
        let more = held.saturating_sub(self.held);
        if more == 0 {
            return Ok(());
        }
        let mut taken = self.places.taken();
        if taken.all + more > self.places.most {
            return Err(Full::Total);
        }
        if let Some(client) = self.client {
            let of_client = taken.by_client.get(&client).copied().unwrap_or_default() + more;
            if of_client > self.places.most_per_client {
                return Err(Full::Client);
            }
            taken.by_client.insert(client, of_client);
        }
        taken.all += more;
        self.held = held;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.held == 0 {
            return;
        }
        let mut taken = self.places.taken();
        taken.all -= self.held;
        if let Some(client) = self.client
            && let Some(of_client) = taken.by_client.get_mut(&client)
        {
            *of_client -= self.held;
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
    fn who_holds_several_gives_all_of_them_back() {
        let places = Arc::new(Places::new(10, 6));
        let begin = |address: &str| places.begin(Some(address.parse::<IpAddr>().expect("an address").into()));
        let (mut first, mut beside, mut other) = (begin("192.0.2.1"), begin("192.0.2.1"), begin("192.0.2.2"));
        assert_eq!((first.hold(4), first.hold(6), first.hold(7)), (Ok(()), Ok(()), Err(Full::Client)));
        assert_eq!((beside.hold(0), beside.hold(1)), (Ok(()), Err(Full::Client)));
        assert_eq!((other.hold(4), other.hold(5), other.hold(3)), (Ok(()), Err(Full::Total), Ok(())));
        drop(first);
        assert_eq!((beside.hold(6), places.count()), (Ok(()), 10));
        drop((beside, other));
        assert!(places.taken().by_client.is_empty() && places.count() == 0);
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
