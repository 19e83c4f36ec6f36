//! The service's errors as refusals, alike at both surfaces where a whole request is refused.

use axum::http::StatusCode;
use serde_json::json;

use crate::http::problem::Problem;
use crate::service::Error;
use crate::service::audit::Event;

/// Seconds after which a request that is being worked on may be asked for again.
const COME_AGAIN: u64 = 1;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::FilmNotFound
            | Error::NoFilm
            | Error::NoUnseenFilm
            | Error::AccountNotFound
            | Error::KeyNotFound => StatusCode::NOT_FOUND,
            Error::FilmExists { .. } | Error::AccountExists | Error::KeyInUse => StatusCode::CONFLICT,
            Error::WrongPassword => return Self::unauthenticated(error.to_string()),
            Error::BadCredential => return Self::bad_credential(error.to_string()),
            Error::NotSignedIn { .. } => {
                return Self::unauthenticated(error.to_string()).for_audit(Event::RightRefused);
            }
            Error::Forbidden { .. } => StatusCode::FORBIDDEN,
            Error::InvalidInput(_) | Error::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Unconfirmed | Error::FellBehind => StatusCode::SERVICE_UNAVAILABLE,
            Error::Unavailable | Error::Failing(_) | Error::Overtaken => {
                return Self::unavailable(error.to_string());
            }
            Error::Repeated => return Self::internal(),
            Error::Internal(source) => {
                tracing::error!(error = %source, "internal error");
                return Self::internal();
            }
        };
        let problem = Self::new(status, error.code(), error.to_string());
        match &error {
            Error::InvalidInput(faults) => problem.with_fields(faults),
            Error::FilmExists { id, .. } => problem.with_member("filmId", json!(id)),
            Error::Forbidden { .. } => problem.for_audit(Event::RightRefused),
            Error::KeyInUse => problem.with_retry_after(COME_AGAIN),
            _ => problem,
        }
    }
}
