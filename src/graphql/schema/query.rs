//! Reading.

use async_graphql::{Context, ID, Object};

use crate::graphql::ids::{Kind, read_any};
use crate::graphql::schema::account_lists::{AccountConnection, ApiKeyConnection};
use crate::graphql::schema::account_types::{Account, Me};
use crate::graphql::schema::audit_events::{AuditEventConnection, AuditEventFilter};
use crate::graphql::schema::film::Film;
use crate::graphql::schema::film_connection::FilmConnection;
use crate::graphql::schema::film_groups::FilmGroupConnection;
use crate::graphql::schema::my_votes::VoteConnection;
use crate::graphql::schema::node::{Found, Node};
use crate::graphql::schema::request_state::{film_id, owner, read_id, state};
use crate::graphql::schema::types::{FilmFilter, FilmSort, RateLimit, SortOrder, Total};
use crate::service::error::{Error, Result};
use crate::service::films::filter;
use crate::service::films::types::{FilmId, FilmOrder};
use crate::service::page::PageRequest;

/// The root of queries.
pub(in crate::graphql) struct Query;

/// Reading. What is not there is null.
#[Object]
impl Query {
    /// A film chosen uniformly at random among those that match and are not excluded; null when none is left.
    async fn random_film(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Among which films; all of them when nothing is said.")] filter: Option<FilmFilter>,
        #[graphql(desc = "Films that are left out, at most 1,000.")] exclude: Option<Vec<ID>>,
        #[graphql(desc = "Whether films that you have voted for are left out, of who has signed in.")]
        unseen: Option<bool>,
    ) -> Result<Option<Film>> {
        let state = state(context)?;
        let exclude = exclude.unwrap_or_default().iter().map(film_id).collect::<Result<Vec<_>>>()?;
        let filter = filter.unwrap_or_default().into();
        let unseen = unseen.unwrap_or_default();
        let film = state.service.random_film(&state.caller, &filter, &exclude, unseen).await;
        Ok(found(film)?.map(|film| state.hand_out(film)))
    }

    /// The film with this id; null when there is none.
    async fn film(&self, context: &Context<'_>, id: ID) -> Result<Option<Film>> {
        let state = state(context)?;
        let film = found(state.service.film(&state.caller, film_id(&id)?).await)?;
        Ok(film.map(|film| state.hand_out(film)))
    }

    /// What has this id, whatever it is; null when there is nothing. It needs the rights, and has the price, of the field that
    /// reads such things.
    async fn node(&self, context: &Context<'_>, id: ID) -> Result<Option<Found>> {
        let state = state(context)?;
        let accounts = state.service.accounts();
        match read_any(&id) {
            Some((Kind::Film, id)) => {
                let film = found(state.service.film(&state.caller, FilmId(id)).await)?;
                Ok(film.map(|film| Found(Node::Film(state.hand_out(film).0))))
            }
            Some((Kind::Account, id)) => {
                let account = found(accounts.account(&state.caller, id).await)?;
                Ok(account.map(|account| Found(Node::Account(account.into()))))
            }
            Some((Kind::Key, id)) => {
                let key = found(accounts.key(&state.caller, id).await)?;
                Ok(key.map(|key| Found(Node::ApiKey(key.into()))))
            }
            Some((Kind::Event, id)) => {
                let event = state.service.audit_event(&state.caller, id).await?;
                Ok(event.map(|event| Found(Node::AuditEvent(event.into()))))
            }
            None => Ok(None),
        }
    }

