//! The table of operations: what can be asked of filmgate, each once, under the name that it has in the service.
//!
//! Both surfaces take name, action and price from here, and so do the tests, `docs/operations.md` and
//! `GET /v1/operations`. Who may do an action stands in `service::policy`, which the use case asks too.

use strum::{Display, VariantArray};

use crate::limits::Bucket;
use crate::service::action::Action;

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// The name of its use case, and what the log calls it.
    pub name: &'static str,
    /// What the policy is asked for; none where anybody may, whatever their role.
    pub action: Option<Action>,
    /// The bucket from which it draws one; none where it is free.
    pub bucket: Option<Bucket>,
    /// Whether it changes something that others see or that lasts.
    pub changes: bool,
    /// Its REST calls: method, and path with parameters in braces.
    pub rest: &'static [(&'static str, &'static str)],
    /// Its root fields in GraphQL.
    pub graphql: &'static [Field],
    /// In what the surfaces differ; in all else they agree.
    pub differences: &'static [Difference],
}

/// A root field of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub kind: Kind,
    pub name: &'static str,
}

/// The type that has a root field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, VariantArray)]
pub enum Kind {
    Query,
    Mutation,
    Subscription,
}

/// A declared difference between the surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, VariantArray)]
pub enum Difference {
    #[strum(to_string = "What is not there is 404 by REST and null in GraphQL.")]
    NothingFound,
    #[strum(
        to_string = "A member that is missing or not of its type is 422 by REST, with all other faults, and is charged; in \
                     GraphQL it fails validation, free of charge."
    )]
    WrongType,
    #[strum(to_string = "One call with both votes draws one; in GraphQL they are two fields, and draw two.")]
    TwoVotes,
    #[strum(
        to_string = "One stream tells of all that it was asked for and draws one; each subscription draws one."
    )]
    OneStream,
    #[strum(to_string = "HEAD belongs to HTTP.")]
    HeadersOnly,
    #[strum(to_string = "REST alone has it: it is for tools that know nothing of GraphQL.")]
    RestOnly,
    #[strum(to_string = "GraphQL alone has it: it describes the schema, as /openapi.json describes REST.")]
    GraphQlOnly,
}

/// What is common to most rows: nothing.
const PLAIN: Operation = Operation {
    name: "",
    action: None,
    bucket: None,
    changes: false,
    rest: &[],
    graphql: &[],
    differences: &[],
};
const READ: Operation = Operation { action: Some(Action::ReadFilm), bucket: Some(Bucket::Browse), ..PLAIN };
const VOTE: Operation =
    Operation { action: Some(Action::Vote), bucket: Some(Bucket::Film), changes: true, ..PLAIN };
const CHANGE: Operation = Operation { bucket: Some(Bucket::AddFilm), changes: true, ..PLAIN };
const MANAGE: Operation =
    Operation { action: Some(Action::ManageAccounts), bucket: Some(Bucket::Browse), ..PLAIN };
const KEYS_OF: Operation = Operation { action: Some(Action::UseKeys), bucket: Some(Bucket::Browse), ..PLAIN };

const fn query(name: &'static str) -> Field {
    Field { kind: Kind::Query, name }
}

const fn mutation(name: &'static str) -> Field {
    Field { kind: Kind::Mutation, name }
}

const fn subscription(name: &'static str) -> Field {
    Field { kind: Kind::Subscription, name }
}

/// Makes a constant of each row, and the list of them all.
macro_rules! table {
    ($($constant:ident = $row:expr;)*) => {
        $(pub const $constant: &Operation = &$row;)*

        /// Every operation.
        pub const ALL: &[&Operation] = &[$($constant),*];
    };
}

