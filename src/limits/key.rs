//! Whose budget is drawn from: a client's, that of who has signed in, or that of a name somebody tries to sign in with.

use std::net::{IpAddr, Ipv6Addr};

use super::policies::Tier;

/// A budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(u128);

impl Key {
    pub(super) fn bits(self) -> u128 {
        self.0
    }

    pub(super) fn of_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// That of somebody who has signed in, or of a key, under the policies of this tier: under others they begin anew.
    pub(super) fn of_signed_in(tier: Option<Tier>, who: &str) -> Self {
        let tier = tier.map_or("", Tier::name);
        hashed("filmgate budget of who has signed in", &format!("{tier} {who}"))
    }

    /// The attempts to sign in with one name, from wherever they come, whether there is such an account or not. `name` in the
    /// form in which names are compared.
    pub(super) fn of_attempts(name: &str) -> Self {
        hashed("filmgate attempts to sign in with a name", name)
    }
}

impl From<ClientKey> for Key {
    fn from(client: ClientKey) -> Self {
        Self(client.bits())
    }
}

/// No other text has it, and no address: a client has zeros in one half or the other.
fn hashed(purpose: &'static str, text: &str) -> Key {
    const IN_BOTH_HALVES: u128 = 1 << 127 | 1 << 63;
    let hash = blake3::derive_key(purpose, text.as_bytes());
    let mut bits = [0; size_of::<u128>()];
    bits.copy_from_slice(&hash[..size_of::<u128>()]);
    Key(u128::from_be_bytes(bits) | IN_BOTH_HALVES)
}

/// A client as the limiter counts it: an IPv4 address, or the /64 of an IPv6 address, since one customer commonly
/// owns a whole /64. An IPv4-mapped IPv6 address is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientKey(u128);

impl From<IpAddr> for ClientKey {
    fn from(address: IpAddr) -> Self {
        const HOST_BITS: u32 = 64;
        match address.to_canonical() {
            // The mapped form differs from every /64 in its lower half.
            IpAddr::V4(v4) => Self(v4.to_ipv6_mapped().to_bits()),
            IpAddr::V6(v6) => Self(v6.to_bits() >> HOST_BITS << HOST_BITS),
        }
    }
}

impl ClientKey {
    /// The address that stands for this client in logs: the /64's first for IPv6.
    #[must_use]
    pub fn address(self) -> IpAddr {
        IpAddr::V6(Ipv6Addr::from_bits(self.0)).to_canonical()
    }

    pub(super) fn bits(self) -> u128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock;
    use crate::limits::{Bucket, Budget, Drawing, Draws, Limiter, Policies, Price, parse_policies};

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Duration {
            Duration::from_hours(1)
        }
    }

    #[test]
    fn a_look_at_what_would_be_drawn_draws_nothing() {
        let login = parse_policies("2/minute").expect("a policy");
        let limiter = Limiter::new(true, &Policies { login, ..Policies::default() }, 10, Arc::new(Still));
        let (ada, attempt) = (Budget::of_attempts("ada"), Price::of(Bucket::Login, 1));
        let check = |draws: &mut Draws| limiter.decide(draws, &attempt, limiter.now(), Drawing::Dry, None);
        for _ in 0..2 {
            for _ in 0..5 {
                let mut draws = Draws::of(ada.clone());
                check(&mut draws).expect("it would pass");
                assert_eq!(draws.charged, Price::default());
            }
            limiter.charge(ada.clone(), &attempt).expect("it passes");
        }
        let mut draws = Draws::of(ada.clone());
        let would_be = check(&mut draws).expect_err("it would not");
        let told = limiter.fields(&draws, None);
        assert_eq!(limiter.draw(&mut draws, &attempt, limiter.now()).expect_err("it does not"), would_be);
        assert_eq!(limiter.fields(&draws, None), told, "and a refusal draws nothing");
        limiter.charge(Budget::of_attempts("bob"), &attempt).expect("another name");
        assert_eq!(limiter.len(), 2, "and who was only looked at is not remembered");
    }

    #[test]
    fn a_name_is_counted_as_no_other_name_and_as_no_address() {
        assert_eq!(Key::of_attempts("ada"), Key::of_attempts("ada"));
        assert_ne!(Key::of_attempts("ada"), Key::of_attempts("adb"));
        for number in 0..1_000 {
            let Key(bits) = Key::of_attempts(&number.to_string());
            assert!(bits >> 64 != 0 && bits & u128::from(u64::MAX) != 0, "{number}");
        }
        for address in ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "::1", "ffff:ffff:ffff:ffff::"] {
            let Key(bits) = ClientKey::from(address.parse::<IpAddr>().expect("an address")).into();
            assert!(bits >> 64 == 0 || bits & u128::from(u64::MAX) == 0, "{address}");
        }
    }

    fn key(text: &str) -> ClientKey {
        ClientKey::from(text.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn ipv6_counts_by_its_first_64_bits_and_mapped_ipv4_is_ipv4() {
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("192.0.2.7"), key("::ffff:192.0.2.7"));
        assert_ne!(key("192.0.2.7"), key("192.0.2.8"));
        assert_eq!(key("192.0.2.7").address().to_string(), "192.0.2.7");
    }
}
