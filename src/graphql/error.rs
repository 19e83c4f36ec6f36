//! The only way out of an executed operation.

use async_graphql::indexmap::IndexMap;
use async_graphql::{ErrorExtensionValues, PathSegment, Pos, Response, ServerError, Value};
use serde_json::Value as Json;

use crate::graphql::document::{NOTHING, Prepared, Root};
use crate::graphql::fault::Fault;
use crate::graphql::schema::DESCRIPTION;
use crate::http::problem::fields;
use crate::service::Error;

/// The message of everything that no client may see.
const MASKED: &str = "Something went wrong on our side. Please name the request id when you report it.";

/// The answer as a client may see it: every error has its code, the text of those that are not ours is taken away
/// (async-graphql makes the text of any foreign error public that a resolver returns), and `data` is whole.
pub(super) fn publish(mut response: Response, roots: &[Root]) -> Response {
    response.data = complete(response.data, roots, &response.errors);
    response.errors.iter_mut().for_each(mask);
    response
}

/// `data` as the specification wants it. async-graphql leaves a field that failed out of its object, where it should
/// be null, and orders fields by when they were done. Below the root, fields that fail cannot be null, and neither can what they
/// stand in: so the root is all there is to mend. It has a member for each, in the order of the document, which is null where
/// anything below it is missing; and there is no data at all where one is null that cannot be.
fn complete(data: Value, roots: &[Root], errors: &[ServerError]) -> Value {
    let mut members = match data {
        Value::Object(members) => members,
        _ => IndexMap::new(),
    };
    let is_whole =
        members.len() == roots.len() && members.keys().zip(roots).all(|(key, root)| *key == root.key);
    if !is_whole {
        let mut complete = IndexMap::with_capacity(roots.len());
        for root in roots {
            let value = members.swap_remove(&root.key);
            if value.is_none() && !root.nullable {
                return Value::Null;
            }
            complete.insert(root.key.clone(), value.unwrap_or_default());
        }
        members = complete;
    }
    for error in errors {
        let Some((PathSegment::Field(key), below)) = error.path.split_first() else { continue };
        let failed = roots.iter().find(|root| root.key == key.as_str());
        if let Some(root) = failed
            && let Some(value) = members.get_mut(&root.key)
            && !has(value, below)
        {
            if !root.nullable {
                return Value::Null;
            }
            *value = Value::Null;
        }
    }
    for root in roots {
        if root.is_hollow
            && let Some(value) = members.get_mut(&root.key)
        {
            leave_out_nothing(value);
        }
        for key in root.described.iter() {
            // async-graphql describes the type `__Schema` where it should describe the schema.
            if let Some(Value::Object(schema)) = members.get_mut(&root.key) {
                schema.insert(key.clone(), DESCRIPTION.into());
            }
        }
    }
    Value::Object(members)
}

/// Whether there is something at this place, be it null.
fn has(value: &Value, path: &[PathSegment]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    let next = match (value, first) {
        (Value::Object(members), PathSegment::Field(key)) => members.get(key.as_str()),
        (Value::List(items), PathSegment::Index(place)) => items.get(*place),
        _ => None,
    };
    next.is_some_and(|next| has(next, rest))
}

/// Objects of which nothing was chosen are there, and empty.
fn leave_out_nothing(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(leave_out_nothing),
        Value::Object(members) => {
            members.shift_remove(NOTHING);
            members.values_mut().for_each(leave_out_nothing);
        }
        _ => {}
    }
}

fn mask(error: &mut ServerError) {
    let mut extensions = ErrorExtensionValues::default();
    if let Some(ours) = error.source::<Error>() {
        extensions.set("code", ours.code());
        match ours {
            Error::InvalidInput(faults) => {
                let faults = Value::from_json(fields(faults)).unwrap_or_default();
                extensions.set("fields", faults);
            }
            Error::FilmExists { id, .. } => extensions.set("filmId", id.to_string()),
            Error::Unavailable | Error::Failing(_) | Error::Overtaken => extensions.set("retryAfter", 1),
            Error::Internal(source) => {
                tracing::error!(error = %source, "internal error");
            }
            Error::FilmNotFound
            | Error::NoFilm
            | Error::NoUnseenFilm
            | Error::AccountNotFound
            | Error::AccountExists
            | Error::KeyNotFound
            | Error::WrongPassword
            | Error::BadCredential
            | Error::NotSignedIn { .. }
            | Error::Forbidden { .. }
            | Error::Unconfirmed
            | Error::KeyReused
            | Error::KeyInUse
            | Error::Repeated
            | Error::FellBehind => {}
        }
        let text = match ours {
            Error::Internal(_) => MASKED.to_owned(),
            other => other.to_string(),
        };
        error.message = text;
    } else {
        // What the client did wrong was found before anything ran.
        tracing::error!(error = %error.message, "a resolver returned an error that is not of the service");
        MASKED.clone_into(&mut error.message);
        extensions.set("code", "INTERNAL");
    }
    error.source = None;
    error.extensions = Some(extensions);
}

