//! What kind of answer a client takes: the media types of GraphQL over HTTP, and event streams.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

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

/// The type that the client likes best; `None` when it accepts neither. Without `Accept`, and for `*/*`, it is
/// `application/json`, which every client can read.
#[must_use]
pub fn graphql_media_type(headers: &HeaderMap) -> Option<GraphQlMediaType> {
    if !headers.contains_key(header::ACCEPT) {
        return Some(GraphQlMediaType::Json);
    }
    let mut best: Option<(GraphQlMediaType, f32)> = None;
    for (name, quality) in accepted(headers) {
        let media_type = match name.as_str() {
            "application/graphql-response+json" => GraphQlMediaType::Response,
            "application/json" | "application/*" | "*/*" => GraphQlMediaType::Json,
            _ => continue,
        };
        if quality > 0.0 && best.is_none_or(|(_, known)| quality > known) {
            best = Some((media_type, quality));
        }
    }
    best.map(|(media_type, _)| media_type)
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
    let mut asked: Option<f32> = None;
    let mut other: f32 = 0.0;
    for (name, quality) in accepted(headers) {
        match name.as_str() {
            "text/event-stream" => asked = Some(asked.unwrap_or_default().max(quality)),
            "application/graphql-response+json" | "application/json" => {
                // Of two types that are liked alike, the one named first wins.
                let is_beaten = asked.is_some_and(|asked| asked >= quality);
                other = if is_beaten { other } else { other.max(quality) };
            }
            _ => {}
        }
    }
    match asked {
        Some(quality) if quality > 0.0 && quality > other => EventStream::Preferred,
        Some(quality) if quality > 0.0 => EventStream::Accepted,
        _ => EventStream::Unasked,
    }
}

/// Whether an event stream may be the answer: what names it most exactly counts. Without `Accept`, everything may.
#[must_use]
pub fn accepts_event_stream(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::ACCEPT) {
        return true;
    }
    let quality =
        |wanted: &str| accepted(headers).find(|(name, _)| name == wanted).map(|(_, quality)| quality);
    let best = quality("text/event-stream").or_else(|| quality("text/*")).or_else(|| quality("*/*"));
    best.is_some_and(|quality| quality > 0.0)
}

/// Whether the client asks for a page: a browser's address bar does, curl and GraphQL clients do not.
#[must_use]
pub fn wants_html(headers: &HeaderMap) -> bool {
    accepted(headers).any(|(name, quality)| name == "text/html" && quality > 0.0)
}

fn accepted(headers: &HeaderMap) -> impl Iterator<Item = (String, f32)> {
    weighted(headers, header::ACCEPT)
}

/// The wishes of an `Accept` header, in small letters, each with its weight: 0 is a refusal, and so is nonsense.
pub fn weighted(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (String, f32)> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
            (name, quality)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<GraphQlMediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header value"));
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
            ("text/*", Unasked, true),
            ("text/*;q=0, */*", Unasked, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().expect("a header value"));
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
