//! JSON Web Tokens of an external issuer: who signed them, for whom, until when, and what their bearer may do.
//!
//! A token is believed for what its signature covers, and for nothing else: keys come from the configured set only
//! (`jku`, `jwk`, `x5u` and `x5c` are not even read), the algorithm from a list without `none` and without shared secrets,
//! and the time from the clock that is passed in.

mod claims;
mod jwk;
mod keys;
mod source;
mod token;
mod types;

use std::fmt;
use std::sync::Arc;

use crate::clock::Clock;
use keys::Keys;
pub use source::Source;
use token::Token;
pub use types::{ALGORITHMS, Algorithm, Refusal, Roles, Settings, Subject};

/// Why there is no issuer.
#[derive(Debug, thiserror::Error)]
#[error("auth.jwt.jwks: {0}")]
pub struct NewError(String);

/// An issuer whose tokens are believed.
pub struct Issuer {
    settings: Settings,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Issuer {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Issuer {
    /// Reads the keys when they are in a file; those of a URL are fetched when they are first needed, or by
    /// [`Issuer::warm_up`].
    ///
    /// # Errors
    /// When the file cannot be read or has no key for one of the algorithms.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, NewError> {
        let keys =
            Keys::new(settings.source.clone(), settings.refresh, &settings.algorithms, Arc::clone(&clock))
                .map_err(NewError)?;
        Ok(Self { settings, keys: Arc::new(keys), clock })
    }

    /// Whether this could be a token at all, judged by its shape: three parts. Nothing else that filmgate gives out has
    /// a dot in it.
    #[must_use]
    pub fn has_shape(credential: &str) -> bool {
        credential.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// Fetches the keys, so that the first token does not wait for them. Without them the server starts all the same.
    pub async fn warm_up(&self) {
        // What fails is logged where it fails.
        let _ = self.keys.current().await;
    }

    /// How many keys can be used, for who looks after the service.
    ///
    /// # Errors
    /// With why the keys cannot be had.
    pub async fn check_keys(&self) -> Result<usize, String> {
        match self.keys.current().await {
            Some(keys) => Ok(keys.0.len()),
            None => Err(self.keys.failure().unwrap_or_else(|| "no answer in time".to_owned())),
        }
    }

    /// Who bears this token.
    ///
    /// # Errors
    /// [`Refusal`], whose reason is worth a line in the log at debug.
    pub async fn verify(&self, token: &str) -> Result<Subject, Refusal> {
        let token = Token::parse(token)?;
        let algorithm = self.algorithm(&token.algorithm)?;
        let keys = self.keys.current().await.ok_or(Refusal::Unavailable)?;
        let mut fitting = keys.fitting(token.key_id.as_deref(), algorithm);
        let newer;
        if fitting.is_empty() {
            // It may have been signed with a key that is newer than what we know.
            newer = self.keys.newest().await.ok_or(Refusal::Unavailable)?;
            fitting = newer.fitting(token.key_id.as_deref(), algorithm);
        }
        let is_signed = match (fitting.as_slice(), token.key_id.as_deref()) {
            ([], _) => return Err(Refusal::Invalid("no key of the set fits it")),
            ([_, _, ..], None) => return Err(Refusal::Invalid("it names no key, and several fit it")),
            (keys, _) => keys.iter().any(|key| token.is_signed_by(key, algorithm)),
        };
        if !is_signed {
            return Err(Refusal::Invalid("its signature is wrong"));
        }
        claims::check(&token.claims()?, &self.settings, self.clock.wall())
    }

    fn algorithm(&self, name: &str) -> Result<Algorithm, Refusal> {
        name.parse()
            .ok()
            .filter(|algorithm| self.settings.algorithms.contains(algorithm))
            .ok_or(Refusal::Invalid("its algorithm is not allowed"))
    }
}
