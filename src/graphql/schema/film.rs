//! A film, as it goes out of this surface.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{Context, ContextSelectionSet, ID, Object, OutputType, Positioned, ServerResult, Value};
use futures_util::Stream;
use futures_util::stream::unfold;

use crate::graphql::schema::own_vote::{Listed, OwnVote, VoteDirection};
use crate::graphql::schema::plain::Plain;
use crate::graphql::schema::request_state::{RequestState, state};
use crate::service::error::{Error, Result};
use crate::service::films::types as film;
use crate::service::votes::types::Opinion;

/// A film.
pub(in crate::graphql) type Film = Plain<FilmFields>;

/// A film that is told to a subscriber. The error is one of the service's, in the form that async-graphql can copy.
pub(in crate::graphql) type Event = Result<Film, async_graphql::Error>;

/// What a film tells.
pub(in crate::graphql) struct FilmFields {
    film: Arc<film::Film>,
    own_vote: OwnVote,
}

impl From<Arc<film::Film>> for Film {
    fn from(film: Arc<film::Film>) -> Self {
        Self(FilmFields { film, own_vote: OwnVote::unknown() })
    }
}

impl Film {
    /// One of a page.
    pub(super) fn listed(film: Arc<film::Film>, listed: Arc<Listed>) -> Self {
        Self(FilmFields { film, own_vote: OwnVote::OfPage(listed) })
    }

    /// One that the caller is known to have voted for.
    pub(super) fn voted_for(film: Arc<film::Film>, opinion: Opinion) -> Self {
        Self(FilmFields { film, own_vote: OwnVote::known(opinion) })
    }
}

impl RequestState {
    /// What the one root field of a subscription sends.
    pub(in crate::graphql) fn events(&self) -> Result<impl Stream<Item = Event> + use<>> {
        let feed = self.take_feed().ok_or_else(|| Error::internal("a subscription without a feed"))?;
        Ok(unfold(feed, |mut feed| async {
            Some((feed.next().await?.map(Film::from).map_err(Into::into), feed))
        }))
    }

    /// Hands a film out, and names it in the log: the first of the request.
    pub(in crate::graphql) fn hand_out(&self, film: Arc<film::Film>) -> Film {
        self.context.record().film_id.get_or_insert(film.id);
        film.into()
    }
}

/// A film and its votes.
#[Object(name = "Film", serial)]
impl FilmFields {
    /// Its number, in digits: never given to another film.
    pub(in crate::graphql) async fn id(&self) -> ID {
        self.film.id.into()
    }

    async fn name(&self) -> &str {
        &self.film.name
    }

    async fn studio(&self) -> &str {
        &self.film.studio
    }

    /// Null when nobody knows it.
    async fn year(&self) -> Option<i32> {
        self.film.year
    }

    async fn genres(&self) -> Texts<'_> {
        Texts(&self.film.genres)
    }

    /// How many likes it has had.
    async fn likes(&self) -> i64 {
        self.film.likes
    }

    /// How many dislikes it has had.
    async fn dislikes(&self) -> i64 {
        self.film.dislikes
    }

    /// Your own vote for it; null when you have none, or have not signed in.
    async fn my_vote(&self, context: &Context<'_>) -> Result<Option<VoteDirection>> {
        let state = state(context)?;
        // Boxed, so that a film whose vote nobody asks for does not hold the room of queries.
        let opinion = Box::pin(self.own_vote.of(state, self.film.id)).await.unwrap_or_else(|error| {
            // As an error of this field: one that is returned would take the whole film with it.
            let error = error.into_server_error(context.item.pos);
            context.add_error(context.set_error_path(error));
            None
        });
        Ok(opinion.map(Into::into))
    }
}

/// A list of texts, written as a whole: of a list of values each would be resolved as a field of its own is.
pub(in crate::graphql) struct Texts<'a>(&'a [Arc<str>]);

impl OutputType for Texts<'_> {
    fn type_name() -> Cow<'static, str> {
        <Vec<String> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<String> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<String> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::List(self.0.iter().map(|text| Value::from(&**text)).collect()))
    }
}
