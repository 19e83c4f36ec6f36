//! From a token or a key to a caller: by the database, each time, so that what was revoked is revoked at once.

use entity::{account, api_key, session};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use crate::service::accounts::account::{lock, of_row};
use crate::service::accounts::secret;
use crate::service::accounts::service::AccountService;
use crate::service::caller::{Caller, Credential, Identity, Role};
use crate::service::error::{Error, Result};

impl AccountService {
    /// Whether the text has the form of a session token or of a key of ours.
    #[must_use]
    pub fn is_ours(credential: &str) -> bool {
        credential.starts_with(secret::SESSION) || credential.starts_with(secret::KEY)
    }

    /// Whether the text has the form of a key.
    #[must_use]
    pub fn is_key(credential: &str) -> bool {
        credential.starts_with(secret::KEY)
    }

    /// The caller behind a session token or a key.
    ///
    /// # Errors
    /// [`Error::BadCredential`] for one that is unknown, expired, revoked, or of a disabled account.
    pub async fn identify(&self, credential: &str) -> Result<Caller> {
        let digest = || secret::digest(credential);
        let found = async {
            if secret::is_of(secret::SESSION, credential) {
                self.by_session(&self.database.reader, session::Column::TokenHash.eq(digest())).await
            } else if secret::is_of(secret::KEY, credential) {
                self.by_key(&self.database.reader, api_key::Column::SecretHash.eq(digest())).await
            } else {
                Err(Error::BadCredential)
            }
        };
        self.database.bounded(found).await
    }

    /// Refuses a caller whose credential was worth something when they came, and is not any more.
    ///
    /// # Errors
    /// [`Error::BadCredential`].
    pub async fn confirm(&self, caller: &Caller) -> Result<()> {
        self.database.bounded(self.as_of_now(&self.database.reader, caller)).await.map(drop)
    }

    /// The caller as a write finds them: what was true when the request came may have been changed since. The rows of
    /// the caller and of `others` are locked at once, so that of two who change each other the second finds what the
    /// first has left of their rights.
    ///
    /// # Errors
    /// [`Error::BadCredential`] when the credential is worth nothing any more.
    pub(super) async fn identify_again(
        &self,
        write: &impl ConnectionTrait,
        caller: &Caller,
        others: Condition,
    ) -> Result<Caller> {
        lock(write, others.add(account::Column::Id.is_in(caller.account_id()))).await?;
        let found = self.as_of_now(write, caller).await?;
        Ok(Caller { origin: caller.origin.clone(), ..found })
    }

    async fn as_of_now(&self, database: &impl ConnectionTrait, caller: &Caller) -> Result<Caller> {
        match caller.identity {
            Identity::Account { by: Credential::Session(id), .. } => {
                self.by_session(database, session::Column::Id.eq(id)).await
            }
            Identity::Account { by: Credential::Key(id), .. } => {
                self.by_key(database, api_key::Column::Id.eq(id)).await
            }
            Identity::External { expires_at, .. } if expires_at <= self.clock.now_ms() => {
                Err(Error::BadCredential)
            }
            Identity::Anonymous | Identity::Operator | Identity::External { .. } => Ok(caller.clone()),
        }
    }

    async fn by_session(&self, database: &impl ConnectionTrait, which: Expr) -> Result<Caller> {
        let sought = session::Entity::find().filter(which).find_also_related(account::Entity);
        let (session, account) = sought.one(database).await?.ok_or(Error::BadCredential)?;
        let by = Credential::Session(session.id);
        self.caller(account, Role::Admin, by, None, session.revoked_at, Some(session.expires_at))
    }

    async fn by_key(&self, database: &impl ConnectionTrait, which: Expr) -> Result<Caller> {
        let sought = api_key::Entity::find().filter(which).find_also_related(account::Entity);
        let (key, account) = sought.one(database).await?.ok_or(Error::BadCredential)?;
        let most = key.role.parse().map_err(Error::internal)?;
        self.caller(account, most, Credential::Key(key.id), key.limits, key.revoked_at, key.expires_at)
    }

    /// `most`: what the credential allows.
    fn caller(
        &self,
        account: Option<account::Model>,
        most: Role,
        by: Credential,
        limits: Option<String>,
        revoked_at: Option<i64>,
        expires_at: Option<i64>,
    ) -> Result<Caller> {
        let account = of_row(account.ok_or(Error::BadCredential)?)?;
        let has_expired = expires_at.is_some_and(|expires_at| expires_at <= self.clock.now_ms());
        if account.is_disabled || revoked_at.is_some() || has_expired {
            return Err(Error::BadCredential);
        }
        let identity = Identity::Account {
            id: account.id,
            name: account.name.into(),
            role: account.role,
            by,
            limits: limits.map(Into::into),
        };
        // The account's role of today, and no more than the credential allows.
        Ok(Caller { role: account.role.min(most), identity, origin: None, once: None })
    }
}
