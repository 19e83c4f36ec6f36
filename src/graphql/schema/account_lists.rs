//! Accounts and keys, page by page.

use async_graphql::{Context, Object, Result, SimpleObject};

use crate::graphql::schema::account_types::{Account, ApiKey};
use crate::graphql::schema::request_state::state;
use crate::graphql::schema::types::{PageInfo, Total};
use crate::service::accounts;
use crate::service::page::Listed;

/// A page of accounts.
pub(in crate::graphql) struct AccountConnection {
    pub listed: Listed<accounts::Account>,
    pub total: Total,
}

/// A page of accounts (Relay).
#[Object(serial)]
impl AccountConnection {
    async fn edges(&self) -> Vec<AccountEdge> {
        let edge = |(cursor, account): &(String, accounts::Account)| AccountEdge {
            cursor: cursor.clone(),
            node: account.clone().into(),
        };
        self.listed.entries.iter().map(edge).collect()
    }

    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.listed)
    }

    /// How many accounts there are, on all pages together.
    async fn total_count(&self, context: &Context<'_>) -> Result<u64> {
        let state = state(context)?;
        self.total.or_count(state.service.accounts().count_accounts(&state.caller)).await
    }
}

/// An account of a page, with its place in the list.
#[derive(SimpleObject)]
#[graphql(serial)]
struct AccountEdge {
    /// Its place in this list, for `after`.
    cursor: String,
    node: Account,
}

/// A page of keys, and whose they are.
pub(in crate::graphql) struct ApiKeyConnection {
    pub owner: i64,
    pub listed: Listed<accounts::ApiKey>,
    pub total: Total,
}

/// A page of the keys of an account (Relay).
#[Object(serial)]
impl ApiKeyConnection {
    async fn edges(&self) -> Vec<ApiKeyEdge> {
        let edge = |(cursor, key): &(String, accounts::ApiKey)| ApiKeyEdge {
            cursor: cursor.clone(),
            node: key.clone().into(),
        };
        self.listed.entries.iter().map(edge).collect()
    }

    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.listed)
    }

    /// How many keys the account has, on all pages together.
    async fn total_count(&self, context: &Context<'_>) -> Result<u64> {
        let state = state(context)?;
        self.total.or_count(state.service.accounts().count_keys(&state.caller, self.owner)).await
    }
}

/// A key of a page, with its place in the list.
#[derive(SimpleObject)]
#[graphql(serial)]
struct ApiKeyEdge {
    /// Its place in this list, for `after`.
    cursor: String,
    node: ApiKey,
}
