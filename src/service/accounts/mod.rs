//! Who can sign in, and by what.
//!
//! Over the database alone: commands use it as servers do, and what one process revokes holds in all of them at once.

mod account;
mod identify;
mod key;
mod me;
mod password;
mod secret;
mod session;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::Rng as _;

use super::audit::Refusals;
use super::database::Database;
use super::error::Result;
use super::hall::Randomness;
use crate::clock::Clock;

pub use account::{Account, AccountChange, AccountDraft, MAX_ACCOUNT_NAME};
pub use key::{ApiKey, KeyDraft, MAX_KEYS, NewKey, key_owner};
pub use me::{Kind, Me};
pub use password::{MAX_PASSWORD, MIN_PASSWORD};
pub use session::{SignIn, SignedIn};

/// The use cases around accounts, one file each.
pub struct Accounts {
    database: Database,
    clock: Arc<dyn Clock>,
    randomness: Arc<Mutex<Randomness>>,
    passwords: password::Passwords,
    refusals: Arc<Refusals>,
    session_lifetime: Duration,
}

impl Accounts {
    /// Takes what they stand on. `session_lifetime`: how long a sign-in lasts.
    ///
    /// # Errors
    /// When a password cannot be hashed.
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        randomness: Arc<Mutex<Randomness>>,
        refusals: Arc<Refusals>,
        session_lifetime: Duration,
    ) -> Result<Self> {
        let passwords = password::Passwords::new()?;
        Ok(Self { database, clock, randomness, passwords, refusals, session_lifetime })
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.clock.now().as_millis()).unwrap_or(i64::MAX)
    }

    fn salt(&self) -> [u8; password::SALT] {
        let mut salt = [0; password::SALT];
        self.randomness.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut salt);
        salt
    }

    fn secret(&self, prefix: &str) -> secrecy::SecretString {
        secret::make(prefix, &mut self.randomness.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
