//! GraphQL over server-sent events, in distinct connections mode: an event `next` for each result, `complete` after the
//! last one.
//!
//! What is no GraphQL document, or not a valid one, is told in a `next` as the protocol asks; what is refused before that
//! is looked at (quota, size, credential) has its real status, as for every other media type.

use axum::response::Response;
use futures_util::StreamExt as _;

use crate::graphql::execute::Events;
use crate::graphql::response::Answer;
use crate::http::context::Context;
use crate::http::event_stream::{Event, closed, event, open};
use crate::http::streams::Place;

/// A single result.
pub(super) fn single(answer: Answer, max_errors: usize, context: &Context) -> Response {
    context.record().outcome = answer.code();
    let replayed = answer.replayed();
    let mut response = closed([next(answer, max_errors), complete()]);
    response.headers_mut().extend(replayed.header());
    response
}

/// The events of a subscription.
pub(super) fn events(events: Events, max_errors: usize, place: Place) -> Response {
    let events = events.map(move |response| next(Answer::Ran(response), max_errors));
    open(events.chain(futures_util::stream::iter([complete()])), place)
}

fn next(answer: Answer, max_errors: usize) -> Event {
    event("next", &answer.text(max_errors))
}

/// With empty data: without any, a browser would not tell of the event.
fn complete() -> Event {
    event("complete", "")
}
