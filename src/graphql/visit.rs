//! What a request brings to its resolvers.

use std::sync::Arc;

use async_graphql::{Context, ID};

use super::types::Film;
use crate::limits::Limiter;
use crate::middleware::Call;
use crate::service::Hall;
use crate::service::caller::Caller;
use crate::service::error::{Error, FieldFault, Result};
use crate::service::film::{self, FilmId};

/// One request to this door, as its resolvers see it.
pub(super) struct Visit {
    pub hall: Arc<Hall>,
    pub limiter: Arc<Limiter>,
    pub caller: Caller,
    pub call: Arc<Call>,
}

impl Visit {
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

/// The id, which the price has checked already.
pub(super) fn film_id(id: &ID) -> Result<FilmId> {
    FilmId::parse(id).ok_or_else(|| {
        Error::InvalidInput(vec![FieldFault::new("/id", "must be the id of a film, in digits")])
    })
}
