//! Documents that the operator trusts.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::config::TrustedMode;
use crate::graphql::fault::Fault;
use crate::graphql::reference::{Reference, sha256};

/// Bytes of a list; real ones have some hundred thousand.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Documents that the operator trusts, by their names.
#[derive(Debug, Default)]
pub struct Trusted {
    by_name: BTreeMap<String, Arc<str>>,
    by_hash: BTreeMap<String, Arc<str>>,
    texts: HashSet<Arc<str>>,
    mode: TrustedMode,
}

impl Trusted {
    /// Reads a list: names with their texts in one object, as graphql-codegen and Relay write it, or the manifest of Apollo.
    ///
    /// # Errors
    /// With the file and what is wrong with it.
    pub fn read(path: &Path, mode: TrustedMode) -> Result<Self, String> {
        let wrong = |what: String| format!("graphql.trusted_documents: {} {what}", path.display());
        let size = std::fs::metadata(path).map_err(|error| wrong(format!("cannot be read: {error}")))?.len();
        if size > LARGEST {
            return Err(wrong(format!("has more than {LARGEST} bytes")));
        }
        let file = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let list: Value =
            serde_json::from_slice(&file).map_err(|error| wrong(format!("is not JSON: {error}")))?;
        let by_name = documents(list).ok_or_else(|| {
            wrong("is no list of documents: write an object of names and texts, as graphql-codegen and Relay do, or a manifest of Apollo".to_owned())
        })?;
        // A text is known by its hash too, which is what clients with automatic persisted queries send.
        let texts: HashSet<Arc<str>> = by_name.values().cloned().collect();
        let by_hash = texts.iter().map(|text| (sha256(text), Arc::clone(text))).collect();
        Ok(Self { by_name, by_hash, texts, mode })
    }

    pub(super) fn text(&self, reference: &Reference) -> Option<Arc<str>> {
        let find = |key| self.by_name.get(key).or_else(|| self.by_hash.get(key)).cloned();
        let key = reference.key();
        // As graphql-codegen names them in `documentId`.
        find(key).or_else(|| find(key.strip_prefix("sha256:")?))
    }

    /// Judges a text that nobody has read yet.
    ///
    /// # Errors
    /// Where only trusted documents run, and it is none.
    pub(super) fn judge(&self, text: &str) -> Result<(), Fault> {
        if self.mode == TrustedMode::Only && !self.texts.contains(text) {
            return Err(Fault::new(
                "DOCUMENT_NOT_TRUSTED",
                "This document is not among those that may run here. Ask the operator to add it to the trusted documents.",
            ));
        }
        Ok(())
    }

    /// Tells the log of one that runs all the same, once it is known to be valid.
    pub(super) fn note(&self, text: &str) {
        if self.mode == TrustedMode::Log && !self.texts.contains(text) {
            tracing::warn!(hash = sha256(text), "a document runs that is not among the trusted ones");
        }
    }

    /// Names and texts, for looking through them at the start.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_name.iter().map(|(name, text)| (&**name, &**text))
    }
}

fn documents(list: Value) -> Option<BTreeMap<String, Arc<str>>> {
    let Value::Object(mut list) = list else { return None };
    let pairs: Vec<(String, Value)> =
        if list.get("format").is_some_and(|it| *it == "apollo-persisted-query-manifest") {
            let Value::Array(operations) = list.remove("operations")? else { return None };
            let pair =
                |mut operation: Value| Some((operation["id"].as_str()?.to_owned(), operation["body"].take()));
            operations.into_iter().map(pair).collect::<Option<_>>()?
        } else {
            list.into_iter().collect()
        };
    pairs
        .into_iter()
        .map(|(name, text)| match text {
            Value::String(text) => Some((name, text.into())),
            _ => None,
        })
        .collect()
}

/// For a request without a text, whose hash or name nobody knows. Clients look for this very message, and then send the text: Apollo by its
/// code, urql by its words.
pub(super) fn not_found() -> Fault {
    Fault::new("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "{ me { role } }";

    fn read(list: &Value, mode: TrustedMode) -> Result<Trusted, String> {
        let folder = tempfile::TempDir::new().expect("a folder");
        let file = folder.path().join("documents.json");
        std::fs::write(&file, list.to_string()).expect("a file");
        Trusted::read(&file, mode)
    }

    #[test]
    fn every_form_of_a_list_is_read() {
        let hash = sha256(TEXT);
        for list in [
            json!({ "name": TEXT }),
            json!({ "format": "apollo-persisted-query-manifest", "version": 1,
                "operations": [{ "id": "name", "name": "Me", "type": "query", "body": TEXT }] }),
        ] {
            let trusted = read(&list, TrustedMode::Only).expect("a list");
            for reference in [
                Reference::Id("name".to_owned()),
                Reference::Id(format!("sha256:{hash}")),
                Reference::Hash(hash.clone()),
            ] {
                assert_eq!(trusted.text(&reference).as_deref(), Some(TEXT), "{reference:?}");
            }
            assert_eq!(trusted.text(&Reference::Id("other".to_owned())), None);
            assert!(trusted.judge(TEXT).is_ok());
            assert_eq!(trusted.judge("{ me { name } }").expect_err("a fault").code, "DOCUMENT_NOT_TRUSTED");
        }
        for mode in [TrustedMode::Off, TrustedMode::Log] {
            assert!(read(&json!({}), mode).expect("a list").judge(TEXT).is_ok());
        }
        for wrong in [
            json!([]),
            json!("text"),
            json!({"name": 7}),
            json!({"format": "apollo-persisted-query-manifest"}),
        ] {
            let fault = read(&wrong, TrustedMode::Only).expect_err("a fault");
            assert!(
                fault.contains("graphql.trusted_documents") && fault.contains("documents.json"),
                "{fault}"
            );
        }
    }
}
