//! What stands for a document in a request: the hash of a text that some client sent before, or the name of a trusted document.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::http::problem::Problem;

/// Characters of a hash.
const HASH: usize = 64;
/// Bytes of a name.
const LONGEST_ID: usize = 200;

/// What a request has in the place of a text, or beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// The SHA-256 of the text in hexadecimal digits, as Apollo Client and urql send it (`extensions.persistedQuery`).
    Hash(String),
    /// The name of a trusted document (`documentId`).
    Id(String),
}

impl Reference {
    /// That of a request, if it has one.
    ///
    /// # Errors
    /// 400 for what is no reference.
    pub(super) fn of(
        document_id: Option<Value>,
        extensions: &Map<String, Value>,
    ) -> Result<Option<Self>, Problem> {
        match document_id {
            None | Some(Value::Null) => {}
            Some(Value::String(id)) if id.len() <= LONGEST_ID => return Ok(Some(Self::Id(id))),
            Some(_) => {
                let detail = format!("The member documentId must be a string of at most {LONGEST_ID} bytes.");
                return Err(Problem::bad_request(detail));
            }
        }
        let persisted = match extensions.get("persistedQuery") {
            None | Some(Value::Null) => return Ok(None),
            Some(persisted) => persisted,
        };
        let is_hash = |hash: &&str| hash.len() == HASH && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        // As graphql-codegen writes a hash, and hands it to the link of a client.
        let hash = persisted["sha256Hash"].as_str().map(|hash| hash.strip_prefix("sha256:").unwrap_or(hash));
        match hash.filter(is_hash) {
            Some(hash) if persisted["version"] == 1 => Ok(Some(Self::Hash(hash.to_ascii_lowercase()))),
            _ => Err(Problem::bad_request(
                "The member extensions.persistedQuery must have the version 1, and as sha256Hash the 64 hexadecimal digits of a SHA-256.",
            )),
        }
    }

    /// Whether this is the text that it stands for, as far as that can be told: a name says nothing of its text.
    pub(super) fn fits(&self, text: &str) -> bool {
        match self {
            Self::Hash(hash) => *hash == sha256(text),
            Self::Id(_) => true,
        }
    }

    /// Under what its document is kept, if it may be: no document is written so, since all of it is a comment.
    pub(super) fn kept_as(&self) -> Option<String> {
        match self {
            Self::Hash(hash) => Some(format!("#{hash}")),
            Self::Id(_) => None,
        }
    }

    pub(super) fn key(&self) -> &str {
        match self {
            Self::Hash(key) | Self::Id(key) => key,
        }
    }
}

/// Its SHA-256, in hexadecimal digits.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(HASH), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}
