//! What an issuer is asked with, and what it answers.

use std::time::Duration;

pub use jsonwebtoken::Algorithm;

use super::role::Roles;
use super::source::Source;
use crate::service::caller::Role;

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
