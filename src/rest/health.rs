//! For orchestrators: is this process alive, and does it want work?
//!
//! They ask by the address of a machine, so no host name is checked, and they have no role. Both draw from `flood`,
//! but are answered when it is empty: an orchestrator may share its address with whoever floods, and an answer costs no
//! more than a refusal.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Rest;
use super::Result;
use super::openapi::refusals::{HeaderTooLarge, Unavailable};
use super::problem_dto::Writes;
use crate::http::context::Asker;
use crate::http::json::Json;
use crate::http::problem::Problem;
use crate::operations;

/// What a server is.
#[derive(ToSchema)]
#[schema(as = HealthStatus, rename_all = "lowercase")]
#[expect(dead_code, reason = "describes what is written as text")]
enum Status {
    Live,
    Ready,
}

/// How it is going.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    #[schema(value_type = Status)]
    status: &'static str,
    /// `failing` while the database takes nothing
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Writes, nullable = false)]
    writes: Option<&'static str>,
}

/// Whether the process is alive
///
/// It is, if it answers at all: a stop or a database that is gone is no reason to start it anew.
#[utoipa::path(
    get, path = "/health/live", operation_id = "live", tag = "health",
    responses((status = 200, description = "It is", body = Health), HeaderTooLarge)
)]
pub(super) async fn live(Asker { context, .. }: Asker) -> Json<Health> {
    context.set_action(operations::LIVE.name);
    Json(Health { status: "live", writes: None })
}

/// Whether requests should be sent here
///
/// Not when a stop has begun, nor while the database does not answer, nor while a SQLite file takes nothing; `failing`
/// names which (`draining`, `database`, `writes`). Where PostgreSQL takes nothing, `writes` says so and reads go on: all
/// servers share it. Tables and films need no check of their own: nothing is answered before they are there.
#[utoipa::path(
    get, path = "/health/ready", operation_id = "ready", tag = "health",
    responses(
        (status = 200, description = "They should", body = Health),
        HeaderTooLarge, Unavailable,
    )
)]
pub(super) async fn ready(
    State(rest): State<Arc<Rest>>,
    Asker { context, .. }: Asker,
) -> Result<Json<Health>> {
    context.set_action(operations::READY.name);
    let (failing, detail) = if rest.lifecycle.is_draining() {
        ("draining", "This server is stopping.")
    } else if !rest.service.answers().await {
        ("database", "The database does not answer.")
    } else if rest.service.writes_fail() && !rest.service.shares_database() {
        ("writes", "The database takes nothing that is written.")
    } else {
        let writes = rest.service.writes_fail().then_some("failing");
        return Ok(Json(Health { status: "ready", writes }));
    };
    let problem = Problem::unavailable(detail).with_member("failing", failing.into());
    Err(if failing == "writes" { problem.with_member("writes", "failing".into()) } else { problem })
}
