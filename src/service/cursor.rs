//! Opaque places in a list.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Longer than any cursor that we make (a folded name can be several times as long as the name).
const MAX_CURSOR: usize = 8_192;

/// The order of a list, as far as its cursors know it.
pub(super) trait Order: Copy {
    /// Tells the cursors of this order from those of others.
    fn letter(self) -> char;

    /// Whether it sorts by texts, and not by numbers.
    fn has_text_keys(self) -> bool;
}

/// A place in a list: the key by which it is sorted, and the id that tells equal keys apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor<O> {
    pub sort: O,
    pub key: Key,
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Key {
    Text(String),
    Number(i64),
}

impl<O: Order> Cursor<O> {
    pub(super) fn encode(&self) -> String {
        let fields = serde_json::json!([self.sort.letter(), self.key, self.id]);
        BASE64_URL_SAFE_NO_PAD.encode(fields.to_string())
    }

    /// `None` when it is not one of ours, or of another order.
    pub(super) fn decode(text: &str, sort: O) -> Option<Self> {
        if text.len() > MAX_CURSOR {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (written, key, id): (char, Key, i64) = serde_json::from_slice(&bytes).ok()?;
        // We make none with NUL, which PostgreSQL would not take.
        let typed = match &key {
            Key::Text(text) => sort.has_text_keys() && !text.contains('\0'),
            Key::Number(_) => !sort.has_text_keys(),
        };
        (written == sort.letter() && typed).then_some(Self { sort, key, id })
    }
}
