//! Accounts, sessions and keys, as they go in and out of this surface.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::PageInfoOut;
use super::json::Members;
use crate::service::Error;
use crate::service::accounts::{
    Account, AccountChange, AccountDraft, ApiKey, KeyDraft, Kind, Me, NewKey, SignIn, SignedIn,
};
use crate::service::caller::Role;
use crate::service::text::moment_text;

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub(super) struct MeOut {
    kind: Kind,
    /// What this credential allows: a key may be worth less than its account.
    role: Role,
    /// The account's name, or the subject of an external issuer; null for an anonymous caller.
    #[schema(required = true)]
    name: Option<String>,
    /// Null for whoever has none here.
    #[schema(required = true)]
    account: Option<AccountOut>,
}

impl From<Me> for MeOut {
    fn from(me: Me) -> Self {
        Self { kind: me.kind, role: me.role, name: me.name, account: me.account.map(Into::into) }
    }
}

/// Somebody who can sign in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountOut {
    /// Its number.
    #[schema(minimum = 0)]
    id: i64,
    /// The name that it signs in with.
    name: String,
    role: Role,
    /// Whether it is out of use: nobody can sign in to it, and its keys rest.
    disabled: bool,
    /// When it was made: RFC 3339, in UTC.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Account> for AccountOut {
    fn from(account: Account) -> Self {
        let Account { id, name, role, is_disabled, created_at } = account;
        Self { id, name, role, disabled: is_disabled, created_at: moment_text(created_at) }
    }
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountPage)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountPageOut {
    /// By name.
    pub accounts: Vec<AccountOut>,
    pub page_info: PageInfoOut,
    /// How many there are, on all pages together.
    pub total_count: u64,
}

/// A new session.
#[derive(Serialize, ToSchema)]
#[schema(as = SignIn)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignedInOut {
    /// To be sent as `Authorization: Bearer`. Told this once.
    token: String,
    /// When it ends: RFC 3339, in UTC.
    #[schema(format = DateTime)]
    expires_at: String,
    account: AccountOut,
}

impl From<SignedIn> for SignedInOut {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            token: signed_in.token.expose_secret().to_owned(),
            expires_at: moment_text(signed_in.expires_at),
            account: signed_in.account.into(),
        }
    }
}

/// A key for a program: without what makes it one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiKeyOut {
    /// Its number.
    #[schema(minimum = 0)]
    id: i64,
    /// The id of the account whose it is.
    #[schema(minimum = 0)]
    account: i64,
    /// What tells it from others.
    name: String,
    /// What it allows, as long as its account may do as much.
    role: Role,
    /// How it begins.
    hint: String,
    /// When it was made: RFC 3339, in UTC.
    #[schema(format = DateTime)]
    created_at: String,
    /// Null when it does not expire.
    #[schema(format = DateTime, required = true)]
    expires_at: Option<String>,
    /// What it has of its own in place of its account's limits, such as `film=20/second`; null where it has nothing.
    #[schema(required = true)]
    limits: Option<String>,
    /// Whether it was taken back, for ever.
    revoked: bool,
}

impl From<ApiKey> for ApiKeyOut {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            account: key.account_id,
            name: key.name,
            role: key.role,
            hint: key.hint,
            created_at: moment_text(key.created_at),
            expires_at: key.expires_at.map(moment_text),
            limits: key.limits,
            revoked: key.is_revoked,
        }
    }
}

/// A page of the keys of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKeyPage)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiKeyPageOut {
    /// The newest first.
    pub keys: Vec<ApiKeyOut>,
    pub page_info: PageInfoOut,
    /// How many there are, on all pages together.
    pub total_count: u64,
}

/// A key that was made just now.
#[derive(Serialize, ToSchema)]
#[schema(as = NewKey)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewKeyOut {
    /// To be sent as `X-API-Key` or `Authorization: Bearer`. Told this once.
    key: String,
    api_key: ApiKeyOut,
}

impl From<NewKey> for NewKeyOut {
    fn from(new: NewKey) -> Self {
        Self { key: new.secret.expose_secret().to_owned(), api_key: new.key.into() }
    }
}

