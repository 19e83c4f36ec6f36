//! What a call comes in by is called a surface now.

use sea_orm::sea_query::Table;
use sea_orm::{DbBackend, DeriveIden};

use crate::statement::sql;

pub(crate) fn up(database: DbBackend) -> Vec<String> {
    vec![rename(database, AuditEvent::Door, AuditEvent::Surface)]
}

pub(crate) fn down(database: DbBackend) -> Vec<String> {
    vec![rename(database, AuditEvent::Surface, AuditEvent::Door)]
}

fn rename(database: DbBackend, from: AuditEvent, to: AuditEvent) -> String {
    sql(database, Table::alter().table(AuditEvent::Table).rename_column(from, to))
}

#[derive(DeriveIden)]
enum AuditEvent {
    Table,
    Door,
    Surface,
}
