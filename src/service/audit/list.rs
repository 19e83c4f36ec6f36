//! Reading what happened: the newest first, by keyset.

use entity::audit_event;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use crate::service::action::Action;
use crate::service::audit::entry::Event;
use crate::service::caller::Caller;
use crate::service::cursor::{Cursor, Key, Order};
use crate::service::database::connection::Database;
use crate::service::error::{Error, FieldFault, Result};
use crate::service::films::service::FilmService;
use crate::service::page::{Page, PageRequest};
use crate::service::policy::authorize;

/// Characters of an actor: more than any has.
const MAX_ACTOR: usize = 2_000;

/// An event as the service hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    pub id: i64,
    /// Milliseconds since the Unix epoch.
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
    fn validate(&self) -> Result<()> {
        let mut faults = Vec::new();
        if let Some(Err(unknown)) = self.event.as_deref().map(str::parse::<Event>) {
            faults.push(FieldFault::new("/event", unknown.to_string()));
        }
        if let Some(actor) = &self.actor {
            if actor.chars().count() > MAX_ACTOR {
                faults.push(FieldFault::new("/actor", format!("must have at most {MAX_ACTOR} characters")));
            }
            // Matches nothing, and PostgreSQL takes no text with it.
            if actor.contains('\0') {
                faults.push(FieldFault::new("/actor", "must not contain the character NUL"));
            }
        }
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since > until
        {
            faults.push(FieldFault::new("/until", "must not lie before since"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::InvalidInput(faults)) }
    }
}

/// A page of events, each with its cursor.
#[derive(Debug)]
pub struct AuditPage {
    pub events: Vec<(String, AuditEvent)>,
    pub has_next: bool,
    pub has_previous: bool,
}

/// The only order of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Newest;

impl Order for Newest {
    fn letter(self) -> char {
        'a'
    }

    fn has_text_keys(self) -> bool {
        false
    }
}

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
    ) -> Result<AuditPage> {
        audit_events(&self.database, caller, filter, page, self.max_page).await
    }
}

impl FilmService {
    /// One event; nothing where there is none with this id.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who may not read the audit.
    pub async fn audit_event(&self, caller: &Caller, id: i64) -> Result<Option<AuditEvent>> {
        authorize(caller, Action::ReadAudit)?;
        let look = async { Ok(audit_event::Entity::find_by_id(id).one(self.database.reader()).await?) };
        Ok(self.database.bounded(look).await?.map(of_row))
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
) -> Result<AuditPage> {
    authorize(caller, Action::ReadAudit)?;
    filter.validate()?;
    let page = Page::read(page, Newest, most)?;
    let mut query = audit_event::Entity::find();
    if let Some(event) = &filter.event {
        query = query.filter(audit_event::Column::Event.eq(event.as_str()));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_event::Column::Actor.eq(actor.as_str()));
    }
    if let Some(since) = filter.since {
        query = query.filter(audit_event::Column::At.gte(since));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_event::Column::At.lt(until));
    }
    if let Some(after) = &page.after {
        query = query.filter(audit_event::Column::Id.lt(after.id));
    }
    if let Some(before) = &page.before {
        query = query.filter(audit_event::Column::Id.gt(before.id));
    }
    let order = if page.backward { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
    // One more tells whether there is a further page.
    let query = query.order_by(audit_event::Column::Id, order).limit(u64::from(page.size) + 1);
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let mut rows = database.bounded(async { Ok(query.all(database.reader()).await?) }).await?;
    let more = rows.len() > size;
    rows.truncate(size);
    if page.backward {
        rows.reverse();
    }
    let cursor = |id: i64| Cursor { sort: Newest, key: Key::Number(id), id }.encode();
    Ok(AuditPage {
        events: rows.into_iter().map(|row| (cursor(row.id), of_row(row))).collect(),
        has_next: if page.backward { page.before.is_some() } else { more },
        has_previous: if page.backward { more } else { page.after.is_some() },
    })
}

fn of_row(row: audit_event::Model) -> AuditEvent {
    let audit_event::Model { id, at, event, actor, client, surface, request_id, target, detail } = row;
    AuditEvent { id, at, event, actor, client, surface, request_id, target, detail }
}
