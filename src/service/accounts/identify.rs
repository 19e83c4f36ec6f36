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
        let now = self.now_ms();
        if secret::is_of(secret::SESSION, credential) {
            let look = async {
                Ok(session::Entity::find()
                    .filter(session::Column::TokenHash.eq(secret::digest(credential)))
                    .find_also_related(account::Entity)
                    .one(self.database.reader())
                    .await?)
            };
            let Some((session, Some(account))) = self.database.bounded(look).await? else {
                return Err(Error::BadCredential);
            };
            if session.revoked_at.is_some() || session.expires_at <= now {
                return Err(Error::BadCredential);
            }
            return caller(account, Role::Admin, Credential::Session(session.id));
        }
        if secret::is_of(secret::KEY, credential) {
            let look = async {
                Ok(api_key::Entity::find()
                    .filter(api_key::Column::SecretHash.eq(secret::digest(credential)))
                    .find_also_related(account::Entity)
                    .one(self.database.reader())
                    .await?)
            };
            let Some((key, Some(account))) = self.database.bounded(look).await? else {
                return Err(Error::BadCredential);
            };
            if key.revoked_at.is_some() || key.expires_at.is_some_and(|expires_at| expires_at <= now) {
                return Err(Error::BadCredential);
            }
            let most = key.role.parse().map_err(Error::internal)?;
            return caller(account, most, Credential::Key(key.id));
        }
        Err(Error::BadCredential)
    }
}

/// With the account's role of today, and at most `most`.
fn caller(account: account::Model, most: Role, by: Credential) -> Result<Caller> {
    let account = of_row(account)?;
    if account.is_disabled {
        return Err(Error::BadCredential);
    }
    let identity = Identity::Account { id: account.id, name: account.name.into(), by };
    Ok(Caller { role: account.role.min(most), identity, origin: None })
}
