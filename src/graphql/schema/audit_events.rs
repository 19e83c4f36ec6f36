//! What happened, for admins.

use async_graphql::{ID, InputObject, SimpleObject};

use crate::graphql::ids::Kind;
use crate::graphql::schema::date_time::DateTime;
use crate::graphql::schema::types::PageInfo;
use crate::service::audit;

/// Which events are meant: those that hold to every part that is given.
#[derive(InputObject, Default)]
pub(in crate::graphql) struct AuditEventFilter {
    /// Their kind, such as `role_changed`.
    event: Option<String>,
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
            event: filter.event,
            actor: filter.actor,
            since: filter.since.map(|moment| moment.0),
            until: filter.until.map(|moment| moment.0),
        }
    }
}

/// What happened: who did it, from where, by which request.
#[derive(SimpleObject)]
pub(in crate::graphql) struct AuditEvent {
    #[graphql(owned)]
    pub(in crate::graphql) id: ID,
    at: DateTime,
    /// Its kind, such as `role_changed`.
    event: String,
    /// Who did it, such as `anonymous`, `operator` (the command line) or `account anna`.
    actor: String,
    /// The address it came from; null for a command.
    client: Option<String>,
    /// `rest`, `graphql` or `command`.
    surface: String,
    request_id: Option<String>,
    /// What it was done to, such as `film 5`.
    target: Option<String>,
    /// What there is to say besides, for people.
    detail: Option<String>,
}

/// A page of events (Relay).
#[derive(SimpleObject)]
pub(in crate::graphql) struct AuditEventConnection {
    edges: Vec<AuditEventEdge>,
    page_info: PageInfo,
}

/// An event of a page, with its place in the list.
#[derive(SimpleObject)]
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
            event: event.event,
            actor: event.actor,
            client: event.client,
            surface: event.surface,
            request_id: event.request_id,
            target: event.target,
            detail: event.detail,
        }
    }
}

impl From<audit::AuditPage> for AuditEventConnection {
    fn from(page: audit::AuditPage) -> Self {
        let edges: Vec<AuditEventEdge> = page
            .events
            .into_iter()
            .map(|(cursor, event)| AuditEventEdge { cursor, node: event.into() })
            .collect();
        Self {
            page_info: PageInfo {
                has_next_page: page.has_next,
                has_previous_page: page.has_previous,
                start_cursor: edges.first().map(|edge| edge.cursor.clone()),
                end_cursor: edges.last().map(|edge| edge.cursor.clone()),
            },
            edges,
        }
    }
}
