//! What this surface reads of a request, for fuzzers and tests: the readers themselves are of no use without a handler.

use axum::extract::Request;

use super::dto::{Purpose, read_film};
use super::json::read_object;
use super::query::Query;
use crate::http::problem::Problem;

/// A query string, read as each kind of parameter.
pub fn query(raw: &str) -> Result<(), Problem> {
    let mut query = Query::new(Some(raw));
    query.film_id("like");
    query.film_ids("id");
    query.number::<i32>("first");
    query.number::<i64>("yearFrom");
    query.text("name");
    query.finish_strict()
}

/// A film to add.
pub async fn film(request: Request) -> Result<(), Problem> {
    let object = read_object(request).await?;
    for purpose in [Purpose::DocumentedAdd, Purpose::Add] {
        read_film(&object, purpose);
    }
    Ok(())
}
