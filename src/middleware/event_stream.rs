//! Server-sent events, as both doors write them.

use std::convert::Infallible;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _};

use super::streams::Place;

/// For proxies that would otherwise collect events before they pass them on.
const NO_BUFFERING: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// An event with JSON on one line.
pub fn event(name: &str, json: &str) -> Event {
    Event::default().event(name).data(json)
}

/// The answer that goes on until `events` end or a stop begins. Then it ends without a word, as when a connection
/// breaks, so that clients connect again, to another server.
///
/// A reader that takes nothing is dropped by the connection layer after `http.write_timeout`.
pub fn open(events: impl Stream<Item = Event> + Send + 'static, place: Place) -> Response {
    let keep_alive = KeepAlive::new().interval(place.ping_interval()).text("alive");
    let events = events.take_until(Box::pin(place.drained()));
    // The place lives as long as the body.
    let events = events.map(move |event| {
        let _ = &place;
        Ok::<_, Infallible>(event)
    });
    finish(Sse::new(events).keep_alive(keep_alive).into_response())
}

/// The answer that ends by itself, at once.
pub fn closed(events: impl IntoIterator<Item = Event, IntoIter: Send + 'static>) -> Response {
    let events = futures_util::stream::iter(events).map(Ok::<_, Infallible>);
    finish(Sse::new(events).into_response())
}

fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(NO_BUFFERING.0, NO_BUFFERING.1);
    response
}
