//! Changing. Nullable throughout, so that one refused field does not hide what another did.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::graphql::ids::Kind;
use crate::graphql::schema::account_types::{
    Account, ApiKey, ChangePasswordInput, CreateAccountInput, CreateKeyInput, NewKey, SignIn, SignInInput,
    UpdateAccountInput,
};
use crate::graphql::schema::film::Film;
use crate::graphql::schema::request_state::{film_id, owner, read_id, state};
use crate::graphql::schema::types::{AddFilmInput, UpdateFilmInput};
use crate::service::error::Result;

/// The root of mutations.
pub(in crate::graphql) struct Mutation;

/// Changing. A field that fails is null, and does not hide what another one did; they run one after the other. What is refused
/// for its right or its price refuses the whole document.
#[Object]
impl Mutation {
    /// Records a like; the film with its new counts.
    async fn like(&self, context: &Context<'_>, id: ID) -> Result<Option<Film>> {
        let state = state(context)?;
        let film = state.service.like(&state.caller_of(context), film_id(&id)?).await?;
        Ok(Some(state.hand_out(film)))
    }

    /// Records a dislike; the film with its new counts.
    async fn dislike(&self, context: &Context<'_>, id: ID) -> Result<Option<Film>> {
        let state = state(context)?;
        let film = state.service.dislike(&state.caller_of(context), film_id(&id)?).await?;
        Ok(Some(state.hand_out(film)))
    }

    /// Adds a film.
    async fn add_film(&self, context: &Context<'_>, input: AddFilmInput) -> Result<Option<Film>> {
        let state = state(context)?;
        let film = state.service.add_film(&state.caller_of(context), input.into()).await?;
        Ok(Some(state.hand_out(film)))
    }

    /// Takes back your vote for a film, of who has signed in; the film with its new counts.
    async fn remove_vote(&self, context: &Context<'_>, id: ID) -> Result<Option<Film>> {
        let state = state(context)?;
        let film = state.service.remove_vote(&state.caller_of(context), film_id(&id)?).await?;
        Ok(Some(state.hand_out(film)))
    }

    /// Changes a film; its votes stay.
    async fn update_film(
        &self,
        context: &Context<'_>,
        id: ID,
        input: UpdateFilmInput,
    ) -> Result<Option<Film>> {
        let state = state(context)?;
        let film = state.service.update_film(&state.caller_of(context), film_id(&id)?, input.into()).await?;
        Ok(Some(state.hand_out(film)))
    }

    /// Removes a film with all its votes; the film as it was.
    async fn remove_film(&self, context: &Context<'_>, id: ID) -> Result<Option<Film>> {
        let state = state(context)?;
        let film = state.service.remove_film(&state.caller_of(context), film_id(&id)?).await?;
        Ok(Some(state.hand_out(Arc::new(film))))
    }

    /// Opens a session. One such field, or changePassword, is all that a request may have.
    async fn sign_in(&self, context: &Context<'_>, input: SignInInput) -> Result<Option<SignIn>> {
        let state = state(context)?;
        Ok(Some(state.service.accounts().sign_in(&state.caller, input.into()).await?.into()))
    }

    /// Ends the session that this request came with, at once and everywhere.
    async fn sign_out(&self, context: &Context<'_>) -> Result<Option<bool>> {
        let state = state(context)?;
        state.service.accounts().sign_out(&state.caller).await?;
        Ok(Some(true))
    }

    /// Changes your own password, and ends all your other sessions.
    async fn change_password(
        &self,
        context: &Context<'_>,
        input: ChangePasswordInput,
    ) -> Result<Option<bool>> {
        let state = state(context)?;
        let (current, new) = input.into_secrets();
        state.service.accounts().change_password(&state.caller, current, new).await?;
        Ok(Some(true))
    }

    /// Makes an account.
    async fn create_account(
        &self,
        context: &Context<'_>,
        input: CreateAccountInput,
    ) -> Result<Option<Account>> {
        let state = state(context)?;
        Ok(Some(state.service.accounts().create_account(&state.caller, input.into()).await?.into()))
    }

    /// Changes role or password of an account, or whether it can be used.
    async fn update_account(
        &self,
        context: &Context<'_>,
        id: ID,
        input: UpdateAccountInput,
    ) -> Result<Option<Account>> {
        let state = state(context)?;
        let id = read_id(Kind::Account, &id)?;
        Ok(Some(state.service.accounts().update_account(&state.caller, id, input.into()).await?.into()))
    }

    /// Makes a key, which is told this once.
    async fn create_key(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose key, for an admin; your own where it is not given.")] account: Option<ID>,
        input: CreateKeyInput,
    ) -> Result<Option<NewKey>> {
        let state = state(context)?;
        let owner = owner(state, account)?;
        Ok(Some(state.service.accounts().create_key(&state.caller, owner, input.into_draft()?).await?.into()))
    }

    /// Revokes a key, at once and everywhere.
    async fn revoke_key(&self, context: &Context<'_>, id: ID) -> Result<Option<ApiKey>> {
        let state = state(context)?;
        Ok(Some(state.service.accounts().revoke_key(&state.caller, read_id(Kind::Key, &id)?).await?.into()))
    }
}
