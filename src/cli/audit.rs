//! `filmgate audit`.

use clap::Subcommand;

use super::database::open;
use super::output::{Failure, Group, plain, table};
use crate::config::Config;
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
    },
}

pub(super) async fn execute(
    config: Config,
    Group { output, command }: Group<Command>,
) -> Result<(), Failure> {
    let database = open(&config, Missing::Refuse).await?;
    let Command::List { event, actor, first } = command;
    let filter = AuditFilter { event: event.map(|event| event.to_string()), actor, ..AuditFilter::default() };
    let page = PageRequest { first: Some(first), ..PageRequest::default() };
    let page = audit_events(&database, &Caller::operator(), &filter, page, MOST).await?;
    let events = page.entries.into_iter().map(|(_, event)| event);
    output.list(events, |events| rows(events.into_iter()))
}

fn rows(events: impl Iterator<Item = AuditEvent>) -> String {
    let row = |event: AuditEvent| {
        let cell = |text: Option<String>| plain(&text.unwrap_or_default());
        [
            moment_text(event.at),
            event.event,
            plain(&event.actor),
            event.client.unwrap_or_default(),
            event.surface,
            cell(event.target),
            cell(event.detail),
        ]
    };
    table(["time", "event", "actor", "client", "surface", "target", "detail"], events.map(row))
}
