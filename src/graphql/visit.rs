//! What a request brings to its resolvers.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, ID};
use futures_util::Stream;
use futures_util::stream::unfold;

use super::types::Film;
use crate::limits::Limiter;
use crate::middleware::Call;
use crate::service::Hall;
use crate::service::accounts::key_owner;
use crate::service::caller::Caller;
use crate::service::error::{Error, FieldFault, Result};
use crate::service::film::{self, FilmId};
use crate::service::text::parse_id;
use crate::service::topics::Feed;

/// A film that is told to a subscriber. The error is one of the hall's, in the form that async-graphql can copy.
pub(super) type Event = Result<Film, async_graphql::Error>;

/// One request to this door, as its resolvers see it.
pub(super) struct Visit {
    pub hall: Arc<Hall>,
    pub limiter: Arc<Limiter>,
    pub caller: Caller,
    pub call: Arc<Call>,
    /// What a subscription hears.
    feed: Mutex<Option<Feed>>,
}

impl Visit {
    pub(super) fn new(
        hall: Arc<Hall>,
        limiter: Arc<Limiter>,
        caller: Caller,
        call: Arc<Call>,
        feed: Option<Feed>,
    ) -> Self {
        Self { hall, limiter, caller, call, feed: Mutex::new(feed) }
    }

    /// What the one root field of a subscription sends.
    pub(super) fn events(&self) -> Result<impl Stream<Item = Event> + use<>> {
        let feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let feed = feed.ok_or_else(|| Error::internal("a subscription without a feed"))?;
        Ok(unfold(feed, |mut feed| async { Some((feed.next().await?.map(Film).map_err(Into::into), feed)) }))
    }

    /// Hands a film out, and names it in the log: the first of the request.
    pub(super) fn hand_out(&self, film: Arc<film::Film>) -> Film {
        self.call.record().film_id.get_or_insert(film.id);
        Film(film)
    }
}

/// The visit of this request.
pub(super) fn visit<'a>(context: &Context<'a>) -> Result<&'a Visit> {
    context.data_opt::<Visit>().ok_or_else(|| Error::internal("a GraphQL request without a visit"))
}

/// The id of a film, which the price has checked already.
pub(super) fn film_id(id: &ID) -> Result<FilmId> {
    read_id(id).map(FilmId)
}

/// An id, which the price has checked already.
pub(super) fn read_id(id: &ID) -> Result<i64> {
    let fault = || Error::InvalidInput(vec![FieldFault::new("/id", "must be an id, in digits")]);
    parse_id(id).ok_or_else(fault)
}

/// The account whose keys are meant.
pub(super) fn owner(visit: &Visit, account: Option<ID>) -> Result<i64> {
    key_owner(&visit.caller, account.map(|id| read_id(&id)).transpose()?)
}
