//! Whose budget is drawn from: a client's, or that of an account somebody tries to sign in to.

use super::client_key::ClientKey;

/// A budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u128);

impl From<ClientKey> for Key {
    fn from(client: ClientKey) -> Self {
        Self(client.bits())
    }
}

impl From<AccountKey> for Key {
    fn from(account: AccountKey) -> Self {
        Self(account.0)
    }
}

/// The attempts to sign in with one name, from wherever they come, whether there is such an account or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountKey(u128);

impl AccountKey {
    /// A client has zeros in one half or the other: no address is counted as a name.
    const IN_BOTH_HALVES: u128 = 1 << 127 | 1 << 63;

    /// `name` in the form in which names are compared.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let hash = blake3::derive_key("filmgate attempts to sign in with a name", name.as_bytes());
        let mut bits = [0; size_of::<u128>()];
        bits.copy_from_slice(&hash[..size_of::<u128>()]);
        Self(u128::from_be_bytes(bits) | Self::IN_BOTH_HALVES)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock;
    use crate::limits::{Bucket, Draws, Limiter, Policies, Price, parse_policies};

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
        let (ada, attempt) = (AccountKey::of("ada"), Price::of(Bucket::Login, 1));
        let check = |draws: &mut Draws| limiter.check(draws, &attempt, limiter.now());
        for _ in 0..2 {
            for _ in 0..5 {
                let mut draws = Draws::of(ada);
                check(&mut draws).expect("it would pass");
                assert_eq!(draws.charged, Price::default());
            }
            limiter.charge(ada, &attempt).expect("it passes");
        }
        let mut draws = Draws::of(ada);
        let would_be = check(&mut draws).expect_err("it would not");
        let told = limiter.fields(&draws);
        assert_eq!(limiter.draw(&mut draws, &attempt, limiter.now()).expect_err("it does not"), would_be);
        assert_eq!(limiter.fields(&draws), told, "and a refusal draws nothing");
        limiter.charge(AccountKey::of("bob"), &attempt).expect("another name");
        assert_eq!(limiter.len(), 2, "and who was only looked at is not remembered");
    }

    #[test]
    fn a_name_is_counted_as_no_other_name_and_as_no_address() {
        assert_eq!(AccountKey::of("ada"), AccountKey::of("ada"));
        assert_ne!(AccountKey::of("ada"), AccountKey::of("adb"));
        for number in 0..1_000 {
            let AccountKey(bits) = AccountKey::of(&number.to_string());
            assert!(bits >> 64 != 0 && bits & u128::from(u64::MAX) != 0, "{number}");
        }
        for address in ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "::1", "ffff:ffff:ffff:ffff::"] {
            let Key(bits) = ClientKey::from(address.parse::<IpAddr>().expect("an address")).into();
            assert!(bits >> 64 == 0 || bits & u128::from(u64::MAX) == 0, "{address}");
        }
    }
}
