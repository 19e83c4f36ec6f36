//! The table of operations: what can be asked of filmgate, each once, under the name that it has in the service.
//!
//! Both surfaces take name, action and price from here, and so do the tests, `docs/operations.md` and
//! `GET /v1/operations`. Who may do an action stands in `service::policy`, which the use case asks too.

use strum::{Display, VariantArray};
use utoipa::ToSchema;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, VariantArray, ToSchema)]
#[schema(as = RootType)]
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
    #[strum(
        to_string = "A film tells your own vote in GraphQL, where it is asked for; by REST a film is the same for everybody, and \
                     the votes for a page of films are asked for by their ids."
    )]
    OwnVotes,
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
const READ: Operation = PLAIN.may(Action::ReadFilm).draws(Bucket::Browse);
const VOTE: Operation = PLAIN.may(Action::Vote).draws(Bucket::Film).changing();
const CHANGE: Operation = PLAIN.draws(Bucket::AddFilm).changing();
const MANAGE: Operation = PLAIN.may(Action::ManageAccounts).draws(Bucket::Browse);
const KEYS_OF: Operation = PLAIN.may(Action::UseKeys).draws(Bucket::Browse);

/// What a row says.
impl Operation {
    const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    const fn may(self, action: Action) -> Self {
        Self { action: Some(action), ..self }
    }

    const fn draws(self, bucket: Bucket) -> Self {
        Self { bucket: Some(bucket), ..self }
    }

    const fn changing(self) -> Self {
        Self { changes: true, ..self }
    }

    const fn rest(self, rest: &'static [(&'static str, &'static str)]) -> Self {
        Self { rest, ..self }
    }

    const fn graphql(self, graphql: &'static [Field]) -> Self {
        Self { graphql, ..self }
    }

