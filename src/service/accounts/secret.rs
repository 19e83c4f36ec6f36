//! Tokens and keys: 256 random bits, of which only a hash is stored. What is drawn so widely needs no slow hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use secrecy::SecretString;

use crate::clock::Randomness;

/// Begins a session token.
pub(super) const SESSION: &str = "fgs_";
/// Begins a key.
pub(super) const KEY: &str = "fg_";

const BYTES: usize = 32;
/// Characters of 32 bytes in base64.
const LENGTH: usize = 43;
/// Characters of a key that are shown later: enough to tell one's keys apart, nothing to guess the rest by.
const HINT: usize = 6;

pub(super) fn make(prefix: &str, randomness: &mut Randomness) -> SecretString {
    let mut bytes = [0; BYTES];
    randomness.fill_bytes(&mut bytes);
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)).into()
}

/// Whether it could be one: what could not is refused without a look at the database.
pub(super) fn is_of(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == LENGTH
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}

/// What is stored in its place.
pub(super) fn digest(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}

pub(super) fn hint(secret: &str) -> String {
    secret.chars().take(KEY.len() + HINT).collect()
}
