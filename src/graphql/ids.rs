//! Arguments of root fields that hold ids, and whose they are.

use async_graphql_value::Value;

use crate::service::text::parse_id;

/// An argument of a root field that holds ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ids {
    pub argument: &'static str,
    /// Whose, with its article.
    pub of: &'static str,
}

/// Where it is not given, the caller's own account is meant.
pub(super) const OF_KEY_OWNER: Ids = Ids { argument: "account", of: "an account" };
pub(super) const OF_FILM: &str = "a film";

impl Ids {
    /// Those of a root field by its name.
    pub(super) fn of(field: &str) -> Option<Self> {
        Some(match field {
            "film" | "like" | "dislike" | "removeVote" | "updateFilm" | "removeFilm" | "filmVoted" => {
                Self { argument: "id", of: OF_FILM }
            }
            "randomFilm" => Self { argument: "exclude", of: OF_FILM },
            "account" | "updateAccount" => Self { argument: "id", of: "an account" },
            "revokeKey" => Self { argument: "id", of: "a key" },
            "keys" | "createKey" => OF_KEY_OWNER,
            _ => return None,
        })
    }

    /// What an id must be.
    pub(super) fn must_be(self) -> String {
        format!("must be the id of {}, in digits", self.of)
    }
}

/// The id that a value is.
pub(super) fn read(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => parse_id(text),
        _ => None,
    }
}
