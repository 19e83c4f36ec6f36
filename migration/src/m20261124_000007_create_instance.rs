//! The servers that run on this database, and what each has seen of its clients: for `filmgate doctor`.

use sea_orm::sea_query::Table;
use sea_orm::{DbBackend, DeriveIden};

use crate::statement::{big_integer, small_integer, sql, text, text_null};

pub(crate) fn up(database: DbBackend) -> Vec<String> {
    vec![sql(
        database,
        Table::create()
            .table(Instance::Table)
            .col(text(Instance::Id).primary_key())
            .col(big_integer(Instance::StartedAt))
            .col(big_integer(Instance::SeenAt))
            .col(text(Instance::Version))
            .col(text(Instance::Listen))
            .col(text(Instance::LimitsStorage))
            .col(big_integer(Instance::Requests))
            .col(big_integer(Instance::Clients))
            .col(text_null(Instance::BusiestClient))
            .col(small_integer(Instance::BusiestShare))
            .col(big_integer(Instance::ForwardedUntrusted))
            .col(text_null(Instance::UntrustedPeer)),
    )]
}

pub(crate) fn down(database: DbBackend) -> Vec<String> {
    vec![sql(database, Table::drop().table(Instance::Table))]
}

#[derive(DeriveIden)]
enum Instance {
    Table,
    Id,
    StartedAt,
    SeenAt,
    Version,
    Listen,
    LimitsStorage,
    Requests,
    Clients,
    BusiestClient,
    BusiestShare,
    ForwardedUntrusted,
    UntrustedPeer,
}
