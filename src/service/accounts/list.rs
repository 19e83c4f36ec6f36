//! Accounts and keys, page by page.

use entity::{account, api_key};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::service::accounts::account::{Account, of_row};
use crate::service::accounts::key::{ApiKey, key_owner, of_key};
use crate::service::accounts::service::AccountService;
use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::error::Result;
use crate::service::page::{Cursor, Key, Listed, Only, Page, PageRequest};
use crate::service::policy::authorize;

/// The order of accounts.
const BY_NAME: Only = Only('c', true);
/// The order of keys: the one that was made last comes first.
const NEWEST: Only = Only('k', false);

impl AccountService {
    /// A page of the accounts, by name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who may not see them, [`Error::InvalidInput`] for a negative or too large page, or a cursor
    /// that is not one of this list.
    ///
    /// [`Error::Forbidden`]: crate::service::Error::Forbidden
    /// [`Error::InvalidInput`]: crate::service::Error::InvalidInput
    pub async fn accounts(&self, caller: &Caller, page: PageRequest) -> Result<Listed<Account>> {
        authorize(caller, Action::ManageAccounts)?;
        let page = Page::read(page, BY_NAME, self.max_page)?;
        // No two have the same name.
        let after = page.after.as_ref().map(|after| account::Column::NameKey.gt(after.key.text()));
        let query = account::Entity::find()
            .filter(Condition::all().add_option(after))
            .order_by_asc(account::Column::NameKey)
            .limit(page.limit());
        let rows = self.database.bounded(query.all(&self.database.reader)).await?;
        let entry = |row: account::Model| {
            let cursor = Cursor { sort: BY_NAME, key: Key::Text(row.name_key.clone()), id: row.id };
            Ok((cursor.encode(), of_row(row)?))
        };
        Ok(page.listed(rows.into_iter().map(entry).collect::<Result<_>>()?))
    }

    /// How many accounts there are, on all pages together.
    ///
    /// # Errors
    /// As [`AccountService::accounts`].
    pub async fn count_accounts(&self, caller: &Caller) -> Result<u64> {
        authorize(caller, Action::ManageAccounts)?;
        self.database.bounded(account::Entity::find().count(&self.database.reader)).await
    }

    /// A page of the keys of an account, the newest first: the caller's own, or, for who manages accounts, anybody's.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for who came without a session; [`Error::InvalidInput`] as for accounts.
    ///
    /// [`Error::NotSignedIn`]: crate::service::Error::NotSignedIn
    /// [`Error::InvalidInput`]: crate::service::Error::InvalidInput
    pub async fn keys(&self, caller: &Caller, owner: i64, page: PageRequest) -> Result<Listed<ApiKey>> {
        key_owner(caller, Some(owner))?;
        let page = Page::read(page, NEWEST, self.max_page)?;
        let after = page.after.as_ref().map(|after| api_key::Column::Id.lt(after.id));
        let query = api_key::Entity::find()
            .filter(Condition::all().add(api_key::Column::AccountId.eq(owner)).add_option(after))
            .order_by_desc(api_key::Column::Id)
            .limit(page.limit());
        let rows = self.database.bounded(query.all(&self.database.reader)).await?;
        let entry = |row: api_key::Model| {
            let cursor = Cursor { sort: NEWEST, key: Key::Number(row.id), id: row.id };
            Ok((cursor.encode(), of_key(row)?))
        };
        Ok(page.listed(rows.into_iter().map(entry).collect::<Result<_>>()?))
    }

    /// How many keys the account has, on all pages together.
    ///
    /// # Errors
    /// As [`AccountService::keys`].
    pub async fn count_keys(&self, caller: &Caller, owner: i64) -> Result<u64> {
        key_owner(caller, Some(owner))?;
        let keys = api_key::Entity::find().filter(api_key::Column::AccountId.eq(owner));
        self.database.bounded(keys.count(&self.database.reader)).await
    }
}
