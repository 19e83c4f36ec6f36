//! JSON Web Tokens of an external issuer: who signed them, for whom, until when, and what their bearer may do.
//!
//! A token is believed for what its signature covers, and for nothing else: keys come from the configured set only
//! (`jku`, `jwk`, `x5u` and `x5c` are not even read), the algorithm from a list without `none` and without shared secrets,
//! and the time from the clock that is passed in.

mod claims;
mod jwk;
mod keys;
mod role;
mod source;
mod strict_json;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use jsonwebtoken::Algorithm;

use crate::clock::Clock;
use crate::service::policy::Role;
use keys::Keys;
pub use role::Roles;
pub use source::Source;
use token::Token;

/// What can be asked for in `auth.jwt.algorithms`. Shared secrets (HS256 and so on) are missing on purpose: the set holds
/// public keys, and a public key must never do as a secret.
pub const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Whom to believe, and how far.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `iss`, letter by letter.
    pub issuer: String,
    /// One of these must be in `aud`.
    pub audience: Vec<String>,
    /// Where the public keys are.
    pub source: Source,
    pub algorithms: Vec<Algorithm>,
    /// How far the issuer's clock may be from ours.
    pub leeway: Duration,
    /// For how long keys of a URL are taken as they are.
    pub refresh: Duration,
    pub roles: Roles,
}

/// Who bears a good token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub issuer: String,
    /// `sub`: 1 to 255 bytes of plain text; unique within its issuer only.
    pub subject: String,
    pub role: Role,
    /// Seconds since the Unix epoch, without the leeway.
    pub expires_at: i64,
}

/// Why a token is not believed. `Display` is for the bearer, and tells nothing that helps to forge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A bad credential. The reason is for the log; it holds nothing of the token.
    #[error("This token is not valid here.")]
    Invalid(&'static str),
    /// Nobody can tell now, since the keys cannot be had: never to be taken for an anonymous call.
    #[error("Tokens cannot be checked at the moment. Please try again shortly.")]
    Unavailable,
}

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
            Some(keys) => Ok(keys.len()),
            None => Err(self.keys.failure().unwrap_or_else(|| "no answer in time".to_owned())),
        }
    }

    /// Who bears this token.
    ///
    /// # Errors
    /// [`Refusal`], whose reason is worth a line in the log at debug.
    pub async fn verify(&self, token: &str) -> Result<Subject, Refusal> {
        let token = Token::parse(token)?;
        let algorithm = self.algorithm(token.algorithm())?;
        let keys = self.keys.current().await.ok_or(Refusal::Unavailable)?;
        let mut fitting = keys.fitting(token.key_id(), algorithm);
        let newer;
        if fitting.is_empty() {
            // It may have been signed with a key that is newer than what we know.
            newer = self.keys.newest().await.ok_or(Refusal::Unavailable)?;
            fitting = newer.fitting(token.key_id(), algorithm);
        }
        let is_signed = match (fitting.as_slice(), token.key_id()) {
            ([], _) => return Err(Refusal::Invalid("no key of the set fits it")),
            ([_, _, ..], None) => return Err(Refusal::Invalid("it names no key, and several fit it")),
            (keys, _) => keys.iter().any(|key| token.is_signed_by(key, algorithm)),
        };
        if !is_signed {
            return Err(Refusal::Invalid("its signature is wrong"));
        }
        claims::check(&token.claims()?, &self.settings, self.clock.now())
    }

    fn algorithm(&self, name: &str) -> Result<Algorithm, Refusal> {
        name.parse()
            .ok()
            .filter(|algorithm| self.settings.algorithms.contains(algorithm))
            .ok_or(Refusal::Invalid("its algorithm is not allowed"))
    }
}