/// A name and its password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input; it is read member by member, so that all faults are told")]
#[schema(as = SignInInput, example = json!({"name": "anna", "password": "correct horse battery"}))]
pub(super) struct SignInIn {
    /// The name of an account.
    name: String,
    /// Its password.
    #[schema(format = Password)]
    password: String,
}

impl SignInIn {
    pub(super) fn read(mut members: Members) -> Result<SignIn, Error> {
        let (name, password) = (members.text("name"), members.secret("password"));
        let sign_in =
            SignIn { name: members.required("name", name), password: members.required("password", password) };
        members.finish().map(|()| sign_in)
    }
}

/// The password of today and the one of tomorrow.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input; it is read member by member, so that all faults are told")]
#[schema(as = ChangePasswordInput, example = json!({"currentPassword": "correct horse battery", "newPassword": "another horse battery"}))]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangePasswordIn {
    /// The password of today.
    #[schema(format = Password)]
    current_password: String,
    /// 12 to 256 characters.
    #[schema(format = Password, min_length = 12, max_length = 256)]
    new_password: String,
}

impl ChangePasswordIn {
    /// The password of today, and the one of tomorrow.
    pub(super) fn read(mut members: Members) -> Result<(SecretString, SecretString), Error> {
        let (current, new) = (members.secret("currentPassword"), members.secret("newPassword"));
        let read = (members.required("currentPassword", current), members.required("newPassword", new));
        members.finish().map(|()| read)
    }
}

/// An account to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input; it is read member by member, so that all faults are told")]
#[schema(as = CreateAccountInput, example = json!({"name": "anna", "role": "editor", "password": "correct horse battery"}))]
pub(super) struct CreateAccountIn {
    /// Letters, digits and the characters `. _ - @ +`.
    #[schema(min_length = 1, max_length = 64, pattern = r"\S")]
    name: String,
    role: Role,
    /// 12 to 256 characters.
    #[schema(format = Password, min_length = 12, max_length = 256)]
    password: String,
}

impl CreateAccountIn {
    pub(super) fn read(mut members: Members) -> Result<AccountDraft, Error> {
        let (name, role) = (members.text("name"), members.role("role"));
        let password = members.secret("password");
        let draft = AccountDraft {
            name: members.required("name", name),
            role: members.required("role", role.map(Some)).unwrap_or(Role::Viewer),
            password: members.required("password", password),
        };
        members.finish().map(|()| draft)
    }
}

/// What is to change; what is not given stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input; it is read member by member, so that all faults are told")]
#[schema(as = UpdateAccountInput, example = json!({"role": "editor"}))]
pub(super) struct UpdateAccountIn {
    /// What it may do from now on.
    role: Option<Role>,
    /// 12 to 256 characters. Ends every session of the account.
    #[schema(format = Password, min_length = 12, max_length = 256)]
    password: Option<String>,
    /// Ends every session of the account; its keys rest.
    disabled: Option<bool>,
}

impl UpdateAccountIn {
    pub(super) fn read(mut members: Members) -> Result<AccountChange, Error> {
        let change = AccountChange {
            role: members.role("role"),
            password: members.secret("password"),
            disabled: members.flag("disabled"),
        };
        members.finish().map(|()| change)
    }
}

/// A key to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input; it is read member by member, so that all faults are told")]
#[schema(as = CreateKeyInput, example = json!({"name": "nightly import", "role": "editor", "expiresAt": "2030-01-31T12:00:00Z"}))]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateKeyIn {
    /// To tell it from others.
    #[schema(min_length = 1, max_length = 64, pattern = r"\S")]
    name: String,
    /// No higher than the account's; the account's where it is not given.
    role: Option<Role>,
    /// Where it is not given, the key does not expire.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Limits of its own in place of its account's, by admins alone: `film=20/second, 1000/hour, browse=50/second`. What it
    /// does not name has the policies of its account, counted for this key.
    limits: Option<String>,
}

impl CreateKeyIn {
    pub(super) fn read(mut members: Members) -> Result<KeyDraft, Error> {
        let name = members.text("name");
        let draft = KeyDraft {
            name: members.required("name", name),
            role: members.role("role"),
            expires_at: members.moment("expiresAt"),
            limits: members.limits("limits"),
        };
        members.finish().map(|()| draft)
    }
}
