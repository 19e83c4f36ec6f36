//! Passwords: slow to try, and never on the threads that serve.

use std::sync::Arc;

use argon2::password_hash::PasswordHasher as _;
use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization as _;

use crate::service::error::{Error, FieldFault, Result};
use crate::service::text::fold;

/// Characters of a password.
pub const MIN_PASSWORD: usize = 12;
/// Characters of a password.
pub const MAX_PASSWORD: usize = 256;
/// Bytes of a salt.
pub(super) const SALT: usize = 16;
/// Compared where there is no account, so that it takes the same time: the cost of our own hashes (a test holds it), and a
/// result that is not looked at. It is written out, since to make one takes longer than all else of a start.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Who waits for one of few places; past them it is 503. At some 30 ms each, the last one waits about a second.
const WAITING: usize = 64;

/// A place among those who wait for one of few. Kept until the work is done.
#[derive(Debug)]
#[must_use]
pub struct Waiting(#[expect(dead_code, reason = "it is given back when it is dropped")] OwnedSemaphorePermit);

/// Hashes and compares, a few at a time: each takes 19 MiB and a core (Argon2id, 19 MiB, 2 rounds, 1 lane, the
/// recommendation of OWASP).
pub(super) struct Passwords {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// The hashes that passwords were compared with, without salt and result: what their time depends on.
    #[cfg(test)]
    pub compared: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Passwords {
    pub(super) fn new() -> Self {
        let places = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            #[cfg(test)]
            compared: Arc::default(),
        }
    }

    /// Its hash in PHC form.
    pub(super) async fn hash(&self, password: &SecretString, salt: [u8; SALT]) -> Result<String> {
        let password = password.clone();
        self.work(move || hash(password.expose_secret(), &salt)).await?
    }

    /// Whether the password is the one that was hashed; `None` where there is nobody, which takes as long.
    pub(super) async fn verify(&self, password: &SecretString, stored: Option<String>) -> Result<bool> {
        let password = password.clone();
        #[cfg(test)]
        let compared = Arc::clone(&self.compared);
        self.work(move || {
            let stored_hash = stored.as_deref().unwrap_or(NOBODY);
            #[cfg(test)]
            compared.lock().expect("no panic").push(cost(stored_hash));
            let parsed = PasswordHash::new(stored_hash).map_err(Error::internal)?;
            let given: String = password.expose_secret().nfc().collect();
            let is_right = Argon2::default().verify_password(given.as_bytes(), &parsed).is_ok();
            Ok(is_right && stored.is_some())
        })
        .await?
    }

    /// A place among those who wait, to be had before a hash is made or compared.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many wait.
    pub(super) fn wait(&self) -> Result<Waiting> {
        Arc::clone(&self.waiting).try_acquire_owned().map(Waiting).map_err(|_| Error::Unavailable)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            // Kept by the work and not by who waits for it, who may go away.
            let _place = place;
            work()
        })
        .await
        .map_err(Error::internal)
    }
}

fn hash(password: &str, salt: &[u8; SALT]) -> Result<String> {
    let normal: String = password.nfc().collect();
    let hash = Argon2::default().hash_password_with_salt(normal.as_bytes(), salt).map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// Algorithm, version and cost of a hash in PHC form, and the lengths of its salt and result.
#[cfg(test)]
fn cost(hash: &str) -> String {
    let parts: Vec<&str> = hash.split('$').collect();
    let [.., salt, result] = parts.as_slice() else { panic!("no hash") };
    format!("{} {} {}", parts[..parts.len() - 2].join("$"), salt.len(), result.len())
}

/// What is wrong with a new password.
pub(super) fn faults(pointer: &str, password: &SecretString, name: &str) -> Option<FieldFault> {
    let password = password.expose_secret();
    let length = password.nfc().count();
    if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&length) {
        let detail = format!("must have {MIN_PASSWORD} to {MAX_PASSWORD} characters, has {length}");
        return Some(FieldFault::new(pointer, detail));
    }
    if fold(password) == fold(name) {
        return Some(FieldFault::new(pointer, "must not be the name"));
    }
    let mut characters = password.chars();
    let first = characters.next();
    if characters.all(|character| Some(character) == first) {
        return Some(FieldFault::new(pointer, "must not be one character over and over"));
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use futures_util::future::join_all;

    use super::*;

    /// On the one thread that serves here, nothing waits for a hash.
    #[tokio::test]
    async fn work_is_done_elsewhere_a_few_at_a_time_and_few_may_wait_for_it() {
        let passwords = Passwords::new();
        let places = passwords.places.available_permits();
        let (at_once, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (at_once, most) = (Arc::new(at_once), Arc::new(most));
        let work = async || {
            let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
            let _waits = passwords.wait()?;
            let work = passwords.work(move || {
                most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(std::time::Duration::from_millis(5));
                at_once.fetch_sub(1, Ordering::SeqCst);
                thread::current().id()
            });
            work.await
        };
        let done = join_all((0..WAITING + 3).map(|_| work())).await;
        let (done, refused): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
        assert_eq!((done.len(), refused.len()), (WAITING, 3));
        assert!(refused.iter().all(|refusal| matches!(refusal, Err(Error::Unavailable))));
        let here = thread::current().id();
        assert!(done.into_iter().all(|thread| thread.is_ok_and(|thread| thread != here)));
        assert!((1..=places).contains(&most.load(Ordering::SeqCst)), "{most:?} of {places}");
        work().await.expect("there is room again");
    }
}
