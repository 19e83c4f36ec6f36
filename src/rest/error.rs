//! The service's errors as problem details.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::admission::refused;
use crate::http::idempotency;
use crate::http::problem::Problem;
use crate::service::Error;

/// The result of a handler.
pub(super) type Result<T, E = Failure> = std::result::Result<T, E>;

/// A refusal or failure on its way out.
pub(super) struct Failure(Problem);

impl Failure {
    /// With these headers too.
    pub(super) fn with(mut self, headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Self {
        self.0.headers.extend(headers);
        self
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(problem(error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// The one mapping of this surface.
pub(super) fn problem(error: Error) -> Problem {
    if let Some(problem) = idempotency::refused(&error) {
        return problem;
    }
    let status = match &error {
        Error::FilmNotFound
        | Error::NoFilm
        | Error::NoUnseenFilm
        | Error::AccountNotFound
        | Error::KeyNotFound => StatusCode::NOT_FOUND,
        Error::FilmExists { .. } | Error::AccountExists => StatusCode::CONFLICT,
        Error::WrongPassword | Error::BadCredential => {
            return Problem::unauthenticated(error.to_string());
        }
        Error::NotSignedIn { .. } | Error::Forbidden { .. } => return refused(error),
        Error::InvalidInput(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Unconfirmed | Error::FellBehind => StatusCode::SERVICE_UNAVAILABLE,
        Error::KeyReused | Error::KeyInUse | Error::Repeated => return Problem::internal(),
        Error::Unavailable | Error::Overtaken => return Problem::unavailable(error.to_string()),
        Error::Internal(source) => {
            tracing::error!(error = %source, "internal error");
            return Problem::internal();
        }
    };
    let problem = Problem::new(status, error.code().0, error.to_string());
    match &error {
        Error::InvalidInput(faults) => problem.with_fields(faults),
        Error::FilmExists { id, .. } => problem.with_member("filmId", json!(id)),
        _ => problem,
    }
}
