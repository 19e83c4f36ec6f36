//! Keys for programs.

use std::cmp::Reverse;

use entity::{account, api_key};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, DbErr, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::service::accounts::account::{find, of_row};
use crate::service::accounts::secret;
use crate::service::accounts::service::AccountService;
use crate::service::action::Action;
use crate::service::audit::entry::{Entry, Event};
use crate::service::caller::{Caller, Credential, Identity, Role};
use crate::service::database::write::Write;
use crate::service::error::{Error, FieldFault, Result};
use crate::service::policy::{authorize, not_signed_in};
use crate::service::text::{is_plain, is_visible, normal_form};

/// Keys of one account that are in use.
pub const MAX_KEYS: u64 = 50;
/// Keys of one account that are listed, of those that were revoked or have expired.
const MAX_ENDED: u64 = 100;
/// Characters of a name.
const MAX_NAME: usize = 64;

/// A key as the service hands it out: without what makes it one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: i64,
    pub account_id: i64,
    pub name: String,
    pub role: Role,
    /// How the key begins.
    pub hint: String,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// What it has of its own in place of its account's limits: `film=20/second`.
    pub limits: Option<String>,
    pub is_revoked: bool,
}

/// A key that was made just now.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Shown once.
    pub secret: SecretString,
    pub key: ApiKey,
}

/// A key that somebody wants: not yet validated.
#[derive(Debug, Clone)]
pub struct KeyDraft {
    pub name: String,
    /// No higher than the owner's; the owner's where it is not set.
    pub role: Option<Role>,
    /// Milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// What it has of its own in place of its account's limits, in the one form in which that is kept.
    pub limits: Option<String>,
}

impl AccountService {
    /// Makes a key for the account with this id: the caller's own, or, for who manages accounts, anybody's.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for who came without a session: a key makes no keys, unless it is an admin's.
    /// [`Error::Forbidden`] for limits by anybody but an admin. [`Error::InvalidInput`] with every fault.
    /// [`Error::AccountNotFound`].
    pub async fn create_key(&self, caller: &Caller, owner: i64, draft: KeyDraft) -> Result<NewKey> {
        let may = |caller: &Caller| {
            key_owner(caller, Some(owner))?;
            if draft.limits.is_some() { authorize(caller, Action::LimitKey) } else { Ok(()) }
        };
        may(caller)?;
        let now = self.clock.now_ms();
        let name = normal_form(&draft.name);
        let secret = self.secret(secret::KEY);
        let make = async |write: Write| {
            let others = Condition::any().add(account::Column::Id.eq(owner));
            may(&self.identify_again(&*write, caller, others).await?)?;
            let account = of_row(find(&*write, owner).await?)?;
            let role = draft.role.unwrap_or(account.role);
            let mut faults = faults(&name, &draft, now);
            if role > account.role {
                let detail = format!("must not be higher than the account's, which is {}", account.role);
                faults.push(FieldFault::new("/role", detail));
            }
            let of_owner = api_key::Entity::find().filter(api_key::Column::AccountId.eq(owner));
            if of_owner.filter(in_use(now)).count(&*write).await? >= MAX_KEYS {
                let detail = format!("is one too many: an account has at most {MAX_KEYS} keys; revoke one");
                faults.push(FieldFault::new("/name", detail));
            }
            if !faults.is_empty() {
                return write.refuse(Error::InvalidInput(faults)).await;
            }
            let row = api_key::ActiveModel {
                account_id: Set(owner),
                name: Set(name.clone()),
                role: Set(role.to_string()),
                secret_hash: Set(secret::digest(secret.expose_secret())),
                hint: Set(secret::hint(secret.expose_secret())),
                created_at: Set(now),
                expires_at: Set(draft.expires_at),
                revoked_at: Set(None),
                limits: Set(draft.limits.clone()),
                ..Default::default()
            };
            let key = of_key(row.insert(&*write).await?)?;
            let entry = Entry::new(Event::KeyCreated, caller, now).on(target(&key));
            let limits = draft.limits.as_ref().map(|limits| format!(", with {limits}")).unwrap_or_default();
            let said = format!("{role}, for account {} ({}){limits}", account.id, account.name);
            entry.saying(said).commit(write).await?;
            Ok(key)
        };
        let key = self.database.write(make).await?;
        Ok(NewKey { secret, key })
    }

    /// The keys of an account, the newest first, for commands: all that are in use, and of the others the last hundred.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for who came without a session.
    pub async fn all_keys(&self, caller: &Caller, owner: i64) -> Result<Vec<ApiKey>> {
        key_owner(caller, Some(owner))?;
        let of_owner = api_key::Entity::find().filter(api_key::Column::AccountId.eq(owner));
        let in_use = in_use(self.clock.now_ms());
        let ended = of_owner.clone().filter(in_use.clone().not());
        let ended = ended.order_by_desc(api_key::Column::Id).limit(MAX_ENDED);
        let listed = async {
            let mut rows = of_owner.filter(in_use).all(&self.database.reader).await?;
            rows.extend(ended.all(&self.database.reader).await?);
            Ok::<_, DbErr>(rows)
        };
        let mut rows = self.database.bounded(listed).await?;
        rows.sort_by_key(|row| Reverse(row.id));
        rows.into_iter().map(of_key).collect()
    }

