//! What the database knows about itself, such as whether the starter catalogue was loaded.

use sea_orm::sea_query::Table;
use sea_orm::{DbBackend, DeriveIden};

use crate::statement::{sql, text};

pub(crate) fn up(database: DbBackend) -> Vec<String> {
    vec![sql(
        database,
        Table::create().table(Meta::Table).col(text(Meta::Key).primary_key()).col(text(Meta::Value)),
    )]
}

pub(crate) fn down(database: DbBackend) -> Vec<String> {
    vec![sql(database, Table::drop().table(Meta::Table))]
}

#[derive(DeriveIden)]
enum Meta {
    Table,
    Key,
    Value,
}
