//! Accounts, sessions and keys, as they go in and out of this surface.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use secrecy::{ExposeSecret as _, SecretString};

use crate::graphql::ids::Kind;
use crate::graphql::schema::date_time::DateTime;
use crate::limits::OwnLimits;
use crate::service::accounts::{self, AccountChange, AccountDraft, KeyDraft, SignedIn};
use crate::service::error::{Error, FieldFault, Result};

/// What a caller may do. Each role includes the ones before it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "crate::service::caller::Role")]
pub(in crate::graphql) enum Role {
    /// Reads.
    Viewer,
    /// Votes.
    Voter,
    /// Adds films.
    Editor,
    /// Changes and removes films, and manages accounts.
    Admin,
}

/// By what somebody is known.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "accounts::Kind")]
pub(in crate::graphql) enum MeKind {
    /// Without a credential.
    Anonymous,
    /// By a session or a key of an account.
    Account,
    /// By a token of an external issuer.
    External,
}

/// The caller.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct Me {
    kind: MeKind,
    /// What this credential allows: a key may be worth less than its account.
    role: Role,
    /// The account's name, or the subject of an external issuer; null for an anonymous caller.
    name: Option<String>,
    account: Option<Account>,
}

impl From<accounts::Me> for Me {
    fn from(me: accounts::Me) -> Self {
        Self {
            kind: me.kind.into(),
            role: me.role.into(),
            name: me.name,
            account: me.account.map(Into::into),
        }
    }
}

/// Somebody who can sign in.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct Account {
    #[graphql(owned)]
    pub(in crate::graphql) id: ID,
    name: String,
    role: Role,
    /// Whether it is out of use: nobody can sign in to it, and its keys rest.
    disabled: bool,
    created_at: DateTime,
}

impl From<accounts::Account> for Account {
    fn from(account: accounts::Account) -> Self {
        Self {
            id: Kind::Account.write(account.id),
            name: account.name,
            role: account.role.into(),
            disabled: account.is_disabled,
            created_at: DateTime(account.created_at),
        }
    }
}

/// A new session.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct SignIn {
    /// To be sent as `Authorization: Bearer`. Told this once.
    token: String,
    expires_at: DateTime,
    account: Account,
}

impl From<SignedIn> for SignIn {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            token: signed_in.token.expose_secret().to_owned(),
            expires_at: DateTime(signed_in.expires_at),
            account: signed_in.account.into(),
        }
    }
}

/// A key for a program: without what makes it one.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct ApiKey {
    #[graphql(owned)]
    pub(in crate::graphql) id: ID,
    /// The id of the account whose it is.
    account: ID,
    name: String,
    /// What it allows, as long as its account may do as much.
    role: Role,
    /// How it begins.
    hint: String,
    created_at: DateTime,
    /// Null when it does not expire.
    expires_at: Option<DateTime>,
    /// What it has of its own in place of its account's limits, such as `film=20/second`; null where it has nothing.
    limits: Option<String>,
    revoked: bool,
}

impl From<accounts::ApiKey> for ApiKey {
    fn from(key: accounts::ApiKey) -> Self {
        Self {
            id: Kind::Key.write(key.id),
            account: Kind::Account.write(key.account_id),
            name: key.name,
            role: key.role.into(),
            hint: key.hint,
            created_at: DateTime(key.created_at),
            expires_at: key.expires_at.map(DateTime),
            limits: key.limits,
            revoked: key.is_revoked,
        }
    }
}

/// A key that was made just now.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct NewKey {
    /// To be sent as `X-API-Key` or `Authorization: Bearer`. Told this once.
    key: String,
    api_key: ApiKey,
}

impl From<accounts::NewKey> for NewKey {
    fn from(new: accounts::NewKey) -> Self {
        Self { key: new.secret.expose_secret().to_owned(), api_key: new.key.into() }
    }
}

/// A name and its password.
#[derive(InputObject)]
pub(in crate::graphql) struct SignInInput {
    name: String,
    password: String,
}

impl From<SignInInput> for accounts::SignIn {
    fn from(input: SignInInput) -> Self {
        Self { name: input.name, password: input.password.into() }
    }
}

/// The password of today and the one of tomorrow.
#[derive(InputObject)]
pub(in crate::graphql) struct ChangePasswordInput {
    current_password: String,
    /// 12 to 256 characters.
    new_password: String,
}

impl ChangePasswordInput {
    pub(in crate::graphql) fn into_secrets(self) -> (SecretString, SecretString) {
        (self.current_password.into(), self.new_password.into())
    }
}

/// An account to make.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateAccountInput {
    /// 1 to 64 letters, digits and the characters `. _ - @ +`.
    name: String,
    role: Role,
    /// 12 to 256 characters.
    password: String,
}

impl From<CreateAccountInput> for AccountDraft {
    fn from(input: CreateAccountInput) -> Self {
        Self { name: input.name, role: input.role.into(), password: input.password.into() }
    }
}

/// What is to change; what is not given stays.
#[derive(InputObject)]
pub(in crate::graphql) struct UpdateAccountInput {
    role: Option<Role>,
    /// Ends every session of the account.
    password: Option<String>,
    /// Ends every session of the account; its keys rest.
    disabled: Option<bool>,
}

impl From<UpdateAccountInput> for AccountChange {
    fn from(input: UpdateAccountInput) -> Self {
        Self {
            role: input.role.map(Into::into),
            password: input.password.map(Into::into),
            disabled: input.disabled,
        }
    }
}

/// A key to make.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateKeyInput {
    /// 1 to 64 characters, to tell it from others.
    name: String,
    /// No higher than the account's; the account's where it is not given.
    role: Option<Role>,
    /// Where it is not given, the key does not expire.
    expires_at: Option<DateTime>,
    /// Limits of its own in place of its account's, by admins alone: `film=20/second, 1000/hour, browse=50/second`. What it
    /// does not name has the policies of its account, counted for this key.
    limits: Option<String>,
}

impl CreateKeyInput {
    pub(in crate::graphql) fn into_draft(self) -> Result<KeyDraft> {
        let read = |limits: String| {
            let read = limits.parse().map(|limits: OwnLimits| limits.to_string());
            read.map_err(|error| FieldFault::new("/limits", error.to_string()))
        };
        Ok(KeyDraft {
            name: self.name,
            role: self.role.map(Into::into),
            expires_at: self.expires_at.map(|moment| moment.0),
            limits: self.limits.map(read).transpose().map_err(|fault| Error::InvalidInput(vec![fault]))?,
        })
    }
}
