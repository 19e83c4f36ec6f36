//! One event.

use std::fmt;

use entity::audit_event;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, DbErr, Set};

use super::super::caller::Caller;
use super::super::database::Database;
use super::super::error::Result;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    SignedIn,
    SignInFailed,
    SignedOut,
    PasswordChanged,
    AccountCreated,
    RoleChanged,
    AccountDisabled,
    AccountEnabled,
    KeyCreated,
    KeyRevoked,
    FilmAdded,
    FilmChanged,
    FilmRemoved,
}

impl Event {
    /// Its name in the table and in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::PasswordChanged => "password_changed",
            Self::AccountCreated => "account_created",
            Self::RoleChanged => "role_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::KeyCreated => "key_created",
            Self::KeyRevoked => "key_revoked",
            Self::FilmAdded => "film_added",
            Self::FilmChanged => "film_changed",
            Self::FilmRemoved => "film_removed",
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An event, as it is kept and told.
#[derive(Debug, Clone)]
pub struct Entry {
    event: Event,
    /// Milliseconds since the Unix epoch.
    at: i64,
    actor: String,
    client: Option<String>,
    door: &'static str,
    request_id: Option<String>,
    target: Option<String>,
    detail: Option<String>,
}

impl Entry {
    /// What the caller did. `at`: milliseconds since the Unix epoch.
    #[must_use]
    pub fn new(event: Event, caller: &Caller, at: i64) -> Self {
        let origin = caller.origin.as_ref();
        Self {
            event,
            at,
            actor: caller.name(),
            client: origin.map(|origin| origin.client().to_string()),
            door: origin.map_or("command", |origin| origin.door()),
            request_id: origin.map(|origin| origin.request_id()),
            target: None,
            detail: None,
        }
    }

    /// What it was done to, such as `film 5`.
    #[must_use]
    pub fn on(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// What there is to say besides. Never a secret.
    #[must_use]
    pub fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Writes it, in the transaction of what it tells.
    pub(in crate::service) async fn record(&self, database: &impl ConnectionTrait) -> Result<(), DbErr> {
        let row = audit_event::ActiveModel {
            at: Set(self.at),
            event: Set(self.event.name().to_owned()),
            actor: Set(self.actor.clone()),
            client: Set(self.client.clone()),
            door: Set(self.door.to_owned()),
            request_id: Set(self.request_id.clone()),
            target: Set(self.target.clone()),
            detail: Set(self.detail.clone()),
            ..Default::default()
        };
        row.insert(database).await.map(drop)
    }

    /// Tells it to the log: once it is committed.
    pub(in crate::service) fn tell(&self) {
        tracing::info!(
            target: "filmgate::audit",
            event = self.event.name(),
            actor = self.actor,
            client = self.client,
            door = self.door,
            request_id = self.request_id,
            on = self.target,
            detail = self.detail,
        );
    }

    /// Keeps and tells what changed nothing, such as a refusal. A database that fails does not keep it from being told.
    pub(in crate::service) async fn keep(&self, database: &Database) {
        let keeping = async {
            let write = database.begin_write().await?;
            self.record(&*write).await?;
            write.commit().await.map(drop)
        };
        if let Err(error) = database.bounded_write(Box::pin(keeping)).await {
            tracing::warn!(%error, "an audit event could not be kept");
        }
        self.tell();
    }
}
