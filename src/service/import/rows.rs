//! The rows of a batch, read and written.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::film;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder as _, QuerySelect,
    Set,
};

use crate::service::error::{Error, Result, is_taken};
use crate::service::films::row::{self, NO_YEAR, ROWS, year_key};
use crate::service::import::plan::{Add, Content, Key, Known, Update, Which};
use crate::service::import::types::Judged;
use crate::service::text::fold;

/// Films looked up in one statement. SQLite takes no condition of more than 1,000 parts.
const LOOKED_UP: usize = 100;

/// Every film that is equal to one of the rows.
pub(super) async fn known(database: &impl ConnectionTrait, rows: &[Judged]) -> Result<HashMap<Key, Known>> {
    let keys: HashSet<Key> = rows.iter().flatten().map(|row| Key::of(&row.new)).collect();
    let keys: Vec<Key> = keys.into_iter().collect();
    let mut known = HashMap::with_capacity(keys.len());
    for keys in keys.chunks(LOOKED_UP) {
        let wanted = keys.iter().fold(Condition::any(), |wanted, key| {
            let of_name = film::Column::NameKey.eq(key.name.as_str());
            let of_studio = film::Column::StudioKey.eq(key.studio.as_str());
            // Inlined like the key itself, so that the index is used.
            let of_year = ExprTrait::eq(year_key(), key.year);
            wanted.add(Condition::all().add(of_name).add(of_studio).add(of_year))
        });
        let found = film::Entity::find().filter(wanted).all(database).await?;
        for film in row::with_genres(database, found).await? {
            let year = film.year.unwrap_or(NO_YEAR);
            let key = Key { name: fold(&film.name), studio: fold(&film.studio), year };
            let content = Content::of(&film.name, &film.studio, &film.genres);
            known.insert(key, Known { which: Which::Stored(film.id), content });
        }
    }
    Ok(known)
}

/// The ids that rows ask for and that are in use.
pub(super) async fn taken(database: &impl ConnectionTrait, rows: &[Judged]) -> Result<HashSet<i64>> {
    let asked: Vec<i64> = rows.iter().flatten().filter_map(|row| row.id).collect();
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    let taken = film::Entity::find()
        .select_only()
        .column(film::Column::Id)
        .filter(film::Column::Id.is_in(asked))
        .into_tuple::<i64>()
        .all(database)
        .await?;
    Ok(taken.into_iter().collect())
}

/// Adds the films; their ids. Genres come later.
pub(super) async fn insert(
    database: &impl ConnectionTrait,
    films: &[&Add],
    added_at: i64,
) -> Result<Vec<(Key, i64)>> {
    let mut ids = Vec::with_capacity(films.len());
    for films in films.chunks(ROWS) {
        let rows = films.iter().map(|add| {
            let mut row = row::new_row(&add.new, added_at);
            if let Some(id) = add.id {
                row.id = Set(id);
            }
            row
        });
        let stored = film::Entity::insert_many(rows).exec_with_returning(database).await.map_err(quicker)?;
        // No database promises to return rows in the order in which they were given.
        ids.extend(stored.into_iter().map(|row| {
            let key = Key { name: row.name_key, studio: row.studio_key, year: row.year.unwrap_or(NO_YEAR) };
            (key, row.id)
        }));
    }
    Ok(ids)
}

/// Adds genres and words of films that were added; the ids, in the order of the films.
pub(super) async fn insert_parts_of(
    database: &impl ConnectionTrait,
    films: &[Add],
    ids: &HashMap<Key, i64>,
) -> Result<Vec<i64>> {
    let ids: Option<Vec<i64>> = films.iter().map(|add| ids.get(&Key::of(&add.new)).copied()).collect();
    let ids = ids.ok_or_else(|| Error::internal("a film that was added was not returned"))?;
    let genres = ids.iter().zip(films).flat_map(|(id, add)| row::genre_rows(*id, &add.new.genres));
    row::insert_genres(database, genres.collect()).await?;
    let named = ids.iter().zip(films).map(|(id, add)| (*id, &*add.new.name, &*add.new.studio));
    row::insert_words(database, named).await?;
    Ok(ids)
}

/// The look before saw none of the films that are added: so somebody else has added one since.
fn quicker(error: DbErr) -> Error {
    if is_taken(&error) { Error::Overtaken } else { error.into() }
}

/// Name, studio and genres of films that are there, in a few statements: a round trip for each film would hold up votes. Their
/// comparison forms stay as they are: else these would be other films.
pub(super) async fn update(database: &impl ConnectionTrait, updates: &BTreeMap<i64, Update>) -> Result<()> {
    if updates.is_empty() {
        return Ok(());
    }
    let among = || film::Column::Id.is_in(updates.keys().copied());
    // In the order of their ids, as votes lock them.
    let there = film::Entity::find().select_only().column(film::Column::Id).filter(among());
    let there =
        there.order_by_asc(film::Column::Id).lock_exclusive().into_tuple::<i64>().all(database).await?;
    if there.len() != updates.len() {
        // Somebody else has removed one since.
        return Err(Error::Overtaken);
    }
    let of_each = |text: fn(&Update) -> &String| {
        let case = updates.iter().fold(CaseStatement::new(), |case, (id, update)| {
            case.case(film::Column::Id.eq(*id), text(update).as_str())
        });
        Expr::Case(Box::new(case))
    };
    film::Entity::update_many()
        .col_expr(film::Column::Name, of_each(|update| &update.name))
        .col_expr(film::Column::Studio, of_each(|update| &update.studio))
        .filter(among())
        .exec(database)
        .await?;
    let named = updates.iter().map(|(id, update)| (*id, &*update.name, &*update.studio));
    row::update_words(database, named).await?;
    let with_genres = || updates.iter().filter_map(|(id, update)| Some((*id, update.genres.as_ref()?)));
    row::delete_genres(database, with_genres().map(|(id, _)| id)).await?;
    let genres = with_genres().flat_map(|(id, new)| row::genre_rows(id, new));
    Ok(row::insert_genres(database, genres.collect()).await?)
}
