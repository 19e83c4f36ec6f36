//! Films and their genres.

use sea_orm_migration::{
    async_trait,
    prelude::*,
    schema::{big_integer, big_pk_auto, integer, integer_null, text},
    sea_orm::DbBackend,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All of it or nothing: a process that dies half-way must be able to start again.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Film::Table)
                    .col(big_pk_auto(Film::Id))
                    .col(text(Film::Name))
                    .col(text(Film::Studio))
                    .col(key(manager, Film::NameKey))
                    .col(key(manager, Film::StudioKey))
                    .col(integer_null(Film::Year))
                    .col(big_integer(Film::Likes).default(0))
                    .col(big_integer(Film::Dislikes).default(0))
                    .col(big_integer(Film::AddedAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(FilmGenre::Table)
                    .col(big_integer(FilmGenre::FilmId))
                    .col(integer(FilmGenre::Position))
                    .col(text(FilmGenre::Name))
                    .col(key(manager, FilmGenre::NameKey))
                    .primary_key(Index::create().col(FilmGenre::FilmId).col(FilmGenre::Position))
                    .foreign_key(
                        ForeignKey::create()
                            .from(FilmGenre::Table, FilmGenre::FilmId)
                            .to(Film::Table, Film::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        let database = manager.get_connection();
        for index in INDEXES {
            database.execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(FilmGenre::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Film::Table).to_owned()).await
    }
}

/// Text that is compared and sorted by its bytes on every database. PostgreSQL would take the order of a language,
/// and one that its operating system may change.
fn key<T: IntoIden>(manager: &SchemaManager<'_>, name: T) -> ColumnDef {
    let mut column = text(name);
    if manager.get_database_backend() == DbBackend::Postgres {
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
