//! What a request brings to its resolvers.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, ID};

use crate::graphql::ids::Kind;
use crate::http::context::Context as RequestContext;
use crate::service::FilmService;
use crate::service::accounts::key_owner;
use crate::service::caller::Caller;
use crate::service::error::{Error, FieldFault, Result};
use crate::service::films::types::FilmId;
use crate::service::read_model::topics::Feed;

/// One request to this surface, as its resolvers see it.
pub(in crate::graphql) struct RequestState {
    pub service: Arc<FilmService>,
    pub caller: Caller,
    pub context: Arc<RequestContext>,
    /// What a subscription hears.
    feed: Mutex<Option<Feed>>,
    goes_on: bool,
}

impl RequestState {
    pub(in crate::graphql) fn new(
        service: Arc<FilmService>,
        caller: Caller,
        context: Arc<RequestContext>,
        feed: Option<Feed>,
    ) -> Self {
        Self { service, caller, context, goes_on: feed.is_some(), feed: Mutex::new(feed) }
    }

    /// What the one root field of a subscription hears: to be taken once.
    pub(super) fn take_feed(&self) -> Option<Feed> {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Who asks for a root field: under a key, each is a change of its own.
    pub(in crate::graphql) fn caller_of(&self, context: &Context<'_>) -> Cow<'_, Caller> {
        match &self.caller.once {
            Some(once) => Cow::Owned(self.caller.once(once.part(&context.item.node.response_key().node))),
            None => Cow::Borrowed(&self.caller),
        }
    }

    /// Refuses whoever is nobody any more. A request is over before that matters; a subscription goes on, and what it tells of
    /// the caller alone must end with the credential.
    pub(super) async fn confirm(&self) -> Result<()> {
        if self.goes_on { self.service.accounts().confirm(&self.caller).await } else { Ok(()) }
    }
}

/// The state of this request.
pub(in crate::graphql) fn state<'a>(context: &Context<'a>) -> Result<&'a RequestState> {
    context.data_opt::<RequestState>().ok_or_else(|| Error::internal("a GraphQL request without its state"))
}

/// The id of a film, which the price has checked already.
pub(in crate::graphql) fn film_id(id: &ID) -> Result<FilmId> {
    read_id(Kind::Film, id).map(FilmId)
}

/// An id, which the price has checked already.
pub(in crate::graphql) fn read_id(kind: Kind, id: &ID) -> Result<i64> {
    kind.read(id).ok_or_else(|| Error::InvalidInput(vec![FieldFault::new("/id", kind.must_be())]))
}

/// The account whose keys are meant.
pub(in crate::graphql) fn owner(state: &RequestState, account: Option<ID>) -> Result<i64> {
    key_owner(&state.caller, account.map(|id| read_id(Kind::Account, &id)).transpose()?)
}
