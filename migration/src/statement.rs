//! What the migrations are written with.

use sea_orm::sea_query::{ColumnDef, IntoIden};
use sea_orm::{DbBackend, StatementBuilder};

/// The statement in the words of the database.
pub(crate) fn sql(database: DbBackend, statement: &impl StatementBuilder) -> String {
    database.build(statement).sql
}

/// An id that is counted up.
pub(crate) fn big_pk_auto(name: impl IntoIden) -> ColumnDef {
    big_integer(name).auto_increment().primary_key().take()
}

pub(crate) fn big_integer(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

pub(crate) fn big_integer_null(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().take()
}

pub(crate) fn integer(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

pub(crate) fn integer_null(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).integer().null().take()
}

pub(crate) fn small_integer(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).small_integer().not_null().take()
}

pub(crate) fn string(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).string().not_null().take()
}

pub(crate) fn string_null(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).string().null().take()
}

pub(crate) fn text(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

pub(crate) fn text_null(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).text().null().take()
}
