//! Refusals that are something for the audit, on their way out.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::service::audit::Refusals;

/// Notes them: all that is refused over HTTP passes here, whoever refuses it.
pub async fn note(State(refusals): State<Arc<Refusals>>, request: Request, next: Next) -> Response {
    let context = request.extensions().get::<Arc<Context>>().cloned();
    let response = next.run(request).await;
    if let (Some(context), Some(problem)) = (context, response.extensions().get::<Arc<Problem>>()) {
        problem.note(&refusals, &context);
    }
    response
}