table! {
    RANDOM_FILM = Operation {
        name: "random_film",
        bucket: Some(Bucket::Film),
        rest: &[("GET", "/"), ("GET", "/v1/films/random")],
        graphql: &[query("randomFilm")],
        ..READ
    };
    LIKE = Operation {
        name: "like",
        rest: &[("GET", "/?like={id}"), ("POST", "/v1/films/{id}/like")],
        graphql: &[mutation("like")],
        ..VOTE
    };
    DISLIKE = Operation {
        name: "dislike",
        rest: &[("GET", "/?dislike={id}"), ("POST", "/v1/films/{id}/dislike")],
        graphql: &[mutation("dislike")],
        ..VOTE
    };
    LIKE_AND_DISLIKE = Operation {
        name: "like_and_dislike",
        rest: &[("GET", "/?like={id}&dislike={id}")],
        differences: &[Difference::TwoVotes],
        ..VOTE
    };
    REMOVE_VOTE = Operation {
        name: "remove_vote",
        action: Some(Action::RemoveVote),
        rest: &[("DELETE", "/v1/films/{id}/vote")],
        graphql: &[mutation("removeVote")],
        ..VOTE
    };
    FILM = Operation {
        name: "film",
        rest: &[("GET", "/v1/films/{id}")],
        graphql: &[query("film")],
        differences: &[Difference::NothingFound],
        ..READ
    };
    FILMS = Operation { name: "films", rest: &[("GET", "/v1/films")], graphql: &[query("films")], ..READ };
    ADD_FILM = Operation {
        name: "add_film",
        action: Some(Action::AddFilm),
        rest: &[("POST", "/add_film"), ("POST", "/v1/films")],
        graphql: &[mutation("addFilm")],
        differences: &[Difference::WrongType],
        ..CHANGE
    };
    // Documented as 200, whoever asks: it adds nothing.
    HEAD_ADD_FILM = Operation {
        name: "head_add_film",
        changes: false,
        rest: &[("HEAD", "/add_film")],
        differences: &[Difference::HeadersOnly],
        ..CHANGE
    };
    UPDATE_FILM = Operation {
        name: "update_film",
        action: Some(Action::UpdateFilm),
        rest: &[("PATCH", "/v1/films/{id}")],
        graphql: &[mutation("updateFilm")],
        differences: &[Difference::WrongType],
        ..CHANGE
    };
    REMOVE_FILM = Operation {
        name: "remove_film",
        action: Some(Action::RemoveFilm),
        rest: &[("DELETE", "/v1/films/{id}")],
        graphql: &[mutation("removeFilm")],
        ..CHANGE
    };
    FILM_EVENTS = Operation {
        name: "film_events",
        rest: &[("GET", "/v1/films/events")],
        differences: &[Difference::OneStream],
        ..READ
    };
    FILM_VOTED = Operation {
        name: "film_voted",
        graphql: &[subscription("filmVoted")],
        differences: &[Difference::OneStream],
        ..READ
    };
    FILM_ADDED = Operation {
        name: "film_added",
        graphql: &[subscription("filmAdded")],
        differences: &[Difference::OneStream],
        ..READ
    };
    SIGN_IN = Operation {
        name: "sign_in",
        bucket: Some(Bucket::Login),
        changes: true,
        rest: &[("POST", "/v1/session")],
        graphql: &[mutation("signIn")],
        differences: &[Difference::WrongType],
        ..PLAIN
    };
    SIGN_OUT = Operation {
        name: "sign_out",
        action: Some(Action::UseSession),
        changes: true,
        rest: &[("DELETE", "/v1/session")],
        graphql: &[mutation("signOut")],
        ..PLAIN
    };
    ME = Operation { name: "me", rest: &[("GET", "/v1/me")], graphql: &[query("me")], ..PLAIN };
    CHANGE_PASSWORD = Operation {
        name: "change_password",
        action: Some(Action::UseSession),
        bucket: Some(Bucket::Login),
        changes: true,
        rest: &[("PUT", "/v1/me/password")],
        graphql: &[mutation("changePassword")],
        differences: &[Difference::WrongType],
    };
    ACCOUNTS = Operation {
        name: "accounts",
        rest: &[("GET", "/v1/accounts")],
        graphql: &[query("accounts")],
        ..MANAGE
    };
    ACCOUNT = Operation {
        name: "account",
        rest: &[("GET", "/v1/accounts/{id}")],
        graphql: &[query("account")],
        differences: &[Difference::NothingFound],
        ..MANAGE
    };
    CREATE_ACCOUNT = Operation {
        name: "create_account",
        changes: true,
        rest: &[("POST", "/v1/accounts")],
        graphql: &[mutation("createAccount")],
        differences: &[Difference::WrongType],
        ..MANAGE
    };
    UPDATE_ACCOUNT = Operation {
        name: "update_account",
        changes: true,
        rest: &[("PATCH", "/v1/accounts/{id}")],
        graphql: &[mutation("updateAccount")],
        differences: &[Difference::WrongType],
        ..MANAGE
    };
    KEYS = Operation {
        name: "keys",
        rest: &[("GET", "/v1/keys")],
        graphql: &[query("keys")],
        ..KEYS_OF
    };
    CREATE_KEY = Operation {
        name: "create_key",
        changes: true,
        rest: &[("POST", "/v1/keys")],
        graphql: &[mutation("createKey")],
        differences: &[Difference::WrongType],
        ..KEYS_OF
    };
    REVOKE_KEY = Operation {
        name: "revoke_key",
        changes: true,
        rest: &[("DELETE", "/v1/keys/{id}")],
        graphql: &[mutation("revokeKey")],
        ..KEYS_OF
    };
    AUDIT_EVENTS = Operation {
        name: "audit_events",
        action: Some(Action::ReadAudit),
        rest: &[("GET", "/v1/audit_events")],
        graphql: &[query("auditEvents")],
        ..READ
    };
    RATE_LIMIT = Operation {
        name: "rate_limit",
        rest: &[("GET", "/v1/rate_limit")],
        graphql: &[query("rateLimit")],
        ..PLAIN
    };
    OPERATIONS = Operation {
        name: "operations",
        bucket: Some(Bucket::Browse),
        rest: &[("GET", "/v1/operations")],
        differences: &[Difference::RestOnly],
        ..PLAIN
    };
    OPENAPI = Operation {
        name: "openapi",
        rest: &[("GET", "/openapi.json")],
        differences: &[Difference::RestOnly],
        ..PLAIN
    };
    LIVE = Operation { name: "live", rest: &[("GET", "/health/live")], differences: &[Difference::RestOnly], ..PLAIN };
    READY = Operation { name: "ready", rest: &[("GET", "/health/ready")], differences: &[Difference::RestOnly], ..PLAIN };
    INTROSPECT = Operation {
        name: "introspect",
        bucket: Some(Bucket::Browse),
        graphql: &[query("__schema"), query("__type")],
        differences: &[Difference::GraphQlOnly],
        ..PLAIN
    };
    TYPENAME = Operation {
        name: "typename",
        graphql: &[query("__typename")],
        differences: &[Difference::GraphQlOnly],
        ..PLAIN
    };
}

/// The operation of a root field; no two of them share a name, whatever their kind.
#[must_use]
pub fn of_field(name: &str) -> Option<&'static Operation> {
    ALL.iter().find(|operation| operation.graphql.iter().any(|field| field.name == name)).copied()
}
