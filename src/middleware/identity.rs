//! Who asks.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::call::Call;
use super::problem::Problem;
use crate::service::caller::Caller;
use crate::service::policy::Role;

/// What a caller without a credential may do.
#[derive(Debug, Clone, Copy)]
pub struct AnonymousRole(pub Option<Role>);

impl AnonymousRole {
    fn of(self, call: &Call) -> Role {
        match self.0 {
            Some(role) => role,
            None if call.client.is_local => Role::Editor,
            None => Role::Voter,
        }
    }
}

/// Makes the caller. There are no accounts yet, so every credential is a bad one: it is refused, since falling back
/// to an anonymous caller would hide that it does not work.
pub async fn identify(State(role): State<AnonymousRole>, mut request: Request, next: Next) -> Response {
    if request.headers().contains_key(AUTHORIZATION) || request.headers().contains_key("x-api-key") {
        return Problem::unauthenticated("This credential is not valid here.").into_response();
    }
    if let Some(call) = request.extensions().get::<Arc<Call>>() {
        let caller = Caller::anonymous(role.of(call));
        request.extensions_mut().insert(CurrentCaller(caller));
    }
    next.run(request).await
}

/// A handler's access to its caller.
#[derive(Debug, Clone)]
pub struct CurrentCaller(pub Caller);

impl<S: Sync> FromRequestParts<S> for CurrentCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}
