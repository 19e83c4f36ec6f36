//! What happened that matters for security.

use sea_orm::sea_query::{Index, Table};
use sea_orm::{DbBackend, DeriveIden};

use crate::statement::{big_integer, big_pk_auto, sql, string, string_null, text_null};

pub(crate) fn up(database: DbBackend) -> Vec<String> {
    vec![
        sql(
            database,
            Table::create()
                .table(AuditEvent::Table)
                .col(big_pk_auto(AuditEvent::Id))
                .col(big_integer(AuditEvent::At))
                .col(string(AuditEvent::Event))
                .col(string(AuditEvent::Actor))
                .col(string_null(AuditEvent::Client))
                .col(string(AuditEvent::Door))
                .col(string_null(AuditEvent::RequestId))
                .col(string_null(AuditEvent::Target))
                .col(text_null(AuditEvent::Detail)),
        ),
        sql(
            database,
            Index::create().name("audit_event_by_time").table(AuditEvent::Table).col(AuditEvent::At),
        ),
    ]
}

pub(crate) fn down(database: DbBackend) -> Vec<String> {
    vec![sql(database, Table::drop().table(AuditEvent::Table))]
}

#[derive(DeriveIden)]
enum AuditEvent {
    Table,
    Id,
    At,
    Event,
    Actor,
    Client,
    Door,
    RequestId,
    Target,
    Detail,
}
