//! Reading what happened: the newest first, by keyset.

use entity::audit_event::{Column, Entity};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};
use serde::Serialize;

use crate::service::action::Action;
use crate::service::audit::entry::Event;
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::error::{FieldFault, Result, faultless};
use crate::service::films::service::FilmService;
use crate::service::page::{Cursor, Key, Listed, Only, Page, PageRequest};
use crate::service::policy::authorize;
use crate::service::text::as_moment;

/// Characters of an actor: more than any has.
const MAX_ACTOR: usize = 2_000;

/// An event as the service hands it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    pub id: i64,
    /// Milliseconds since the Unix epoch.
    #[serde(serialize_with = "as_moment")]
    pub at: i64,
    /// The name of an [`Event`], or one of a later filmgate's.
    pub event: String,
    pub actor: String,
    /// The client's address; not set for a command.
    pub client: Option<String>,
    /// `rest`, `graphql` or `command`.
    pub surface: String,
    pub request_id: Option<String>,
    /// What it was done to, such as `film 5`.
    pub target: Option<String>,
    /// For people.
    pub detail: Option<String>,
}

/// Which events are meant: those that hold to every part that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The name of an [`Event`].
    pub event: Option<String>,
    /// Exactly as events name it.
    pub actor: Option<String>,
    /// The first moment that matches. Milliseconds since the Unix epoch.
    pub since: Option<i64>,
    /// The first moment after those that match. Milliseconds since the Unix epoch.
    pub until: Option<i64>,
}

impl AuditFilter {
    fn select(&self) -> Select<Entity> {
        let wanted = Condition::all()
            .add_option(self.event.as_deref().map(|event| Column::Event.eq(event)))
            .add_option(self.actor.as_deref().map(|actor| Column::Actor.eq(actor)))
            .add_option(self.since.map(|since| Column::At.gte(since)))
            .add_option(self.until.map(|until| Column::At.lt(until)));
        Entity::find().filter(wanted)
    }

    fn validate(&self) -> Result<()> {
        let mut faults = Vec::new();
        if let Some(Err(unknown)) = self.event.as_deref().map(str::parse::<Event>) {
            faults.push(FieldFault::new("/event", unknown.to_string()));
        }
        if let Some(actor) = &self.actor {
            faults.extend(FieldFault::of_sought("/actor", actor, MAX_ACTOR));
        }
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since > until
        {
            faults.push(FieldFault::new("/until", "must not lie before since"));
        }
        faultless(faults)
    }
}

/// The order of this list.
const NEWEST: Only = Only('a', false);

impl FilmService {
    /// A page of what happened, the newest first.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a filter that makes no sense, a negative or too large page, or a cursor that is not
    /// one of this list.
    pub async fn audit_events(
        &self,
        caller: &Caller,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Listed<AuditEvent>> {
        audit_events(&self.database, caller, filter, page, self.max_page).await
    }

    /// How many events match, on all pages together.
    ///
    /// # Errors
    /// As [`FilmService::audit_events`].
    pub async fn count_audit_events(&self, caller: &Caller, filter: &AuditFilter) -> Result<u64> {
        authorize(caller, Action::ReadAudit)?;
        filter.validate()?;
        self.database.bounded(filter.select().count(&self.database.reader)).await
    }

    /// One event; nothing where there is none with this id.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who may not read the audit.
    pub async fn audit_event(&self, caller: &Caller, id: i64) -> Result<Option<AuditEvent>> {
        authorize(caller, Action::ReadAudit)?;
        let one = Entity::find_by_id(id).into_model::<AuditEvent>();
        self.database.bounded(one.one(&self.database.reader)).await
    }
}

/// The same from the database alone; `most` events make a page.
///
/// # Errors
/// As [`FilmService::audit_events`].
pub async fn audit_events(
    database: &Database,
    caller: &Caller,
    filter: &AuditFilter,
    page: PageRequest,
    most: u32,
) -> Result<Listed<AuditEvent>> {
    authorize(caller, Action::ReadAudit)?;
    filter.validate()?;
    let page = Page::read(page, NEWEST, most)?;
    let page_of = Condition::all()
        .add_option(page.after.as_ref().map(|after| Column::Id.lt(after.id)))
        .add_option(page.before.as_ref().map(|before| Column::Id.gt(before.id)));
    let order = if page.backward { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
    let query = filter.select().filter(page_of).order_by(Column::Id, order).limit(page.limit());
    let events = database.bounded(query.into_model::<AuditEvent>().all(&database.reader)).await?;
    let cursor = |id: i64| Cursor { sort: NEWEST, key: Key::Number(id), id }.encode();
    Ok(page.listed(events.into_iter().map(|event| (cursor(event.id), event)).collect()))
}