    /// A page of the films that match: the first 20 when nothing is said.
    #[expect(
        clippy::too_many_arguments,
        reason = "the four arguments of a Relay connection, filter, order and seed"
    )]
    async fn films(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which films; all of them when nothing is said.")] filter: Option<FilmFilter>,
        #[graphql(
            desc = "What the list is sorted by: RELEVANCE when nothing is said and the filter has a text, otherwise NAME."
        )]
        sort: Option<FilmSort>,
        #[graphql(desc = "The direction of the list: when nothing is said, the one of its sort.")]
        order: Option<SortOrder>,
        #[graphql(
            desc = "What a SHUFFLED list is put in order by, 1 to 64 characters: the same list for the same seed and films. A random one when nothing is said; the cursors keep it."
        )]
        seed: Option<String>,
        #[graphql(
            desc = "How many films, from the start of the list: at most graphql.max_page of the server, 100 unless configured otherwise."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only films after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "How many films, from the end of the list, under the same limit as first and not together with it."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only films before this cursor.")] before: Option<String>,
    ) -> Result<FilmConnection> {
        let state = state(context)?;
        let page = PageRequest { first: first.map(i64::from), after, last: last.map(i64::from), before };
        let filter: filter::FilmFilter = filter.unwrap_or_default().into();
        let descends = order.map(|order| order == SortOrder::Desc);
        let order = FilmOrder::asked(sort.map(Into::into), descends, filter.text.is_some());
        let page = state.service.films(&state.caller, &filter, order, seed.as_deref(), page).await?;
        Ok(FilmConnection::new(page, filter))
    }

    /// The genres, each with the number of its films, by name.
    async fn genres(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, from the start of the list, under the limit of films.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only genres after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end of the list, and not together with first.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only genres before this cursor.")] before: Option<String>,
    ) -> Result<FilmGroupConnection> {
        let state = state(context)?;
        let page = PageRequest { first: first.map(i64::from), after, last: last.map(i64::from), before };
        Ok(FilmGroupConnection(state.service.genres(&state.caller, page).await?))
    }

    /// The studios, each with the number of its films, by name.
    async fn studios(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, from the start of the list, under the limit of films.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only studios after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end of the list, and not together with first.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only studios before this cursor.")] before: Option<String>,
    ) -> Result<FilmGroupConnection> {
        let state = state(context)?;
        let page = PageRequest { first: first.map(i64::from), after, last: last.map(i64::from), before };
        Ok(FilmGroupConnection(state.service.studios(&state.caller, page).await?))
    }

    /// Your own votes, the latest first, of who has signed in: the first 20 when nothing is said.
    async fn my_votes(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many votes: at most graphql.max_page of the server, 100 unless configured otherwise."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only votes after this cursor: older ones.")] after: Option<String>,
    ) -> Result<VoteConnection> {
        let state = state(context)?;
        let page = PageRequest { first: first.map(i64::from), after, ..PageRequest::default() };
        let listed = state.service.my_votes(&state.caller, None, page).await?;
        Ok(VoteConnection { listed, total: Total::default() })
    }

    /// Who you are to this server. Asking is free.
    async fn me(&self, context: &Context<'_>) -> Result<Me> {
        let state = state(context)?;
        Ok(state.service.accounts().me(&state.caller).await?.into())
    }

    /// The accounts, by name, for admins: the first 20 when nothing is said.
    async fn accounts(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many accounts: at most graphql.max_page of the server, 100 unless configured otherwise."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only accounts after this cursor.")] after: Option<String>,
    ) -> Result<AccountConnection> {
        let state = state(context)?;
        let page = PageRequest { first: first.map(i64::from), after, ..PageRequest::default() };
        let listed = state.service.accounts().accounts(&state.caller, page).await?;
        Ok(AccountConnection { listed, total: Total::default() })
    }

    /// The account with this id; null when there is none.
    async fn account(&self, context: &Context<'_>, id: ID) -> Result<Option<Account>> {
        let state = state(context)?;
        let account = state.service.accounts().account(&state.caller, read_id(Kind::Account, &id)?).await;
        Ok(found(account)?.map(Into::into))
    }

    /// The keys of an account, the newest first: the first 20 when nothing is said.
    async fn keys(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose keys, for an admin; your own where it is not given.")] account: Option<ID>,
        #[graphql(
            desc = "How many keys: at most graphql.max_page of the server, 100 unless configured otherwise."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only keys after this cursor: older ones.")] after: Option<String>,
    ) -> Result<ApiKeyConnection> {
        let state = state(context)?;
        let owner = owner(state, account)?;
        let page = PageRequest { first: first.map(i64::from), after, ..PageRequest::default() };
        let listed = state.service.accounts().keys(&state.caller, owner, page).await?;
        Ok(ApiKeyConnection { owner, listed, total: Total::default() })
    }

    /// Security events, the newest first, for admins: the first 20 when nothing is said. Refusals are sampled: of those that
    /// are alike, the first of a minute is an event at once, and the number of the others is one more when the minute is
    /// over.
    async fn audit_events(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many events: at most graphql.max_page of the server, 100 unless configured otherwise."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only events after this cursor: older ones.")] after: Option<String>,
        #[graphql(desc = "Which events; all of them when nothing is said.")] filter: Option<AuditEventFilter>,
    ) -> Result<AuditEventConnection> {
        let state = state(context)?;
        let page = PageRequest { first: first.map(i64::from), after, ..PageRequest::default() };
        let filter = filter.unwrap_or_default().into();
        let listed = state.service.audit_events(&state.caller, &filter, page).await?;
        Ok(AuditEventConnection { listed, filter, total: Total::default() })
    }

    /// Your own quotas. Asking is free.
    async fn rate_limit(&self, context: &Context<'_>) -> Result<RateLimit> {
        let state = state(context)?;
        let standings = state.context.standings().await;
        Ok(RateLimit { limits: standings.into_iter().map(Into::into).collect() })
    }
}

/// A read that finds nothing is null.
fn found<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(
            Error::FilmNotFound
            | Error::NoFilm
            | Error::NoUnseenFilm
            | Error::AccountNotFound
            | Error::KeyNotFound,
        ) => Ok(None),
        Err(error) => Err(error),
    }
}
