//! Films and their genres.

use sea_orm::sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, IntoIden, Table};
use sea_orm::{DbBackend, DeriveIden};

use crate::statement::{big_integer, big_pk_auto, integer, integer_null, sql, text};

pub(crate) fn up(database: DbBackend) -> Vec<String> {
    let mut statements = vec![
        sql(
            database,
            Table::create()
                .table(Film::Table)
                .col(big_pk_auto(Film::Id))
                .col(text(Film::Name))
                .col(text(Film::Studio))
                .col(key(database, Film::NameKey))
                .col(key(database, Film::StudioKey))
                .col(integer_null(Film::Year))
                .col(big_integer(Film::Likes).default(0))
                .col(big_integer(Film::Dislikes).default(0))
                .col(big_integer(Film::AddedAt)),
        ),
        sql(
            database,
            Table::create()
                .table(FilmGenre::Table)
                .col(big_integer(FilmGenre::FilmId))
                .col(integer(FilmGenre::Position))
                .col(text(FilmGenre::Name))
                .col(key(database, FilmGenre::NameKey))
                .primary_key(Index::create().col(FilmGenre::FilmId).col(FilmGenre::Position))
                .foreign_key(
                    ForeignKey::create()
                        .from(FilmGenre::Table, FilmGenre::FilmId)
                        .to(Film::Table, Film::Id)
                        .on_delete(ForeignKeyAction::Cascade),
                ),
        ),
    ];
    statements.extend(INDEXES.map(str::to_owned));
    statements
}

pub(crate) fn down(database: DbBackend) -> Vec<String> {
    vec![
        sql(database, Table::drop().table(FilmGenre::Table)),
        sql(database, Table::drop().table(Film::Table)),
    ]
}

/// Text that is compared and sorted by its bytes on every database. PostgreSQL would take the order of a language,
/// and one that its operating system may change.
fn key<T: IntoIden>(database: DbBackend, name: T) -> ColumnDef {
    let mut column = text(name);
    if database == DbBackend::Postgres {
        column.custom("text COLLATE \"C\"");
    }
    column
}

/// Written out because the builder has no index over an expression. No year counts as the year 10000: so it is a
/// value of its own in the unique index, and last where films are sorted by year.
const INDEXES: [&str; 5] = [
    "CREATE UNIQUE INDEX film_identity ON film (name_key, studio_key, COALESCE(year, 10000))",
    "CREATE INDEX film_by_name ON film (name_key, id)",
    "CREATE INDEX film_by_year ON film (COALESCE(year, 10000), id)",
    "CREATE INDEX film_by_likes ON film (likes DESC, id)",
    "CREATE INDEX film_genre_by_name ON film_genre (name_key, film_id)",
];

#[derive(DeriveIden)]
enum Film {
    Table,
    Id,
    Name,
    Studio,
    NameKey,
    StudioKey,
    Year,
    Likes,
    Dislikes,
    AddedAt,
}

#[derive(DeriveIden)]
enum FilmGenre {
    Table,
    FilmId,
    Position,
    Name,
    NameKey,
}
