//! A token before anything of it is believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::jwk::Key;
use super::types::Refusal;
use crate::service::json_object::Unambiguous;

/// Bytes of a token; real ones have one or two thousand.
const LONGEST: usize = 8 * 1024;
/// Kinds of tokens that grant access. Others of the same issuer are signed with the same keys (a notice of a sign-out, a
/// proof of possession) and must not do as one.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// Three parts, a header that can be read, and nothing checked.
pub(super) struct Token<'a> {
    /// What the signature covers.
    signed: &'a [u8],
    claims: &'a str,
    signature: &'a str,
    pub(super) algorithm: String,
    pub(super) key_id: Option<String>,
}

impl<'a> Token<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        if text.len() > LONGEST {
            return Err(Refusal::Invalid("it is too long"));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(Refusal::Invalid("it has not three parts"));
        };
        let mut fields = object(header)?;
        if fields.contains_key("crit") {
            return Err(Refusal::Invalid("its header has demands that are not known here"));
        }
        match fields.get("typ") {
            None => {}
            Some(Value::String(name)) if is_access(name) => {}
            Some(_) => return Err(Refusal::Invalid("it is not of a type that grants access")),
        }
        let Some(Value::String(algorithm)) = fields.remove("alg") else {
            return Err(Refusal::Invalid("its header names no algorithm"));
        };
        let key_id = match fields.remove("kid") {
            None => None,
            Some(Value::String(key_id)) => Some(key_id),
            Some(_) => return Err(Refusal::Invalid("the id of its key is not a string")),
        };
        let signed = &text.as_bytes()[..header.len() + 1 + claims.len()];
        Ok(Self { signed, claims, signature, algorithm, key_id })
    }

    /// The algorithm is the one that the key was chosen for.
    pub(super) fn is_signed_by(&self, key: &Key, algorithm: Algorithm) -> bool {
        jsonwebtoken::crypto::verify(self.signature, self.signed, &key.public, algorithm).unwrap_or(false)
    }

    pub(super) fn claims(&self) -> Result<Map<String, Value>, Refusal> {
        object(self.claims)
    }
}

fn is_access(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TYPES.contains(&name.strip_prefix("application/").unwrap_or(&name))
}

/// There is one way to write a part: no padding, no line breaks, no bits left over at its end.
fn object(part: &str) -> Result<Map<String, Value>, Refusal> {
    let text = URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Invalid("a part of it is not base64url"))?;
    // Of two readers, one takes the first of two members and one the last.
    match serde_json::from_slice(&text) {
        Ok(Unambiguous(Value::Object(members))) => Ok(members),
        _ => Err(Refusal::Invalid("a part of it is not a JSON object")),
    }
}
