//! Between rows and films.

use std::collections::HashMap;
use std::sync::Arc;

use entity::{film, film_genre, film_word};
use sea_orm::sea_query::{Expr, Func, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::json;

use crate::service::database::connection::{is_postgres, query};
use crate::service::films::types::{Film, NewFilm};
use crate::service::films::words::words;
use crate::service::text::fold;

/// What no year counts as in the index: later than any year there can be.
pub(in crate::service) const NO_YEAR: i32 = 10_000;

/// Rows of one statement, well under the parameter limits of both databases.
pub(in crate::service) const ROWS: usize = 1_000;

/// The very expression of the index, so that the database uses it.
pub(in crate::service) fn year_key() -> SimpleExpr {
    Func::coalesce([
        Expr::col((film::Entity, film::Column::Year)),
        // Inlined: an index over an expression is not matched against a bound parameter.
        Expr::custom_keyword(NO_YEAR.to_string()),
    ])
    .into()
}

pub(in crate::service) fn film(row: film::Model, genres: Vec<String>) -> Film {
    let film::Model { id, name, studio, year, likes, dislikes, .. } = row;
    let genres = genres.into_iter().map(Arc::from).collect();
    Film { id, name: name.into(), studio: studio.into(), year, genres, likes, dislikes }
}

/// A row without an id.
pub(in crate::service) fn new_row(new: &NewFilm, added_at: i64) -> film::ActiveModel {
    film::ActiveModel {
        name: Set(new.name.clone()),
        studio: Set(new.studio.clone()),
        name_key: Set(fold(&new.name)),
        studio_key: Set(fold(&new.studio)),
        year: Set(new.year),
        likes: Set(0),
        dislikes: Set(0),
        added_at: Set(added_at),
        ..Default::default()
    }
}

pub(in crate::service) fn genre_rows(film_id: i64, genres: &[String]) -> Vec<film_genre::ActiveModel> {
    (0..)
        .zip(genres)
        .map(|(position, genre)| film_genre::ActiveModel {
            film_id: Set(film_id),
            position: Set(position),
            name: Set(genre.clone()),
            name_key: Set(fold(genre)),
        })
        .collect()
}

pub(in crate::service) async fn find(
    database: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<Film>, DbErr> {
    let rows = film::Entity::find_by_id(id).all(database).await?;
    Ok(with_genres(database, rows).await?.pop())
}

/// The same for a write. On PostgreSQL it is locked, so that no other server changes or removes it meanwhile.
pub(in crate::service) async fn find_locked(
    database: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<Film>, DbErr> {
    let rows = film::Entity::find_by_id(id).lock_exclusive().all(database).await?;
    Ok(with_genres(database, rows).await?.pop())
}

/// Those of the films that are there.
pub(in crate::service) async fn find_many(
    database: &impl ConnectionTrait,
    ids: &[i64],
) -> Result<Vec<Film>, DbErr> {
    let rows = film::Entity::find().filter(film::Column::Id.is_in(ids.iter().copied())).all(database).await?;
    with_genres(database, rows).await
}

/// Adds the genres to the rows, in one query.
pub(in crate::service) async fn with_genres(
    database: &impl ConnectionTrait,
    rows: Vec<film::Model>,
) -> Result<Vec<Film>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found = film_genre::Entity::find()
        .filter(film_genre::Column::FilmId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(film_genre::Column::FilmId)
        .order_by_asc(film_genre::Column::Position)
        .all(database)
        .await?;
    let mut genres: HashMap<i64, Vec<String>> = HashMap::with_capacity(rows.len());
    for genre in found {
        genres.entry(genre.film_id).or_default().push(genre.name);
    }
    let film = |row: film::Model| {
        let genres = genres.remove(&row.id).unwrap_or_default();
        film(row, genres)
    };
    Ok(rows.into_iter().map(film).collect())
}

pub(in crate::service) async fn insert_genres(
    database: &impl ConnectionTrait,
    genres: Vec<film_genre::ActiveModel>,
) -> Result<(), DbErr> {
    for rows in genres.chunks(ROWS) {
        film_genre::Entity::insert_many(rows.iter().cloned()).exec_without_returning(database).await?;
    }
    Ok(())
}

pub(in crate::service) async fn delete_genres(
    database: &impl ConnectionTrait,
    films: impl IntoIterator<Item = i64>,
) -> Result<(), DbErr> {
    let genres = film_genre::Entity::delete_many().filter(film_genre::Column::FilmId.is_in(films));
    genres.exec(database).await.map(drop)
}

/// Writes the words by which films are found: of each its id, its name and its studio.
pub(in crate::service) async fn insert_words<'a>(
    database: &impl ConnectionTrait,
    films: impl Iterator<Item = (i64, &'a str, &'a str)>,
) -> Result<(), DbErr> {
    const SQLITE: &str =
        "INSERT INTO film_word (word, film_id) SELECT value ->> 0, value ->> 1 FROM json_each(?)";
    const POSTGRES: &str =
        "INSERT INTO film_word (word, film_id) SELECT * FROM unnest($1::text[], $2::bigint[])";
    let of_film = |(id, name, studio)| {
        words(name).into_iter().chain(words(studio)).map(move |word| (word, id)).collect::<Vec<_>>()
    };
    let mut rows: Vec<(String, i64)> = films.flat_map(of_film).collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() {
        return Ok(());
    }
    if is_postgres(database) {
        let (words, ids): (Vec<String>, Vec<i64>) = rows.into_iter().unzip();
        query(database, POSTGRES, [words.into(), ids.into()]).await.map(drop)
    } else {
        query(database, SQLITE, [json!(rows).to_string().into()]).await.map(drop)
    }
}

/// Writes the words of a film anew.
pub(in crate::service) async fn update_words<'a>(
    database: &impl ConnectionTrait,
    films: impl Iterator<Item = (i64, &'a str, &'a str)> + Clone,
) -> Result<(), DbErr> {
    let ids = films.clone().map(|(id, ..)| id);
    film_word::Entity::delete_many().filter(film_word::Column::FilmId.is_in(ids)).exec(database).await?;
    insert_words(database, films).await
}
