//! `filmgate audit`.

use clap::Subcommand;
use serde::Serialize;

use super::account_rows::array;
use super::database::{explain, open, run_async};
use super::output;
use super::output::{Failure, print};
use crate::config::Config;
use crate::config::load::{Flags, load};
use crate::service::audit::{AuditEvent, AuditFilter, Event, audit_events};
use crate::service::caller::Caller;
use crate::service::database::Missing;
use crate::service::page::PageRequest;
use crate::service::text::moment_text;

/// Events of one list.
const MOST: u32 = 10_000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List what happened, the newest first
    List {
        /// Only events of this kind, such as `role_changed`
        #[arg(long)]
        event: Option<Event>,
        /// Only what this actor did, exactly as the list names it
        #[arg(long)]
        actor: Option<String>,
        /// How many events
        #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..=i64::from(MOST)))]
        first: i64,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuditEventOut {
    id: i64,
    at: String,
    event: String,
    actor: String,
    client: Option<String>,
    surface: String,
    request_id: Option<String>,
    target: Option<String>,
    detail: Option<String>,
}

pub(super) fn run(flags: &Flags, command: Command) -> Result<(), Failure> {
    let config = load(flags).map_err(|error| Failure::wrong_use(&error))?.config;
    run_async(execute(config, command))
}

async fn execute(config: Config, command: Command) -> Result<(), Failure> {
    let database = open(&config, Missing::Refuse).await?;
    let Command::List { event, actor, first, json } = command;
    let filter = AuditFilter { event: event.map(|event| event.to_string()), actor, ..AuditFilter::default() };
    let page = PageRequest { first: Some(first), ..PageRequest::default() };
    let page = audit_events(&database, &Caller::operator(), &filter, page, MOST).await;
    let events = page.map_err(|error| Failure::failed(&explain(error)))?.events;
    let events = events.into_iter().map(|(_, event)| event);
    print(&if json { array(events.map(out))? } else { rows(events) })
}

fn out(event: AuditEvent) -> AuditEventOut {
    AuditEventOut {
        id: event.id,
        at: moment_text(event.at),
        event: event.event,
        actor: event.actor,
        client: event.client,
        surface: event.surface,
        request_id: event.request_id,
        target: event.target,
        detail: event.detail,
    }
}

fn rows(events: impl Iterator<Item = AuditEvent>) -> String {
    let mut rows =
        vec![["time", "event", "actor", "client", "surface", "target", "detail"].map(str::to_owned)];
    rows.extend(events.map(|event| {
        let cell = |text: Option<String>| output::plain(&text.unwrap_or_default());
        [
            moment_text(event.at),
            event.event,
            output::plain(&event.actor),
            event.client.unwrap_or_default(),
            event.surface,
            cell(event.target),
            cell(event.detail),
        ]
    }));
    output::table(&rows)
}
