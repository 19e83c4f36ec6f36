//! Votes, one entry each.

use sea_orm::sea_query::{ForeignKey, ForeignKeyAction, Index, Table};
use sea_orm::{DbBackend, DeriveIden};

use crate::statement::{big_integer, big_pk_auto, small_integer, sql};

pub(crate) fn up(database: DbBackend) -> Vec<String> {
    vec![
        sql(
            database,
            Table::create()
                .table(Vote::Table)
                .col(big_pk_auto(Vote::Id))
                .col(big_integer(Vote::FilmId))
                .col(small_integer(Vote::Value))
                .col(big_integer(Vote::VotedAt))
                .foreign_key(
                    ForeignKey::create()
                        .from(Vote::Table, Vote::FilmId)
                        .to(Film::Table, Film::Id)
                        .on_delete(ForeignKeyAction::Cascade),
                ),
        ),
        sql(database, Index::create().name("vote_by_film").table(Vote::Table).col(Vote::FilmId)),
    ]
}

pub(crate) fn down(database: DbBackend) -> Vec<String> {
    vec![sql(database, Table::drop().table(Vote::Table))]
}

#[derive(DeriveIden)]
enum Film {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Vote {
    Table,
    Id,
    FilmId,
    Value,
    VotedAt,
}
