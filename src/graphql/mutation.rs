//! Changing. Nullable throughout, so that one refused field does not hide what another did.

use async_graphql::{Context, ID, Object};

use super::types::{AddFilmInput, Film};
use super::visit::{film_id, visit};
use crate::service::error::Result;

/// The root of mutations.
pub(super) struct Mutation;

#[Object]
impl Mutation {
    /// Records a like; the film with its new counts.
    async fn like(&self, context: &Context<'_>, id: ID) -> Result<Option<Film>> {
        let visit = visit(context)?;
        let film = visit.hall.like(&visit.caller, film_id(&id)?).await?;
        Ok(Some(visit.hand_out(film)))
    }

    /// Records a dislike; the film with its new counts.
    async fn dislike(&self, context: &Context<'_>, id: ID) -> Result<Option<Film>> {
        let visit = visit(context)?;
        let film = visit.hall.dislike(&visit.caller, film_id(&id)?).await?;
        Ok(Some(visit.hand_out(film)))
    }

    /// Adds a film.
    async fn add_film(&self, context: &Context<'_>, input: AddFilmInput) -> Result<Option<Film>> {
        let visit = visit(context)?;
        let film = visit.hall.add_film(&visit.caller, input.into()).await?;
        Ok(Some(visit.hand_out(film)))
    }
}
