//! Server-sent events, as both surfaces write them.
//!
//! Own rather than axum's, which leaves out an empty `data`: a browser would not tell of such an event.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use futures_util::{Stream, StreamExt as _};
use tokio::time::timeout;

use crate::http::streams::Place;

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/event-stream");
/// For proxies that would otherwise collect events before they pass them on.
const NO_BUFFERING: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
/// A comment, which says nothing but that the stream is alive.
const ALIVE: Bytes = Bytes::from_static(b": alive\n\n");

/// An event as it is sent.
pub struct Event(Bytes);

/// An event with this data, which is on one line, as JSON is.
#[must_use]
pub fn event(name: &str, data: &str) -> Event {
    Event(format!("event: {name}\ndata: {data}\n\n").into())
}

/// The answer that goes on until `events` end or a stop begins. Then it ends without a word, as when a connection
/// breaks, so that clients connect again, to another server.
///
/// A reader that takes nothing is dropped by the connection layer after `http.write_timeout`.
pub fn open(events: impl Stream<Item = Event> + Send + 'static, place: Place) -> Response {
    let events = Box::pin(events.take_until(Box::pin(place.drained())));
    // The place lives as long as the body.
    let state = (events, place.ping_interval(), place);
    let bytes = unfold(state, |(mut events, every, place)| async move {
        let bytes = next(events.as_mut(), every).await?;
        Some((Ok::<_, Infallible>(bytes), (events, every, place)))
    });
    // At once, so that the headers are not the only thing that a proxy has to pass on.
    let begin = futures_util::stream::iter([Ok(ALIVE)]);
    finish(Body::from_stream(begin.chain(bytes)))
}

/// The answer that ends by itself, at once.
pub fn closed(events: impl IntoIterator<Item = Event>) -> Response {
    let bytes: Vec<u8> = events.into_iter().flat_map(|Event(bytes)| bytes).collect();
    finish(Body::from(bytes))
}

/// The headers alone of an answer that would go on: it has no length, as the answer to a GET has none.
#[must_use]
pub fn head() -> Response {
    finish(Body::from_stream(futures_util::stream::empty::<Result<Bytes, Infallible>>()))
}

async fn next(mut events: Pin<&mut impl Stream<Item = Event>>, every: Duration) -> Option<Bytes> {
    match timeout(every, events.next()).await {
        Ok(event) => event.map(|Event(bytes)| bytes),
        Err(_) => Some(ALIVE),
    }
}

fn finish(body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(NO_BUFFERING.0, NO_BUFFERING.1);
    response
}
