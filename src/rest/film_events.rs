//! Films as they are added and voted for: the REST twin of the subscriptions, as server-sent events.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use futures_util::stream::{BoxStream, select_all, unfold};
use futures_util::{Stream, StreamExt as _};
use serde_json::json;

use super::Call;
use super::Result;
use super::dto::FilmOut;
use super::openapi::parameters::HeardParams;
use super::openapi::refusals::{FilmNotFound, NotAcceptable, Refusals};
use super::query::Query;
use crate::http::accept::accepts_event_stream;
use crate::http::context::Context;
use crate::http::event_stream::{Event, event, head, open};
use crate::http::problem::Problem;
use crate::http::streams::Kind;
use crate::operations;
use crate::service::read_model::topics::Feed;

/// Films of one stream.
const MOST_FILMS: usize = 20;

/// Films as they are added and voted for
///
/// Events `filmAdded`, and `filmVoted` of the films in `id`; the data is the film. Of votes the latest counts are told, at
/// most `live.events_per_second` times a second for each film, the last ones always. Who falls behind by 1,024 films
/// added gets a last event `error`, whose data is the problem. HEAD opens no stream.
#[utoipa::path(
    get, path = "/v1/films/events", operation_id = "filmEvents", tag = "films",
    params(HeardParams),
    responses(
        (status = 200, description = "Events, until somebody closes it", body = String, content_type = "text/event-stream"),
        Refusals, FilmNotFound, NotAcceptable,
    )
)]
pub(super) async fn film_events(
    mut query: Query,
    call: Call,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    call.context.set_action(operations::FILM_EVENTS.name);
    let mut ids = query.film_ids("id");
    if ids.len() > MOST_FILMS {
        query.fault("id", "must name at most 20 films");
    }
    query.finish_strict()?;
    if !accepts_event_stream(&headers) {
        let detail = "The answer is text/event-stream.";
        return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", detail));
    }
    ids.sort_unstable_by_key(|id| id.0);
    ids.dedup();
    call.context.record().film_id = ids.first().map(|id| id.0);
    // Before the price, so that a refusal costs nothing.
    let place = call.rest.streams.admit(&call.context, Kind::Events)?;
    call.admit(operations::FILM_EVENTS).await?;
    let mut feeds = vec![events("filmAdded", call.rest.service.film_added(&call.caller)?, &call.context)];
    for id in ids {
        feeds.push(events("filmVoted", call.rest.service.film_voted(&call.caller, id).await?, &call.context));
    }
    if method == Method::HEAD {
        return Ok(head());
    }
    Ok(open(until_error(select_all(feeds)), place))
}

/// An event, and whether it is the last one.
type Told = (Event, bool);

fn events(name: &'static str, feed: Feed, context: &Context) -> BoxStream<'static, Told> {
    let request_id = context.request_id.clone();
    let next = move |(mut feed, request_id): (Feed, HeaderValue)| async move {
        let told = match feed.next().await? {
            Ok(film) => (event(name, &json!(FilmOut::from(film)).to_string()), false),
            Err(error) => {
                let details = Problem::from(error).details(request_id.to_str().unwrap_or_default());
                (event("error", &details), true)
            }
        };
        Some((told, (feed, request_id)))
    };
    unfold((feed, request_id), next).boxed()
}

/// A stream that has lost events of one film says so and ends: its reader has to read anew anyway.
fn until_error(events: impl Stream<Item = Told> + Send + 'static) -> BoxStream<'static, Event> {
    let next = |events: Option<BoxStream<'static, Told>>| async move {
        let mut events = events?;
        let (event, is_last) = events.next().await?;
        Some((event, (!is_last).then_some(events)))
    };
    unfold(Some(events.boxed()), next).boxed()
}