    const fn differs(self, differences: &'static [Difference]) -> Self {
        Self { differences, ..self }
    }
}

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
    RANDOM_FILM = READ.named("random_film").draws(Bucket::Film)
        .rest(&[("GET", "/"), ("GET", "/v1/films/random")])
        .graphql(&[query("randomFilm")]);
    LIKE = VOTE.named("like")
        .rest(&[("GET", "/?like={id}"), ("POST", "/v1/films/{id}/like")])
        .graphql(&[mutation("like")]);
    DISLIKE = VOTE.named("dislike")
        .rest(&[("GET", "/?dislike={id}"), ("POST", "/v1/films/{id}/dislike")])
        .graphql(&[mutation("dislike")]);
    LIKE_AND_DISLIKE = VOTE.named("like_and_dislike")
        .rest(&[("GET", "/?like={id}&dislike={id}")])
        .differs(&[Difference::TwoVotes]);
    REMOVE_VOTE = VOTE.named("remove_vote").may(Action::RemoveVote)
        .rest(&[("DELETE", "/v1/films/{id}/vote")])
        .graphql(&[mutation("removeVote")]);
    FILM = READ.named("film")
        .rest(&[("GET", "/v1/films/{id}")])
        .graphql(&[query("film")])
        .differs(&[Difference::NothingFound]);
    FILMS = READ.named("films").rest(&[("GET", "/v1/films"), ("QUERY", "/v1/films")]).graphql(&[query("films")]);
    GENRES = READ.named("genres").rest(&[("GET", "/v1/genres")]).graphql(&[query("genres")]);
    STUDIOS = READ.named("studios").rest(&[("GET", "/v1/studios")]).graphql(&[query("studios")]);
    ADD_FILM = CHANGE.named("add_film").may(Action::AddFilm)
        .rest(&[("POST", "/add_film"), ("POST", "/v1/films")])
        .graphql(&[mutation("addFilm")])
        .differs(&[Difference::WrongType]);
    // Documented as 200, whoever asks: it adds nothing.
    HEAD_ADD_FILM = PLAIN.named("head_add_film").draws(Bucket::AddFilm)
        .rest(&[("HEAD", "/add_film")])
        .differs(&[Difference::HeadersOnly]);
    UPDATE_FILM = CHANGE.named("update_film").may(Action::UpdateFilm)
        .rest(&[("PATCH", "/v1/films/{id}")])
        .graphql(&[mutation("updateFilm")])
        .differs(&[Difference::WrongType]);
    REMOVE_FILM = CHANGE.named("remove_film").may(Action::RemoveFilm)
        .rest(&[("DELETE", "/v1/films/{id}")])
        .graphql(&[mutation("removeFilm")]);
    FILM_EVENTS = READ.named("film_events")
        .rest(&[("GET", "/v1/films/events")])
        .differs(&[Difference::OneStream]);
    FILM_VOTED = READ.named("film_voted")
        .graphql(&[subscription("filmVoted")])
        .differs(&[Difference::OneStream]);
    FILM_ADDED = READ.named("film_added")
        .graphql(&[subscription("filmAdded")])
        .differs(&[Difference::OneStream]);
    SIGN_IN = PLAIN.named("sign_in").draws(Bucket::Login).changing()
        .rest(&[("POST", "/v1/session")])
        .graphql(&[mutation("signIn")])
        .differs(&[Difference::WrongType]);
    SIGN_OUT = PLAIN.named("sign_out").may(Action::UseSession).changing()
        .rest(&[("DELETE", "/v1/session")])
        .graphql(&[mutation("signOut")]);
    MY_VOTES = READ.named("my_votes").may(Action::ReadOwnVotes)
        .rest(&[("GET", "/v1/me/votes")])
        .graphql(&[query("myVotes")])
        .differs(&[Difference::OwnVotes]);
    ME = PLAIN.named("me").rest(&[("GET", "/v1/me")]).graphql(&[query("me")]);
    CHANGE_PASSWORD = PLAIN.named("change_password").may(Action::UseSession).draws(Bucket::Login).changing()
        .rest(&[("PUT", "/v1/me/password")])
        .graphql(&[mutation("changePassword")])
        .differs(&[Difference::WrongType]);
    ACCOUNTS = MANAGE.named("accounts")
        .rest(&[("GET", "/v1/accounts")])
        .graphql(&[query("accounts")]);
    ACCOUNT = MANAGE.named("account")
        .rest(&[("GET", "/v1/accounts/{id}")])
        .graphql(&[query("account")])
        .differs(&[Difference::NothingFound]);
    CREATE_ACCOUNT = MANAGE.named("create_account").changing()
        .rest(&[("POST", "/v1/accounts")])
        .graphql(&[mutation("createAccount")])
        .differs(&[Difference::WrongType]);
    UPDATE_ACCOUNT = MANAGE.named("update_account").changing()
        .rest(&[("PATCH", "/v1/accounts/{id}")])
        .graphql(&[mutation("updateAccount")])
        .differs(&[Difference::WrongType]);
    KEYS = KEYS_OF.named("keys")
        .rest(&[("GET", "/v1/keys")])
        .graphql(&[query("keys")]);
    CREATE_KEY = KEYS_OF.named("create_key").changing()
        .rest(&[("POST", "/v1/keys")])
        .graphql(&[mutation("createKey")])
        .differs(&[Difference::WrongType]);
    REVOKE_KEY = KEYS_OF.named("revoke_key").changing()
        .rest(&[("DELETE", "/v1/keys/{id}")])
        .graphql(&[mutation("revokeKey")]);
    AUDIT_EVENTS = READ.named("audit_events").may(Action::ReadAudit)
        .rest(&[("GET", "/v1/audit_events")])
        .graphql(&[query("auditEvents")]);
    RATE_LIMIT = PLAIN.named("rate_limit")
        .rest(&[("GET", "/v1/rate_limit")])
        .graphql(&[query("rateLimit")]);
    OPERATIONS = PLAIN.named("operations").draws(Bucket::Browse)
        .rest(&[("GET", "/v1/operations")])
        .differs(&[Difference::RestOnly]);
    OPENAPI = PLAIN.named("openapi").rest(&[("GET", "/openapi.json")]).differs(&[Difference::RestOnly]);
    SCHEMA = PLAIN.named("schema").rest(&[("GET", "/schema.graphql")]).differs(&[Difference::RestOnly]);
    LIVE = PLAIN.named("live").rest(&[("GET", "/health/live")]).differs(&[Difference::RestOnly]);
    READY = PLAIN.named("ready").rest(&[("GET", "/health/ready")]).differs(&[Difference::RestOnly]);
    INTROSPECT = PLAIN.named("introspect").draws(Bucket::Browse)
        .graphql(&[query("__schema"), query("__type")])
        .differs(&[Difference::GraphQlOnly]);
    TYPENAME = PLAIN.named("typename").graphql(&[query("__typename")]).differs(&[Difference::GraphQlOnly]);
}

/// The operation of a root field; no two of them share a name, whatever their kind.
#[must_use]
pub fn of_field(name: &str) -> Option<&'static Operation> {
    ALL.iter().find(|operation| operation.graphql.iter().any(|field| field.name == name)).copied()
}
