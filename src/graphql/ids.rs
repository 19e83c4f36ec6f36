//! Ids of this surface: unique over all types, so that Relay, Apollo and urql keep the right thing under one. A film's is its
//! digits, as it always was; those of all others say what they are of. Everything else in filmgate knows numbers.

use async_graphql::ID;
use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use crate::operations::{self, Operation};
use crate::service::text::parse_id;

/// What has ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
pub(super) enum Kind {
    Film,
    Account,
    Key,
    Event,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Film => "",
            Self::Account => "account:",
            Self::Key => "key:",
            Self::Event => "event:",
        }
    }

    /// With its article.
    fn noun(self) -> &'static str {
        match self {
            Self::Film => "a film",
            Self::Account => "an account",
            Self::Key => "a key",
            Self::Event => "an event",
        }
    }

    /// What is asked for with `node`: it has the rights and the price of this operation.
    fn operation(self) -> &'static Operation {
        match self {
            Self::Film => operations::FILM,
            Self::Account => operations::ACCOUNT,
            Self::Key => operations::KEYS,
            Self::Event => operations::AUDIT_EVENTS,
        }
    }

    /// As it goes out.
    pub(super) fn write(self, id: i64) -> ID {
        format!("{}{id}", self.prefix()).into()
    }

    /// As it comes in. Where it is known what the id is of, its digits will do.
    pub(super) fn read(self, text: &str) -> Option<i64> {
        parse_id(text.strip_prefix(self.prefix()).unwrap_or(text))
    }

    /// What an id must be.
    pub(super) fn must_be(self) -> String {
        format!("must be the id of {}, in digits", self.noun())
    }
}

/// What an id is of, and which one.
pub(super) fn read_any(text: &str) -> Option<(Kind, i64)> {
    let mut others = [Kind::Account, Kind::Key, Kind::Event].into_iter();
    let of_other = |kind: Kind| Some((kind, parse_id(text.strip_prefix(kind.prefix())?)?));
    others.find_map(of_other).or_else(|| Some((Kind::Film, parse_id(text)?)))
}

/// An argument of a root field that holds ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ids {
    pub argument: &'static str,
    /// Whose; not set where an id may be of anything.
    pub of: Option<Kind>,
}

/// Where it is not given, the caller's own account is meant.
pub(super) const OF_KEY_OWNER: Ids = Ids { argument: "account", of: Some(Kind::Account) };

impl Ids {
    /// Those of a root field by its name.
    pub(super) fn of(field: &str) -> Option<Self> {
        let id = |kind| Some(Self { argument: "id", of: Some(kind) });
        match field {
            "film" | "like" | "dislike" | "removeVote" | "updateFilm" | "removeFilm" | "filmVoted" => {
                id(Kind::Film)
            }
            "randomFilm" => Some(Self { argument: "exclude", of: Some(Kind::Film) }),
            "account" | "updateAccount" => id(Kind::Account),
            "revokeKey" => id(Kind::Key),
            "keys" | "createKey" => Some(OF_KEY_OWNER),
            "node" => Some(Self { argument: "id", of: None }),
            _ => None,
        }
    }

    /// The id that a value is, and what it is of.
    pub(super) fn read(self, value: &Value) -> Option<(Kind, i64)> {
        let Value::String(text) = value else { return None };
        match self.of {
            Some(kind) => kind.read(text).map(|id| (kind, id)),
            None => read_any(text),
        }
    }

    /// What an id must be.
    pub(super) fn must_be(self) -> String {
        let any = || "must be an id of this server, such as 7 or account:7".to_owned();
        self.of.map_or_else(any, Kind::must_be)
    }
}

/// The operation of `node`, which has no row of its own.
pub(super) fn operation_of_node(field: &Field) -> Option<&'static Operation> {
    if field.name.node != "node" {
        return None;
    }
    let Value::String(id) = &field.get_argument("id")?.node else { return None };
    read_any(id).map(|(kind, _)| kind.operation())
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn an_id_says_what_it_is_of() {
        for &kind in Kind::VARIANTS {
            let id = kind.write(7);
            assert_eq!((read_any(&id), kind.read(&id), kind.read("7")), (Some((kind, 7)), Some(7), Some(7)));
            for &other in Kind::VARIANTS {
                assert_eq!(
                    other.read(&id).is_some(),
                    other == kind || kind == Kind::Film,
                    "{kind:?} as {other:?}"
                );
            }
        }
        assert_eq!(Kind::Film.write(7).as_str(), "7");
        for none in ["", "x", "-7", "account:", "account:x", "film:7", "Account:7", "account:account:7", "7 "]
        {
            assert_eq!(read_any(none), None, "{none}");
        }
    }
}
