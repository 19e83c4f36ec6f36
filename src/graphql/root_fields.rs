//! The root fields of the schema, as the limiter, the policy table and the log know them.

use async_graphql::{ID, InputType, Value};

use crate::graphql::schema::account_types::{
    ChangePasswordInput, CreateAccountInput, CreateKeyInput, SignInInput, UpdateAccountInput,
};
use crate::graphql::schema::audit_events::AuditEventFilter;
use crate::graphql::schema::types::{AddFilmInput, FilmFilter, FilmSort, UpdateFilmInput};
use crate::limits::Bucket;
use crate::service::action::Action;

/// One root field.
pub(super) struct RootField {
    pub name: &'static str,
    /// The same operation as in the service.
    pub operation: &'static str,
    pub bucket: Option<Bucket>,
    pub action: Option<Action>,
    /// The argument that holds ids.
    pub ids: Option<Ids>,
    /// Whether the schema lets it be null.
    pub nullable: bool,
    /// Whether an argument is of its type.
    pub coerces: fn(&str, Value) -> bool,
}

/// An argument that holds ids, and whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ids {
    pub argument: &'static str,
    /// With its article.
    pub of: &'static str,
}

impl Ids {
    pub(super) const OF_FILM: Self = Self { argument: "id", of: "a film" };
    const OF_FILMS: Self = Self { argument: "exclude", of: "a film" };
    const OF_ACCOUNT: Self = Self { argument: "id", of: "an account" };
    const OF_KEY: Self = Self { argument: "id", of: "a key" };
    /// Where it is not given, the caller's own account is meant.
    pub(super) const OF_KEY_OWNER: Self = Self { argument: "account", of: "an account" };

    /// What an id must be.
    pub(super) fn must_be(self) -> String {
        format!("must be the id of {}, in digits", self.of)
    }
}

/// The field whose attempts are counted by name too.
pub(super) const SIGN_IN: &str = "signIn";

const FREE: RootField = RootField {
    name: "",
    operation: "",
    bucket: None,
    action: None,
    ids: None,
    nullable: false,
    coerces: |_, _| true,
};
const READ: RootField = RootField { bucket: Some(Bucket::Browse), action: Some(Action::ReadFilm), ..FREE };
const VOTE: RootField = RootField {
    bucket: Some(Bucket::Film),
    action: Some(Action::Vote),
    ids: Some(Ids::OF_FILM),
    nullable: true,
    ..FREE
};
const MANAGE: RootField =
    RootField { bucket: Some(Bucket::Browse), action: Some(Action::ManageAccounts), ..FREE };
const KEYS: RootField = RootField { bucket: Some(Bucket::Browse), action: Some(Action::UseKeys), ..FREE };

/// Every root field of the schema; a test fails when one is missing.
pub(super) const ROOT_FIELDS: [RootField; 27] = [
    RootField {
        name: "randomFilm",
        operation: "random_film",
        bucket: Some(Bucket::Film),
        ids: Some(Ids::OF_FILMS),
        nullable: true,
        coerces: of_random_film,
        ..READ
    },
    RootField {
        name: "film",
        operation: "film",
        ids: Some(Ids::OF_FILM),
        nullable: true,
        coerces: of_id,
        ..READ
    },
    RootField { name: "films", operation: "films", coerces: of_films, ..READ },
    RootField {
        name: "auditEvents",
        operation: "audit_events",
        action: Some(Action::ReadAudit),
        coerces: of_audit_events,
        ..READ
    },
    RootField { name: "rateLimit", operation: "rate_limit", ..FREE },
    RootField { name: "like", operation: "like", ..VOTE },
    RootField { name: "dislike", operation: "dislike", ..VOTE },
    RootField {
        name: "addFilm",
        operation: "add_film",
        bucket: Some(Bucket::AddFilm),
        action: Some(Action::AddFilm),
        nullable: true,
        coerces: of_add_film,
        ..FREE
    },
    RootField { name: "removeVote", operation: "remove_vote", action: Some(Action::RemoveVote), ..VOTE },
    RootField {
        name: "updateFilm",
        operation: "update_film",
        bucket: Some(Bucket::AddFilm),
        action: Some(Action::UpdateFilm),
        ids: Some(Ids::OF_FILM),
        nullable: true,
        coerces: of_update_film,
    },
    RootField {
        name: "removeFilm",
        operation: "remove_film",
        bucket: Some(Bucket::AddFilm),
        action: Some(Action::RemoveFilm),
        ids: Some(Ids::OF_FILM),
        nullable: true,
        coerces: of_id,
    },
    RootField { name: "filmVoted", operation: "film_voted", ids: Some(Ids::OF_FILM), coerces: of_id, ..READ },
    RootField { name: "filmAdded", operation: "film_added", ..READ },
    RootField { name: "me", operation: "me", ..FREE },
    RootField {
        name: SIGN_IN,
        operation: "sign_in",
        bucket: Some(Bucket::Login),
        nullable: true,
        coerces: |argument, value| argument != "input" || coerces::<SignInInput>(value),
        ..FREE
    },
    RootField {
        name: "signOut",
        operation: "sign_out",
        action: Some(Action::UseSession),
        nullable: true,
        ..FREE
    },
    RootField {
        name: "changePassword",
        operation: "change_password",
        bucket: Some(Bucket::Login),
        action: Some(Action::UseSession),
        nullable: true,
        coerces: |argument, value| argument != "input" || coerces::<ChangePasswordInput>(value),
        ..FREE
    },
    RootField { name: "accounts", operation: "accounts", ..MANAGE },
    RootField {
        name: "account",
        operation: "account",
        ids: Some(Ids::OF_ACCOUNT),
        nullable: true,
        coerces: of_id,
        ..MANAGE
    },
    RootField {
        name: "createAccount",
        operation: "create_account",
        nullable: true,
        coerces: |argument, value| argument != "input" || coerces::<CreateAccountInput>(value),
        ..MANAGE
    },
    RootField {
        name: "updateAccount",
        operation: "update_account",
        ids: Some(Ids::OF_ACCOUNT),
        nullable: true,
        coerces: of_update_account,
        ..MANAGE
    },
    RootField { name: "keys", operation: "keys", ids: Some(Ids::OF_KEY_OWNER), coerces: of_keys, ..KEYS },
    RootField {
        name: "createKey",
        operation: "create_key",
        ids: Some(Ids::OF_KEY_OWNER),
        nullable: true,
        coerces: of_keys,
        ..KEYS
    },
    RootField {
        name: "revokeKey",
        operation: "revoke_key",
        ids: Some(Ids::OF_KEY),
        nullable: true,
        coerces: of_id,
        ..KEYS
    },
    RootField { name: "__schema", operation: "introspect", bucket: Some(Bucket::Browse), ..FREE },
    RootField {
        name: "__type",
        operation: "introspect",
        bucket: Some(Bucket::Browse),
        nullable: true,
        ..FREE
    },
    RootField { name: "__typename", operation: "typename", ..FREE },
];

