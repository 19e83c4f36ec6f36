//! What can be asked for: the table of operations, for tools.

use std::sync::LazyLock;

use serde::Serialize;
use utoipa::ToSchema;

use super::Call;
use super::Result;
use super::openapi::cacheable::{CacheableParams, CacheableResponses};
use super::openapi::refusals::Refusals;
use crate::http::cacheable::Constant;
use crate::http::json;
use crate::limits::Bucket;
use crate::operations::{self, Field, Kind, Operation};
use crate::service::caller::Role;
use crate::service::policy::Authentication;

/// Every operation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperationList)]
pub(super) struct OperationsOut {
    /// In the order of the table.
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
    #[schema(value_type = Option<Bucket>, required = true)]
    bucket: Option<&'static str>,
    /// The least role that may.
    role: Role,
    authentication: Authentication,
    /// Its calls of this API.
    rest: Vec<CallOut>,
    /// Its root fields in GraphQL.
    graphql: Vec<FieldOut>,
    /// In what the two differ; in all else they agree.
    differences: Vec<String>,
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
    /// The type that has it.
    #[schema(value_type = Kind)]
    r#type: String,
    /// Its name.
    field: &'static str,
}

impl From<&Operation> for OperationOut {
    fn from(operation: &Operation) -> Self {
        let (role, authentication) = match operation.action {
            Some(action) => (action.needs(), action.authentication()),
            None => (Role::Viewer, Authentication::Anybody),
        };
        let field = |field: &Field| FieldOut { r#type: field.kind.to_string(), field: field.name };
        Self {
            name: operation.name,
            changes: operation.changes,
            bucket: operation.bucket.map(Bucket::name),
            role,
            authentication,
            rest: operation.rest.iter().map(|&(method, path)| CallOut { method, path }).collect(),
            graphql: operation.graphql.iter().map(field).collect(),
            differences: operation.differences.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What can be asked for
///
/// Each operation with its calls at both surfaces, the budget that it draws from, and who may. The same for everybody.
#[utoipa::path(
    get, path = "/v1/operations", operation_id = "operations", tag = "operations",
    params(CacheableParams),
    responses(
        (status = 200, description = "Every operation", body = OperationsOut, headers(("ETag" = String))),
        CacheableResponses, Refusals,
    )
)]
pub(super) async fn operations(call: Call) -> Result<Constant> {
    static OPERATIONS: LazyLock<Constant> = LazyLock::new(|| {
        let operations = operations::ALL.iter().map(|&operation| operation.into()).collect();
        Constant::new(json::MEDIA_TYPE, json::text(&OperationsOut { operations }))
    });
    call.admit(operations::OPERATIONS).await?;
    Ok(OPERATIONS.clone())
}
