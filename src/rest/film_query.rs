//! `QUERY /v1/films`: a page of films, what is asked for in a body.

use std::sync::Arc;

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::Result;
use super::dto::FilmPageOut;
use super::films::{FILMS, page_of_films};
use super::json::parse_object;
use super::query::Query;
use super::{Call, Rest};
use crate::http::body::{JSON, is_of, read_at_most};
use crate::http::cacheable::Cacheable;
use crate::http::problem::Problem;
use crate::operations;

const FORM: &str = "application/x-www-form-urlencoded";
/// Bytes of what is asked for: as many as an address has, since it is no cheaper to read in a body.
const LONGEST: usize = 8 * 1024;

/// Every method that has no route of its own.
pub(super) async fn query_films(State(rest): State<Arc<Rest>>, request: Request) -> Response {
    FILMS.told(page(rest, request).await.into_response())
}

/// The parameters are those of GET, in the address or the body: one that is given in both is given twice.
async fn page(rest: Arc<Rest>, request: Request) -> Result<Cacheable<FilmPageOut>> {
    FILMS.check(request.method())?;
    let (mut parts, body) = request.into_parts();
    let Ok(mut query) = Query::from_request_parts(&mut parts, &rest).await;
    let call = Call::from_request_parts(&mut parts, &rest).await?;
    call.context.set_action(operations::FILMS.name);
    let is_form = is_of(&parts.headers, FORM);
    if !is_form && !is_of(&parts.headers, JSON) {
        let detail = format!(
            "What is asked for must be {FORM} or {JSON}, in UTF-8: say which in the header Content-Type."
        );
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "UNSUPPORTED_MEDIA_TYPE", detail));
    }
    let body = read_at_most(body, LONGEST).await?;
    if is_form {
        query.add_form(&body);
    } else {
        // What is wrong with parameters has one status, wherever they stand.
        let object = parse_object(&body).map_err(|mut problem| {
            problem.status = StatusCode::BAD_REQUEST;
            problem
        })?;
        query.add_object(object);
    }
    page_of_films(query, call).await
}
