//! Hearing of what was committed. What a subscription hears was asked of the service before it began; see `operation`.

use async_graphql::{Context, ID, Subscription as Subscribable};
use futures_util::Stream;

use crate::graphql::schema::film::Event;
use crate::graphql::schema::request_state::state;
use crate::service::error::Result;

/// The root of subscriptions.
pub(in crate::graphql) struct Subscription;

/// Hearing of what was committed, over a WebSocket or an event stream.
#[Subscribable]
#[expect(clippy::unused_async, reason = "the macro asks for it")]
impl Subscription {
    /// The film with its new counts when votes for it were committed: the latest ones, at most `live.events_per_second`
    /// times a second.
    #[expect(unused_variables, reason = "the price has read the id already")]
    async fn film_voted(&self, context: &Context<'_>, id: ID) -> Result<impl Stream<Item = Event>> {
        state(context)?.events()
    }

    /// Films as they are added.
    async fn film_added(&self, context: &Context<'_>) -> Result<impl Stream<Item = Event>> {
        state(context)?.events()
    }
}
