//! What happened, for admins.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use strum::EnumString;

use crate::graphql::ids::Kind;
use crate::graphql::schema::date_time::DateTime;
use crate::graphql::schema::request_state::state;
use crate::graphql::schema::types::{PageInfo, Total};
use crate::service::audit;
use crate::service::page::Listed;

/// Which events are meant: those that hold to every part that is given.
#[derive(InputObject, Default)]
pub(in crate::graphql) struct AuditEventFilter {
    event: Option<AuditEventKind>,
    /// Who did it, exactly as events name it.
    actor: Option<String>,
    /// From this moment on.
    since: Option<DateTime>,
    /// Before this moment.
    until: Option<DateTime>,
}

impl From<AuditEventFilter> for audit::AuditFilter {
    fn from(filter: AuditEventFilter) -> Self {
        Self {
            event: filter.event.map(|kind| audit::Event::from(kind).name().to_owned()),
            actor: filter.actor,
            since: filter.since.map(|moment| moment.0),
            until: filter.until.map(|moment| moment.0),
        }
    }
}

/// What can happen.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::Event")]
enum AuditEventKind {
    SignedIn,
    SignInFailed,
    SignedOut,
    PasswordChanged,
    AccountCreated,
    RoleChanged,
    AccountDisabled,
    AccountEnabled,
    KeyCreated,
    KeyRevoked,
    FilmAdded,
    FilmChanged,
    FilmRemoved,
    FilmsImported,
    /// What was sent as a credential is none.
    CredentialRefused,
    /// A role did not allow what was asked for.
    RightRefused,
    /// A budget was used up.
    QuotaRefused,
}

/// By what way somebody came.
#[derive(Enum, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "lowercase")]
enum AuditSurface {
    Rest,
    #[graphql(name = "GRAPHQL")]
    GraphQl,
    /// The command line.
    Command,
}

/// What happened: who did it, from where, by which request.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct AuditEvent {
    #[graphql(owned)]
    pub(in crate::graphql) id: ID,
    at: DateTime,
    /// Null for a kind that a later release of the server wrote.
    event: Option<AuditEventKind>,
    /// Who did it, such as `anonymous`, `operator` (the command line) or `account anna`.
    actor: String,
    /// The address it came from; null for a command, and for refusals of several clients together.
    client: Option<String>,
    /// Null for the sum of refusals of many callers.
    surface: Option<AuditSurface>,
    /// By which the request is found in the log; null for a command, and for refusals that are told together.
    request_id: Option<String>,
    /// What it was done to, such as `film 5`.
    target: Option<String>,
    /// What there is to say besides, for people.
    detail: Option<String>,
}

/// A page of events, and which there are.
pub(in crate::graphql) struct AuditEventConnection {
    pub listed: Listed<audit::AuditEvent>,
    pub filter: audit::AuditFilter,
    pub total: Total,
}

/// A page of events (Relay).
#[Object(serial)]
impl AuditEventConnection {
    async fn edges(&self) -> Vec<AuditEventEdge> {
        let edge = |(cursor, event): &(String, audit::AuditEvent)| AuditEventEdge {
            cursor: cursor.clone(),
            node: event.clone().into(),
        };
        self.listed.entries.iter().map(edge).collect()
    }

    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.listed)
    }

    /// How many events match, on all pages together.
    async fn total_count(&self, context: &Context<'_>) -> Result<u64> {
        let state = state(context)?;
        self.total.or_count(state.service.count_audit_events(&state.caller, &self.filter)).await
    }
}

/// An event of a page, with its place in the list.
#[derive(SimpleObject)]
#[graphql(serial)]
struct AuditEventEdge {
    /// Its place in this list, for `after`.
    cursor: String,
    node: AuditEvent,
}

impl From<audit::AuditEvent> for AuditEvent {
    fn from(event: audit::AuditEvent) -> Self {
        Self {
            id: Kind::Event.write(event.id),
            at: DateTime(event.at),
            event: event.event.parse().ok().map(audit::Event::into),
            actor: event.actor,
            client: event.client,
            surface: event.surface.parse().ok(),
            request_id: event.request_id,
            target: event.target,
            detail: event.detail,
        }
    }
}
