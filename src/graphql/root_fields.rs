//! The root fields of the schema, as the limiter, the policy table and the log know them.

use async_graphql::{ID, InputType, Value};

use super::audit_events::AuditEventFilter;
use super::types::{AddFilmInput, FilmFilter, FilmSort};
use crate::limits::Bucket;
use crate::service::policy::Action;

/// One root field.
pub(super) struct RootField {
    pub name: &'static str,
    /// The same verb as in the hall.
    pub verb: &'static str,
    pub bucket: Option<Bucket>,
    pub action: Option<Action>,
    /// The argument that holds film ids.
    pub ids: Option<&'static str>,
    /// Whether the schema lets it be null.
    pub nullable: bool,
    /// Whether an argument is of its type.
    pub coerces: fn(&str, Value) -> bool,
}

const FREE: RootField = RootField {
    name: "",
    verb: "",
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
    ids: Some("id"),
    nullable: true,
    ..FREE
};

/// Every root field of the schema; a test fails when one is missing.
pub(super) const ROOT_FIELDS: [RootField; 13] = [
    RootField {
        name: "randomFilm",
        verb: "random_film",
        bucket: Some(Bucket::Film),
        ids: Some("exclude"),
        nullable: true,
        coerces: of_random_film,
        ..READ
    },
    RootField { name: "film", verb: "film", ids: Some("id"), nullable: true, coerces: of_film, ..READ },
    RootField { name: "films", verb: "films", coerces: of_films, ..READ },
    RootField {
        name: "auditEvents",
        verb: "audit_events",
        action: Some(Action::ReadAudit),
        coerces: of_audit_events,
        ..READ
    },
    RootField { name: "rateLimit", verb: "rate_limit", ..FREE },
    RootField { name: "like", verb: "like", ..VOTE },
    RootField { name: "dislike", verb: "dislike", ..VOTE },
    RootField {
        name: "addFilm",
        verb: "add_film",
        bucket: Some(Bucket::AddFilm),
        action: Some(Action::AddFilm),
        nullable: true,
        coerces: of_add_film,
        ..FREE
    },
    RootField { name: "filmVoted", verb: "film_voted", ids: Some("id"), coerces: of_film, ..READ },
    RootField { name: "filmAdded", verb: "film_added", ..READ },
    RootField { name: "__schema", verb: "introspect", bucket: Some(Bucket::Browse), ..FREE },
    RootField { name: "__type", verb: "introspect", bucket: Some(Bucket::Browse), nullable: true, ..FREE },
    RootField { name: "__typename", verb: "typename", ..FREE },
];

fn of_film(argument: &str, value: Value) -> bool {
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
                let declared = body.split_once(&format!("\t{name}")).expect(name).1;
                let kind = declared.split_once("): ").or(declared.split_once(": ")).expect("a type").1;
                let kind = kind.lines().next().expect("a line");
                assert_eq!(root.nullable, !kind.ends_with('!'), "{name}: {kind}");
            }
        }
    }
}