    /// One key: the caller's own, or, for who manages accounts, anybody's.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`], also for somebody else's. [`Error::NotSignedIn`] for who came without a session.
    pub async fn key(&self, caller: &Caller, id: i64) -> Result<ApiKey> {
        authorize(caller, Action::UseKeys)?;
        let own = own(caller);
        let is_admin = authorize(caller, Action::ManageAccounts).is_ok();
        let row = self.database.bounded(api_key::Entity::find_by_id(id).one(&self.database.reader)).await?;
        row.filter(|row| is_admin || Some(row.account_id) == own).map_or(Err(Error::KeyNotFound), of_key)
    }

    /// Revokes a key, for every process at once: the caller's own, or, for who manages accounts, anybody's. To revoke it
    /// again changes nothing.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`], also for somebody else's. [`Error::NotSignedIn`] for who came without a session.
    pub async fn revoke_key(&self, caller: &Caller, id: i64) -> Result<ApiKey> {
        let now = self.clock.now_ms();
        authorize(caller, Action::UseKeys)?;
        let revoke = async |write: Write| {
            let caller_now = self.identify_again(&*write, caller, Condition::any()).await?;
            authorize(&caller_now, Action::UseKeys)?;
            let own = own(&caller_now);
            let is_admin = authorize(&caller_now, Action::ManageAccounts).is_ok();
            let row = api_key::Entity::find_by_id(id)
                .lock_exclusive()
                .one(&*write)
                .await?
                .filter(|row| is_admin || Some(row.account_id) == own)
                .ok_or(Error::KeyNotFound)?;
            if row.revoked_at.is_some() {
                write.rollback().await?;
                return of_key(row);
            }
            let mut row: api_key::ActiveModel = row.into();
            row.revoked_at = Set(Some(now));
            let key = of_key(row.update(&*write).await?)?;
            Entry::new(Event::KeyRevoked, caller, now).on(target(&key)).commit(write).await?;
            Ok(key)
        };
        self.database.write(revoke).await
    }
}

/// The account of who signed in.
fn own(caller: &Caller) -> Option<i64> {
    match caller.identity {
        Identity::Account { id, by: Credential::Session(_), .. } => Some(id),
        _ => None,
    }
}

/// The id of the account whose keys are meant, which is the caller's own where none is named: if he may see to them.
///
/// # Errors
/// [`Error::NotSignedIn`] for who came without a session, [`Error::Forbidden`] for somebody else's keys.
pub fn key_owner(caller: &Caller, named: Option<i64>) -> Result<i64> {
    authorize(caller, Action::UseKeys)?;
    let owner = named.or(caller.account_id()).ok_or_else(|| not_signed_in(Action::UseKeys))?;
    if own(caller) != Some(owner) {
        authorize(caller, Action::ManageAccounts)?;
    }
    Ok(owner)
}

/// Neither revoked nor expired.
fn in_use(now: i64) -> Condition {
    let expires_at = api_key::Column::ExpiresAt;
    Condition::all()
        .add(api_key::Column::RevokedAt.is_null())
        .add(Condition::any().add(expires_at.is_null()).add(expires_at.gt(now)))
}

fn faults(name: &str, draft: &KeyDraft, now: i64) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    let length = name.chars().count();
    if !(1..=MAX_NAME).contains(&length) || !name.chars().all(is_plain) || !is_visible(name) {
        let detail = format!("must have 1 to {MAX_NAME} characters that can be seen");
        faults.push(FieldFault::new("/name", detail));
    }
    if draft.expires_at.is_some_and(|expires_at| expires_at <= now) {
        faults.push(FieldFault::new("/expiresAt", "must lie in the future"));
    }
    if draft.limits.as_ref().is_some_and(|limits| limits.contains("login=")) {
        faults.push(FieldFault::new(
            "/limits",
            "must leave out login: whoever has a key tries no password with it",
        ));
    }
    faults
}

/// As the audit names it.
fn target(key: &ApiKey) -> String {
    format!("key {} ({})", key.id, key.hint)
}

pub(super) fn of_key(row: api_key::Model) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row.id,
        account_id: row.account_id,
        role: row.role.parse().map_err(Error::internal)?,
        name: row.name,
        hint: row.hint,
        created_at: row.created_at,
        expires_at: row.expires_at,
        limits: row.limits,
        is_revoked: row.revoked_at.is_some(),
    })
}
