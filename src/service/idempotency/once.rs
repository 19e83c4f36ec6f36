//! What names a change that is made once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::service::idempotency::running::Running;

/// Characters of a key: the least that is hard to guess or to meet by chance, and the most that is kept apart.
pub const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;
/// Hexadecimal digits of what is kept in the place of a key, a payload and the name of a part.
const DIGITS: usize = 32;

/// A change under a key, and what of it was made before.
#[derive(Debug, Clone)]
pub struct Once {
    /// Whose key it is. Hashed, since an address or a subject may be one that somebody wants forgotten.
    pub(super) owner: Arc<str>,
    /// The key, with whose it is.
    pub(super) request: Arc<str>,
    /// What is asked for.
    pub(super) payload: Arc<str>,
    /// Which root field of the request it is; empty where the request is one change.
    pub(super) part: Arc<str>,
    /// The film that was added, changed or voted for, by the part of the request.
    pub(super) made: Arc<BTreeMap<Arc<str>, i64>>,
    /// Held until the change is settled, whoever still waits for it: a commit may come after its client has gone.
    pub(super) running: Option<Arc<Running>>,
}

impl Once {
    /// A change that is asked for under a key of its owner's. `payload`: the parts of what is asked for, such as operation
    /// and body.
    #[must_use]
    pub fn new(owner: &str, key: &str, payload: &[&[u8]]) -> Self {
        Self {
            request: hash(&[owner.as_bytes(), key.as_bytes()]),
            owner: hash(&[owner.as_bytes()]),
            payload: hash(payload),
            part: Arc::default(),
            made: Arc::default(),
            running: None,
        }
    }

    /// The same of one root field, by its name in the answer.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        Self { part: hash(&[name.as_bytes()]), ..self.clone() }
    }

    /// A place below `below`, which is not 0: the same for the same key.
    pub(in crate::service) fn place(&self, below: usize) -> usize {
        let digits = self.request.get(..15).and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let below = u64::try_from(below).unwrap_or(u64::MAX);
        usize::try_from(digits.unwrap_or_default() % below).unwrap_or_default()
    }

    /// The film that it was about, where it was made before.
    #[must_use]
    pub fn made(&self) -> Option<i64> {
        self.made.get(&self.part).copied()
    }
}

/// Of fixed length, and other where the parts are.
fn hash(parts: &[&[u8]]) -> Arc<str> {
    let mut hasher = blake3::Hasher::new_derive_key("filmgate idempotency key");
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    hasher.finalize().to_hex()[..DIGITS].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_key_payload_or_part_is_another_change() {
        let once = |key: &str, payload: &[&[u8]]| Once::new("address 192.0.2.1", key, payload);
        let first = once("key", &[b"POST", b"/a"]);
        let same = once("key", &[b"POST", b"/a"]);
        assert_eq!((&first.request, &first.payload), (&same.request, &same.payload));
        assert_ne!(first.payload, once("key", &[b"POST/", b"a"]).payload);
        assert_ne!(first.request, once("kez", &[b"POST", b"/a"]).request);
        assert_ne!(first.part("a").part, first.part("b").part);
        // Kept in databases, so never another one.
        assert_eq!(&*first.part("a").part, "41afd55837e913c889077519bf37f3f5");
        assert_eq!(first.made(), None);
    }
}