fn of_id(argument: &str, value: Value) -> bool {
    argument != "id" || coerces::<ID>(value)
}

fn of_random_film(argument: &str, value: Value) -> bool {
    match argument {
        "filter" => coerces::<Option<FilmFilter>>(value),
        "exclude" => coerces::<Option<Vec<ID>>>(value),
        _ => true,
    }
}

fn of_films(argument: &str, value: Value) -> bool {
    match argument {
        "filter" => coerces::<Option<FilmFilter>>(value),
        "sort" => coerces::<Option<FilmSort>>(value),
        "first" | "last" => coerces::<Option<i32>>(value),
        "after" | "before" => coerces::<Option<String>>(value),
        _ => true,
    }
}

fn of_audit_events(argument: &str, value: Value) -> bool {
    match argument {
        "filter" => coerces::<Option<AuditEventFilter>>(value),
        "first" => coerces::<Option<i32>>(value),
        "after" => coerces::<Option<String>>(value),
        _ => true,
    }
}

fn of_add_film(argument: &str, value: Value) -> bool {
    argument != "input" || coerces::<AddFilmInput>(value)
}

fn of_update_film(argument: &str, value: Value) -> bool {
    match argument {
        "id" => coerces::<ID>(value),
        "input" => coerces::<UpdateFilmInput>(value),
        _ => true,
    }
}

fn of_update_account(argument: &str, value: Value) -> bool {
    match argument {
        "id" => coerces::<ID>(value),
        "input" => coerces::<UpdateAccountInput>(value),
        _ => true,
    }
}

fn of_keys(argument: &str, value: Value) -> bool {
    match argument {
        "account" => coerces::<Option<ID>>(value),
        "input" => coerces::<CreateKeyInput>(value),
        _ => true,
    }
}

fn coerces<T: InputType>(value: Value) -> bool {
    T::parse(Some(value)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::schema;

    #[test]
    fn every_root_field_of_the_schema_has_a_price() {
        let sdl = schema::sdl();
        for kind in ["type Query {", "type Mutation {", "type Subscription {"] {
            let body = sdl.split_once(kind).expect(kind).1.split_once("\n}").expect("an end").0;
            // Fields are indented once; their arguments and descriptions are not names.
            let names: Vec<&str> = body
                .lines()
                .filter_map(|line| line.strip_prefix('\t'))
                .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
                .filter_map(|line| line.split(['(', ':']).next())
                .filter(|name| name.chars().all(char::is_alphanumeric))
                .collect();
            assert!(!names.is_empty());
            for name in names {
                let root = ROOT_FIELDS.iter().find(|root| root.name == name);
                let root = root.unwrap_or_else(|| panic!("no price for {name}"));
                let without = body.split_once(&format!("\n\t{name}: "));
                let with = || body.split_once(&format!("\n\t{name}("))?.1.split_once("): ");
                let kind = without.or_else(with).expect(name).1.lines().next().expect("a line");
                assert_eq!(root.nullable, !kind.ends_with('!'), "{name}: {kind}");
            }
        }
    }
}
