//! The root fields of the schema, as far as the table of operations does not say: which arguments hold ids, of which types
//! they are, and whether a field can be null.

use async_graphql::{ID, InputType, Value};

use crate::graphql::schema::account_types::{
    ChangePasswordInput, CreateAccountInput, CreateKeyInput, SignInInput, UpdateAccountInput,
};
use crate::graphql::schema::audit_events::AuditEventFilter;
use crate::graphql::schema::types::{AddFilmInput, FilmFilter, FilmSort, UpdateFilmInput};

/// One root field.
pub(super) struct RootField {
    pub name: &'static str,
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

/// A field without arguments that is never null.
const PLAIN: RootField = RootField { name: "", ids: None, nullable: false, coerces: |_, _| true };

/// Every root field that is not like [`PLAIN`]; a test fails when one is missing.
static ROOT_FIELDS: [RootField; 21] = [
    RootField {
        name: "randomFilm",
        ids: Some(Ids::OF_FILMS),
        nullable: true,
        coerces: |argument, value| match argument {
            "filter" => coerces::<Option<FilmFilter>>(value),
            "exclude" => coerces::<Option<Vec<ID>>>(value),
            _ => true,
        },
    },
    RootField { name: "film", ids: Some(Ids::OF_FILM), nullable: true, coerces: of_id },
    RootField { name: "films", coerces: of_films, ..PLAIN },
    RootField { name: "auditEvents", coerces: of_audit_events, ..PLAIN },
    RootField { name: "like", ids: Some(Ids::OF_FILM), nullable: true, ..PLAIN },
    RootField { name: "dislike", ids: Some(Ids::OF_FILM), nullable: true, ..PLAIN },
    RootField { name: "removeVote", ids: Some(Ids::OF_FILM), nullable: true, ..PLAIN },
    RootField { name: "addFilm", nullable: true, coerces: of_input::<AddFilmInput>, ..PLAIN },
    RootField {
        name: "updateFilm",
        ids: Some(Ids::OF_FILM),
        nullable: true,
        coerces: of_input::<UpdateFilmInput>,
    },
    RootField { name: "removeFilm", ids: Some(Ids::OF_FILM), nullable: true, coerces: of_id },
    RootField { name: "filmVoted", ids: Some(Ids::OF_FILM), coerces: of_id, ..PLAIN },
    RootField { name: "signIn", nullable: true, coerces: of_input::<SignInInput>, ..PLAIN },
    RootField { name: "signOut", nullable: true, ..PLAIN },
    RootField { name: "changePassword", nullable: true, coerces: of_input::<ChangePasswordInput>, ..PLAIN },
    RootField { name: "account", ids: Some(Ids::OF_ACCOUNT), nullable: true, coerces: of_id },
    RootField { name: "createAccount", nullable: true, coerces: of_input::<CreateAccountInput>, ..PLAIN },
    RootField {
        name: "updateAccount",
        ids: Some(Ids::OF_ACCOUNT),
        nullable: true,
        coerces: of_input::<UpdateAccountInput>,
    },
    RootField { name: "keys", ids: Some(Ids::OF_KEY_OWNER), coerces: of_keys, ..PLAIN },
    RootField { name: "createKey", ids: Some(Ids::OF_KEY_OWNER), nullable: true, coerces: of_keys },
    RootField { name: "revokeKey", ids: Some(Ids::OF_KEY), nullable: true, coerces: of_id },
    RootField { name: "__type", nullable: true, ..PLAIN },
];

/// A root field by its name.
pub(super) fn root_field(name: &str) -> &'static RootField {
    ROOT_FIELDS.iter().find(|root| root.name == name).unwrap_or(&PLAIN)
}

fn of_id(argument: &str, value: Value) -> bool {
    argument != "id" || coerces::<ID>(value)
}

fn of_input<T: InputType>(argument: &str, value: Value) -> bool {
    match argument {
        "id" => coerces::<ID>(value),
        "input" => coerces::<T>(value),
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
    use strum::VariantArray as _;

    use super::*;
    use crate::graphql::schema;
    use crate::operations::{Kind, of_field};

    #[test]
    fn every_root_field_of_the_schema_has_a_price() {
        let sdl = schema::sdl();
        for kind in Kind::VARIANTS {
            let opening = format!("type {kind} {{");
            let body = sdl.split_once(&opening).expect("a type").1.split_once("\n}").expect("an end").0;
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
                let operation = of_field(name).unwrap_or_else(|| panic!("no operation for {name}"));
                assert!(operation.graphql.iter().any(|field| field.name == name && field.kind == *kind));
                let without = body.split_once(&format!("\n\t{name}: "));
                let with = || body.split_once(&format!("\n\t{name}("))?.1.split_once("): ");
                let of = without.or_else(with).expect(name).1.lines().next().expect("a line");
                assert_eq!(root_field(name).nullable, !of.ends_with('!'), "{name}: {of}");
                let has_input = body.contains(&format!("\n\t{name}("));
                let is_plain = ROOT_FIELDS.iter().all(|root| root.name != name);
                assert!(!(has_input && is_plain), "{name} has arguments, so it needs a row");
            }
        }
    }
}
