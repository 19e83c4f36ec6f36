//! What kind of answer a client takes: the media types of GraphQL over HTTP, and event streams.

use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, HeaderValue};

use crate::http::list::{Preference, is_empty, preference};
use crate::http::origins::{SEC_FETCH_DEST, SEC_FETCH_MODE};

/// The media type of a GraphQL answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphQlMediaType {
    /// `application/graphql-response+json`: the status tells what happened.
    Response,
    /// `application/json`: a well-formed request is answered with 200, whatever became of it.
    Json,
}

impl GraphQlMediaType {
    /// For `Content-Type`.
    #[must_use]
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

const RESPONSE: [&str; 4] = ["application/graphql-response+json", "application/*", "*/*", "*"];
const JSON: [&str; 4] = ["application/json", "application/*", "*/*", "*"];
/// `*` is what Java writes for `*/*`.
const EVENT_STREAM: [&str; 4] = ["text/event-stream", "text/*", "*/*", "*"];
const HTML: [&str; 4] = ["text/html", "text/*", "*/*", "*"];

/// How a client likes what these ranges name; `None` where it does not say.
fn preferred(headers: &HeaderMap, ranges: &[&str]) -> Option<Preference> {
    preference(headers, &ACCEPT, ranges)
}

/// The type that the client likes best; `None` when it accepts neither. Without `Accept`, and for `*/*`, it is
/// `application/json`, which every client can read.
#[must_use]
pub fn graphql_media_type(headers: &HeaderMap) -> Option<GraphQlMediaType> {
    let (response, json) = (preferred(headers, &RESPONSE), preferred(headers, &JSON));
    if response.is_some_and(|response| response.is_above(json)) {
        Some(GraphQlMediaType::Response)
    } else if json.is_some_and(Preference::is_taken) || is_empty(headers, &ACCEPT) {
        Some(GraphQlMediaType::Json)
    } else {
        None
    }
}

/// How a client stands to `text/event-stream`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStream {
    /// It does not name it, or takes it out by name. `*/*` does not name it: such a client may not be able to read one.
    Unasked,
    /// It takes it, and likes another type better.
    Accepted,
    /// It likes nothing better.
    Preferred,
}

/// Whether a GraphQL client asks for an event stream.
#[must_use]
pub fn graphql_event_stream(headers: &HeaderMap) -> EventStream {
    let Some(asked) = preferred(headers, &EVENT_STREAM[..1]).filter(|asked| asked.is_taken()) else {
        return EventStream::Unasked;
    };
    let other = preferred(headers, &RESPONSE).max(preferred(headers, &JSON));
    if asked.is_above(other) { EventStream::Preferred } else { EventStream::Accepted }
}

/// Whether an event stream may be the answer: what names it most exactly counts. Without `Accept`, everything may.
#[must_use]
pub fn accepts_event_stream(headers: &HeaderMap) -> bool {
    preferred(headers, &EVENT_STREAM).map_or_else(|| is_empty(headers, &ACCEPT), Preference::is_taken)
}

/// Whether the client likes a page better than what programs read: browsers do, curl and GraphQL clients do not.
#[must_use]
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let other = preferred(headers, &RESPONSE).max(preferred(headers, &JSON));
    preferred(headers, &HTML).is_some_and(|html| html.is_above(other))
}

/// Whether a browser goes to an address, to show what is there; it says so over HTTPS and on its own machine.
#[must_use]
pub fn is_navigation(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_MODE).is_some_and(|mode| mode == "navigate")
        && headers.get(SEC_FETCH_DEST).is_some_and(|destination| destination == "document")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<GraphQlMediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().expect("a header value"));
        graphql_media_type(&headers)
    }

    #[test]
    fn the_client_gets_what_it_likes_best() {
        use GraphQlMediaType::{Json, Response};
        assert_eq!(graphql_media_type(&HeaderMap::new()), Some(Json));
        assert_eq!(chosen("*/*"), Some(Json));
        assert_eq!(chosen("application/graphql-response+json, application/json;q=0.9"), Some(Response));
        assert_eq!(chosen("application/json;q=0.5, application/graphql-response+json;q=0.4"), Some(Json));
        assert_eq!(chosen("application/graphql-response+json; charset=utf-8"), Some(Response));
        assert_eq!(chosen("text/html, */*;q=0.8"), Some(Json));
        assert_eq!(chosen("text/html"), None);
        assert_eq!(chosen("application/json;q=0"), None);
        // A refusal by name holds, whatever else is taken.
        assert_eq!(chosen("application/json;q=0, */*"), Some(Response));
        assert_eq!(chosen("*/*, application/json; Q=0"), Some(Response));
        assert_eq!(chosen("application/graphql-response+json;q=0, application/*"), Some(Json));
        assert_eq!(chosen("application/*;q=0, */*"), None);
        assert_eq!(chosen("application/*, application/graphql-response+json"), Some(Response));
        assert_eq!(chosen("application/json, application/graphql-response+json"), Some(Json));
        assert_eq!(chosen("application/graphql-response+json, application/json"), Some(Response));
        assert_eq!(chosen("Application/JSON;q=0.2, application/graphql-response+json;q=0.1"), Some(Json));
        assert_eq!(
            chosen(
                "application/graphql-response+json;profile=\"a, application/json\";q=0.1, application/json;q=0.2"
            ),
            Some(Json)
        );
        assert_eq!(chosen("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"), Some(Json));
        assert_eq!(chosen(""), Some(Json));
        assert_eq!(chosen(" , "), Some(Json));
    }

    #[test]
    fn a_page_is_for_whoever_likes_it_better_than_what_programs_read() {
        for (accept, expected) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html", true),
            ("text/html;q=0.9, application/json;q=0.8", true),
            ("text/*", true),
            ("application/json, text/html;q=0.5", false),
            ("application/json, text/html", false),
            ("application/graphql-response+json, text/html", false),
            ("*/*", false),
            ("*/*, text/html;q=0", false),
            ("text/html;q=0", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().expect("a header value"));
            assert_eq!(prefers_html(&headers), expected, "{accept}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn an_event_stream_is_asked_for_by_name_and_by_quality() {
        use EventStream::{Accepted, Preferred, Unasked};
        for (accept, graphql, rest) in [
            ("*/*", Unasked, true),
            ("text/event-stream", Preferred, true),
            ("text/event-stream, application/json", Preferred, true),
            ("application/json, text/event-stream", Accepted, true),
            ("application/json;q=0.5, text/event-stream;q=0.8", Preferred, true),
            ("text/event-stream;q=0.5, application/graphql-response+json", Accepted, true),
            ("text/event-stream;q=0, */*", Unasked, false),
            ("application/json", Unasked, false),
            ("text/event-stream;q=0.5, */*", Accepted, true),
            ("text/event-stream, */*", Preferred, true),
            ("text/*", Unasked, true),
            ("text/*;q=0, */*", Unasked, false),
            ("", Unasked, true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().expect("a header value"));
            assert_eq!(
                (graphql_event_stream(&headers), accepts_event_stream(&headers)),
                (graphql, rest),
                "{accept}"
            );
        }
        assert_eq!(graphql_event_stream(&HeaderMap::new()), Unasked);
        assert!(accepts_event_stream(&HeaderMap::new()));
    }
}
