//! What happened, for admins.

use serde::Serialize;
use utoipa::ToSchema;

use super::Call;
use super::Result;
use super::dto::PageInfoOut;
use super::openapi::parameters::{AuditParams, NextPageParams};
use super::openapi::refusals::{Forbidden, InvalidInput, Refusals};
use super::query::Query;
use crate::http::json::Json;
use crate::operations;
use crate::service::audit::{AuditEvent, AuditFilter, Event};
use crate::service::text::moment_text;

/// What happened: who did it, from where, by which request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditEventOut {
    /// Its number: later events have higher ones.
    #[schema(minimum = 0)]
    pub id: i64,
    /// RFC 3339, in UTC.
    #[schema(format = DateTime)]
    pub at: String,
    /// Its kind, such as `role_changed`.
    pub event: String,
    /// Who did it, such as `anonymous`, `operator` (the command line) or `account anna`.
    pub actor: String,
    /// The address it came from; null for a command, and for refusals of several clients together.
    #[schema(required = true)]
    pub client: Option<String>,
    /// `rest`, `graphql` or `command`; empty for the sum of refusals of many callers.
    pub surface: String,
    /// By which the request is found in the log; null for a command, and for refusals that are told together.
    #[schema(required = true)]
    pub request_id: Option<String>,
    /// What it was done to, such as `film 5`.
    #[schema(required = true)]
    pub target: Option<String>,
    /// What there is to say besides, for people.
    #[schema(required = true)]
    pub detail: Option<String>,
}

impl From<AuditEvent> for AuditEventOut {
    fn from(event: AuditEvent) -> Self {
        let AuditEvent { id, at, event, actor, client, surface, request_id, target, detail } = event;
        Self { id, at: moment_text(at), event, actor, client, surface, request_id, target, detail }
    }
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEventPage)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditPageOut {
    /// The newest first.
    pub audit_events: Vec<AuditEventOut>,
    pub page_info: PageInfoOut,
    /// How many events match, on all pages together.
    pub total_count: u64,
}

/// Security events, the newest first
///
/// Refusals are sampled: of those that are alike, the first of a minute is an event at once, and the number of the others
/// is one more when the minute is over.
#[utoipa::path(
    get, path = "/v1/audit_events", operation_id = "auditEvents", tag = "audit",
    params(AuditParams, NextPageParams),
    responses(
        (status = 200, description = "A page", body = AuditPageOut),
        Refusals, Forbidden, InvalidInput,
    )
)]
pub(super) async fn audit_events(mut query: Query, call: Call) -> Result<Json<AuditPageOut>> {
    call.context.set_action(operations::AUDIT_EVENTS.name);
    let filter = AuditFilter {
        event: query.text("event").and_then(|event| match event.parse::<Event>() {
            Ok(_) => Some(event),
            Err(unknown) => query.refuse("event", &unknown.to_string()),
        }),
        actor: query.text("actor"),
        since: query.moment("since"),
        until: query.moment("until"),
    };
    let page = query.next_page();
    query.finish_strict()?;
    call.admit(operations::AUDIT_EVENTS).await?;
    let service = &call.rest.service;
    let page = service.audit_events(&call.caller, &filter, page).await?;
    let total_count = service.count_audit_events(&call.caller, &filter).await?;
    let page_info = PageInfoOut::of(&page);
    let audit_events = page.entries.into_iter().map(|(_, event)| event.into()).collect();
    Ok(Json(AuditPageOut { audit_events, page_info, total_count }))
}
