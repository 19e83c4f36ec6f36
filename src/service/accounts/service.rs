//! What the use cases around accounts stand on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::Rng as _;

use crate::clock::{Clock, Randomness};
use crate::service::accounts::password::Waiting;
use crate::service::accounts::{password, secret};
use crate::service::audit::refusals::Refusals;
use crate::service::database::connection::Database;
use crate::service::error::Result;

/// The use cases around accounts, one file each.
pub struct AccountService {
    pub(super) database: Database,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) randomness: Arc<Mutex<Randomness>>,
    pub(super) passwords: password::Passwords,
    pub(super) refusals: Arc<Refusals>,
    pub(super) session_lifetime: Duration,
    pub(super) max_page: u32,
}

impl AccountService {
    /// Takes what they stand on. `session_lifetime`: how long a sign-in lasts. `max_page`: entries of a page at
    /// most.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        randomness: Arc<Mutex<Randomness>>,
        refusals: Arc<Refusals>,
        session_lifetime: Duration,
        max_page: u32,
    ) -> Self {
        let passwords = password::Passwords::new();
        Self { database, clock, randomness, passwords, refusals, session_lifetime, max_page }
    }

    /// A place among those who have a password compared, to be had before an attempt is paid for.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many wait.
    pub fn wait_for_password(&self) -> Result<Waiting> {
        self.passwords.wait()
    }

    pub(super) fn salt(&self) -> [u8; password::SALT] {
        let mut salt = [0; password::SALT];
        self.randomness.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut salt);
        salt
    }

    pub(super) fn secret(&self, prefix: &str) -> secrecy::SecretString {
        secret::make(prefix, &mut self.randomness.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