/// Why a subscription did not begin. There is no `data` then, since nothing ran.
pub(super) fn not_begun(failure: Error, prepared: &Prepared) -> Fault {
    let code = failure.code();
    let mut error = async_graphql::Error::from(failure).into_server_error(Pos::default());
    mask(&mut error);
    let mut fault = Fault::new(code, error.message);
    if let Ok(Json::Object(extensions)) = serde_json::to_value(error.extensions) {
        fault = extensions.into_iter().fold(fault, |fault, (name, value)| fault.with(name, value));
    }
    match prepared.fields().next() {
        Some((root, field)) => fault.at(vec![field.name.pos]).of(root.key.clone()),
        None => fault,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Pos, Value};

    use super::*;

    fn published(error: impl Into<async_graphql::Error>) -> ServerError {
        let mut error = error.into().into_server_error(Pos::default());
        mask(&mut error);
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

    /// What a resolver may do that nobody allows it: an error of somebody else, through every way out.
    #[tokio::test]
    #[expect(clippy::disallowed_methods, clippy::unused_async, reason = "what resolvers are not to do")]
    async fn a_foreign_error_leaves_by_no_way() {
        use std::sync::Arc;

        use async_graphql::{EmptyMutation, Object, Result, Schema, Subscription};
        use futures_util::StreamExt as _;
        use futures_util::stream::{Stream, iter};

        use crate::graphql::response::Answer;

        const SECRET: &str = "SECRET: /etc/passwd";
        fn foreign() -> std::io::Error {
            std::io::Error::other(SECRET)
        }

        struct Query;
        #[Object]
        impl Query {
            async fn foreign(&self) -> Result<Option<i32>> {
                Err(foreign().into())
            }

            async fn text(&self) -> Result<i32> {
                Err(async_graphql::Error::new(SECRET))
            }

            async fn object(&self) -> Option<Part> {
                Some(Part)
            }
        }
        struct Part;
        #[Object]
        impl Part {
            async fn good(&self) -> i32 {
                1
            }

            async fn text(&self) -> Result<i32> {
                Err(async_graphql::Error::new(SECRET))
            }
        }
        struct Events;
        #[Subscription]
        impl Events {
            async fn foreign(&self) -> impl Stream<Item = Result<i32>> {
                iter([Ok(1), Err(foreign().into())])
            }
        }

        let schema = Schema::new(Query, EmptyMutation, Events);
        let root = |key: &str, nullable| Root {
            operation: None,
            key: async_graphql::Name::new(key),
            nullable,
            described: Arc::default(),
            is_hollow: false,
        };
        let mut answers = Vec::new();
        for (document, roots) in [
            ("{ foreign }", vec![root("foreign", true)]),
            ("{ a: foreign foreign }", vec![root("a", true), root("foreign", true)]),
            ("{ foreign text }", vec![root("foreign", true), root("text", false)]),
        ] {
            answers.push(publish(schema.execute(document).await, &roots));
        }
        assert_eq!(answers[1].data.to_string(), "{a: null, foreign: null}");
        assert_eq!(answers[2].data, Value::Null);
        for fields in ["good text", "text"] {
            for nullable in [true, false] {
                let document = format!("{{ object {{ {fields} }} foreign }}");
                let roots = [root("object", nullable), root("foreign", true)];
                let answer = publish(schema.execute(document).await, &roots);
                let whole = if nullable { "{object: null, foreign: null}" } else { "null" };
                assert_eq!(answer.data.to_string(), whole, "{fields}");
                assert_eq!(answer.errors.len(), 2);
            }
        }
        let roots = [root("foreign", false)];
        let mut events = schema.execute_stream("subscription { foreign }");
        while let Some(event) = events.next().await {
            answers.push(publish(event, &roots));
        }
        assert_eq!(answers[3].data.to_string(), "{foreign: 1}");
        assert_eq!((answers.len(), answers[4].data == Value::Null), (5, true));
        for (place, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.is_ok(), place == 3);
            // As a result of HTTP, a batch or an event; and as the errors of a message over a socket.
            let errors = serde_json::to_string(&answer.errors).expect("JSON");
            let text = Answer::Ran(answer).text(20);
            for text in [errors, text] {
                assert!(!text.contains("SECRET"), "{text}");
                assert!(place == 3 || text.contains(MASKED) && text.contains("\"INTERNAL\""), "{text}");
            }
        }
    }
}
