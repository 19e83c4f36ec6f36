//! What can be asked for: the table of operations, for tools.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Rest;
use super::account_dto::RoleOut;
use super::error::Result;
use super::openapi::Refusals;
use crate::http::context::CurrentContext;
use crate::http::credential::CurrentCaller;
use crate::limits::Bucket;
use crate::operations::{self, Operation};
use crate::service::caller::Role;
use crate::service::policy::Authentication;

/// Every operation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operations)]
pub(super) struct OperationsOut {
    operations: Vec<OperationOut>,
}

/// What can be asked for, by its calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operation)]
#[serde(rename_all = "camelCase")]
struct OperationOut {
    /// Such as `add_film`; the log calls it so.
    name: &'static str,
    /// Whether it changes something.
    changes: bool,
    /// The budget from which it draws one, such as `film`; null where it is free.
    bucket: Option<&'static str>,
    /// The least role that may.
    role: RoleOut,
    authentication: AuthenticationOut,
    /// Its calls of this API.
    rest: Vec<CallOut>,
    /// Its root fields in GraphQL.
    graphql: Vec<FieldOut>,
    /// In what the two differ; in all else they agree.
    differences: Vec<String>,
}

/// As whom an operation can be done: anybody; signed in, by whatever credential; by a session, which a password opened; by
/// a session, or as an admin.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Authentication)]
#[serde(rename_all = "camelCase")]
enum AuthenticationOut {
    Anybody,
    SignedIn,
    Session,
    SessionOrAdmin,
}

impl From<Authentication> for AuthenticationOut {
    fn from(authentication: Authentication) -> Self {
        match authentication {
            Authentication::Anybody => Self::Anybody,
            Authentication::SignedIn => Self::SignedIn,
            Authentication::Session => Self::Session,
            Authentication::SessionOrAdmin => Self::SessionOrAdmin,
        }
    }
}

/// A call of this API.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
struct CallOut {
    /// Such as `POST`.
    method: &'static str,
    /// With parameters in braces.
    path: &'static str,
}

/// A root field of GraphQL.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RootField)]
struct FieldOut {
    /// `Query`, `Mutation` or `Subscription`.
    r#type: String,
    field: &'static str,
}

impl From<&Operation> for OperationOut {
    fn from(operation: &Operation) -> Self {
        let (role, authentication) = match operation.action {
            Some(action) => (action.needs(), action.authentication()),
            None => (Role::Viewer, Authentication::Anybody),
        };
        Self {
            name: operation.name,
            changes: operation.changes,
            bucket: operation.bucket.map(Bucket::name),
            role: role.into(),
            authentication: authentication.into(),
            rest: operation.rest.iter().map(|&(method, path)| CallOut { method, path }).collect(),
            graphql: operation
                .graphql
                .iter()
                .map(|field| FieldOut { r#type: field.kind.to_string(), field: field.name })
                .collect(),
            differences: operation.differences.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What can be asked for
///
/// Each operation with its calls at both surfaces, the budget that it draws from, and who may. The same for everybody.
#[utoipa::path(
    get,
    path = "/v1/operations",
    operation_id = "operations",
    tag = "operations",
    responses((status = 200, description = "Every operation", body = OperationsOut), Refusals)
)]
pub(super) async fn operations(
    State(rest): State<Rest>,
    CurrentContext(context): CurrentContext,
    CurrentCaller(caller): CurrentCaller,
) -> Result<Json<OperationsOut>> {
    rest.admit(&context, &caller, operations::OPERATIONS)?;
    let operations = operations::ALL.iter().map(|&operation| operation.into()).collect();
    Ok(Json(OperationsOut { operations }))
}
