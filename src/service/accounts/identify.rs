//! From a token or a key to a caller: by the database, each time, so that what was revoked is revoked at once.

use entity::{account, api_key, session};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::service::accounts::account::of_row;
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
        let (reader, digest) = (&self.database.reader, || secret::digest(credential));
        let (account, most, by, revoked_at, expires_at) = if secret::is_of(secret::SESSION, credential) {
            let sought = session::Entity::find().filter(session::Column::TokenHash.eq(digest()));
            let found = sought.find_also_related(account::Entity).one(reader);
            let (session, account) = self.database.bounded(found).await?.ok_or(Error::BadCredential)?;
            let by = Credential::Session(session.id);
            (account, Role::Admin, by, session.revoked_at, Some(session.expires_at))
        } else if secret::is_of(secret::KEY, credential) {
            let sought = api_key::Entity::find().filter(api_key::Column::SecretHash.eq(digest()));
            let found = sought.find_also_related(account::Entity).one(reader);
            let (key, account) = self.database.bounded(found).await?.ok_or(Error::BadCredential)?;
            let most = key.role.parse().map_err(Error::internal)?;
            (account, most, Credential::Key(key.id), key.revoked_at, key.expires_at)
        } else {
            return Err(Error::BadCredential);
        };
        let account = of_row(account.ok_or(Error::BadCredential)?)?;
        let has_expired = expires_at.is_some_and(|expires_at| expires_at <= self.clock.now_ms());
        if account.is_disabled || revoked_at.is_some() || has_expired {
            return Err(Error::BadCredential);
        }
        let identity = Identity::Account { id: account.id, name: account.name.into(), by };
        // The account's role of today, and no more than the credential allows.
        Ok(Caller { role: account.role.min(most), identity, origin: None })
    }
}
