//! One event.

use entity::audit_event;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, Set,
};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

use crate::service::caller::{Caller, Origin};
use crate::service::database::write::{Turn, Write};
use crate::service::error;

/// What can happen.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantNames, ToSchema,
)]
#[schema(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_fn = unknown_event, parse_err_ty = UnknownEvent)]
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
    FilmsImported,
    /// A credential that is not one was shown.
    CredentialRefused,
    /// A role did not allow what was asked for.
    RightRefused,
    /// A budget was used up.
    QuotaRefused,
}

impl Event {
    /// Its name in the table and in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A word that names no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is the name of no event; there are {}", Event::VARIANTS.join(", "))]
pub struct UnknownEvent;

fn unknown_event(_: &str) -> UnknownEvent {
    UnknownEvent
}

/// What somebody was refused.
#[derive(Debug)]
pub struct Refusal<'a> {
    pub event: Event,
    /// Who asked, if he showed a credential that is good.
    pub actor: Option<&'a str>,
    pub origin: Option<&'a dyn Origin>,
    /// What was at stake.
    pub target: Option<String>,
    /// For people. Never a secret.
    pub detail: Option<&'a str>,
}

/// An event, as it is kept and told.
#[derive(Debug, Clone)]
pub struct Entry {
    event: Event,
    /// Milliseconds since the Unix epoch.
    at: i64,
    actor: String,
    client: Option<String>,
    surface: &'static str,
    request_id: Option<String>,
    target: Option<String>,
    detail: Option<String>,
}

impl Entry {
    /// What the caller did. `at`: milliseconds since the Unix epoch.
    #[must_use]
    pub fn new(event: Event, caller: &Caller, at: i64) -> Self {
        Self::by(caller.name(), caller.origin.as_deref(), event, at)
    }

    fn by(actor: String, origin: Option<&dyn Origin>, event: Event, at: i64) -> Self {
        Self {
            event,
            at,
            actor,
            client: origin.map(|origin| origin.client().to_string()),
            surface: origin.map_or("command", Origin::surface),
            request_id: origin.map(Origin::request_id),
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

    /// Writes it, in the transaction of what it tells; the id of its row.
    pub(in crate::service) async fn record(&self, database: &impl ConnectionTrait) -> Result<i64, DbErr> {
        let row = audit_event::ActiveModel {
            at: Set(self.at),
            event: Set(self.event.name().to_owned()),
            actor: Set(self.actor.clone()),
            client: Set(self.client.clone()),
            surface: Set(self.surface.to_owned()),
            request_id: Set(self.request_id.clone()),
            target: Set(self.target.clone()),
            detail: Set(self.detail.clone()),
            ..Default::default()
        };
        row.insert(database).await.map(|row| row.id)
    }

    /// Says of what goes on how far it has come, in the row that was written when it began; the id of that, which is
    /// written now if it has just begun.
    pub(in crate::service) async fn record_in(
        &self,
        row: Option<i64>,
        database: &impl ConnectionTrait,
    ) -> Result<i64, DbErr> {
        let Some(id) = row else { return self.record(database).await };
        audit_event::Entity::update_many()
            .col_expr(audit_event::Column::Detail, Expr::value(self.detail.clone()))
            .filter(audit_event::Column::Id.eq(id))
            .exec(database)
            .await?;
        Ok(id)
    }

    /// Records it, commits the write that it tells of, and tells it to the log.
    ///
    /// # Errors
    /// As [`Write::commit`].
    pub(in crate::service) async fn commit(&self, write: Write) -> error::Result<Turn> {
        self.record(&*write).await?;
        let turn = write.commit().await?;
        self.tell();
        Ok(turn)
    }

    /// Tells it to the log: once it is committed.
    pub(in crate::service) fn tell(&self) {
        tracing::info!(
            target: "filmgate::audit",
            event = self.event.name(),
            actor = self.actor,
            client = self.client,
            surface = self.surface,
            request_id = self.request_id,
            on = self.target,
            detail = self.detail,
        );
    }

    /// What somebody was refused. `at`: milliseconds since the Unix epoch.
    pub(super) fn of_refusal(refusal: Refusal<'_>, at: i64) -> Self {
        let Refusal { event, actor, origin, target, detail } = refusal;
        let entry = Self::by(actor.unwrap_or("anonymous").to_owned(), origin, event, at);
        Self { target, detail: detail.map(str::to_owned), ..entry }
    }

    /// The same with the number of those that came after it. `of_many`: they are not all of one client.
    pub(super) fn and_more(mut self, more: u64, of_many: bool) -> Self {
        if more > 0 {
            let detail = self.detail.take().map(|detail| format!("{detail}; ")).unwrap_or_default();
            let whose = if of_many { ", of several clients," } else { "" };
            self.detail = Some(format!("{detail}and{whose} {more} more"));
        }
        self
    }

    /// The number of those that came after the one that was kept. `at`: milliseconds since the Unix epoch.
    pub(super) fn sum_after(mut self, more: u64, of_many: bool, at: i64) -> Self {
        (self.at, self.request_id) = (at, None);
        self.detail = Some(format!("{more} more"));
        if of_many {
            "several".clone_into(&mut self.actor);
            self.client = None;
        }
        self
    }

    /// What a test of the sums wants to see.
    #[cfg(test)]
    pub(super) fn shown(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let request_id = self.request_id.clone().unwrap_or_else(|| "-".to_owned());
        format!("{} {request_id} {}", text(&self.client), text(&self.detail))
    }

    /// How many refusals it stands for.
    #[cfg(test)]
    pub(super) fn counted(&self) -> u64 {
        let more = self.detail.as_deref().and_then(|detail| detail.split_whitespace().rev().nth(1));
        let more: u64 = more.map_or(0, |more| more.parse().expect("a number"));
        more + u64::from(self.request_id.is_some())
    }
}
