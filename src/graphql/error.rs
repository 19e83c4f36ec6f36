//! The service's errors on this surface. What is not ours is masked.

use async_graphql::{ErrorExtensionValues, PathSegment, Pos, Response, ServerError, Value};

use crate::graphql::price::Cost;
use crate::http::problem::fields;
use crate::service::Error;

/// The message of everything that no client may see.
const MASKED: &str = "Something went wrong on our side. Please name the request id when you report it.";

/// Gives every error of an executed operation its code, and takes the text away from those that are not ours:
/// async-graphql makes the text of any foreign error public that a resolver returns.
pub(super) fn publish(error: &mut ServerError) {
    let mut extensions = ErrorExtensionValues::default();
    if let Some(ours) = error.source::<Error>() {
        extensions.set("code", ours.code().0);
        match ours {
            Error::InvalidInput(faults) => {
                let faults = Value::from_json(fields(faults)).unwrap_or_default();
                extensions.set("fields", faults);
            }
            Error::FilmExists { id, .. } => extensions.set("filmId", id.to_string()),
            Error::Unavailable => extensions.set("retryAfter", 1),
            Error::Internal(source) => {
                tracing::error!(error = %source, "internal error");
            }
            Error::FilmNotFound
            | Error::NoFilm
            | Error::AccountNotFound
            | Error::AccountExists
            | Error::KeyNotFound
            | Error::WrongPassword
            | Error::BadCredential
            | Error::NotSignedIn
            | Error::Forbidden { .. }
            | Error::Unconfirmed
            | Error::FellBehind => {}
        }
        let text = match ours {
            Error::Internal(_) => MASKED.to_owned(),
            other => other.to_string(),
        };
        error.message = text;
    } else if error.source.is_some() {
        tracing::error!(error = %error.message, "a resolver returned an error that is not of the service");
        MASKED.clone_into(&mut error.message);
        extensions.set("code", "INTERNAL");
    } else {
        // Of async-graphql itself, about what the client sent.
        extensions.set("code", "GRAPHQL_VALIDATION_FAILED");
    }
    error.source = None;
    error.extensions = Some(extensions);
}

/// Why a subscription did not begin, as the result of its one root field.
pub(super) fn response(failure: Error, cost: &Cost) -> Response {
    let mut error = async_graphql::Error::from(failure).into_server_error(Pos::default());
    error.locations.clear();
    error.path = cost.response_keys.iter().map(|key| PathSegment::Field(key.name.to_string())).collect();
    publish(&mut error);
    Response::from_errors(vec![error])
}

#[cfg(test)]
mod tests {
    use async_graphql::{Pos, Value};

    use super::*;

    fn published(error: impl Into<async_graphql::Error>) -> ServerError {
        let mut error = error.into().into_server_error(Pos::default());
        publish(&mut error);
        error
    }

    fn code(error: &ServerError) -> Option<Value> {
        error.extensions.as_ref().and_then(|extensions| extensions.get("code").cloned())
    }

    #[test]
    fn a_foreign_error_is_masked_and_ours_is_told() {
        let foreign = published(std::io::Error::other("SECRET: /etc/passwd"));
        assert_eq!((foreign.message.as_str(), code(&foreign)), (MASKED, Some("INTERNAL".into())));
        let internal = published(Error::internal("SECRET: no such table"));
        assert_eq!((internal.message.as_str(), code(&internal)), (MASKED, Some("INTERNAL".into())));
        let ours = published(Error::FilmNotFound);
        assert_eq!(code(&ours), Some("FILM_NOT_FOUND".into()));
        assert_eq!(ours.message, Error::FilmNotFound.to_string());
    }
}
