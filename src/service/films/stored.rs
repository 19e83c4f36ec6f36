//! Pages of films from the database: for a command, and where not every film is in memory.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use entity::film;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, DbErr, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::service::database::connection::Database;
use crate::service::error::Result;
use crate::service::films::filter::FilmFilter;
use crate::service::films::order::{place, rank, rating};
use crate::service::films::row::{self, year_key};
use crate::service::films::types::{Film, FilmOrder, FilmSort};
use crate::service::page::{Cursor, Key, Page};

/// Films up to the limit of a page, each with its cursor.
pub(super) type Films = Vec<(Cursor<FilmOrder>, Arc<Film>)>;

/// The films of a page that match, but for a text.
pub(super) async fn stored(
    database: &Database,
    filter: &FilmFilter,
    order: FilmOrder,
    page: &Page<FilmOrder>,
) -> Result<Films> {
    let turned = order.is_reversed.then(|| page.turned());
    let page = turned.as_ref().unwrap_or(page);
    let read = async {
        let rows = if order.sort == FilmSort::Rating {
            rated(database, filter, order, page).await?
        } else {
            let after = page.after.as_ref().map(|cursor| beyond(cursor, true));
            let before = page.before.as_ref().map(|cursor| beyond(cursor, false));
            let mut query = filter.select().filter(Condition::all().add_option(after).add_option(before));
            let (key_order, id_order) = orders(order.sort, page.backward);
            if let Some(key) = key_expr(order.sort) {
                query = query.order_by(key, key_order);
            }
            query.order_by(film::Column::Id, id_order).limit(page.limit()).all(&database.reader).await?
        };
        // From what is stored, by which the list is sorted.
        let keys: Vec<String> = rows.iter().map(|row| row.name_key.clone()).collect();
        let films = row::with_genres(&database.reader, rows).await?.into_iter().zip(keys);
        let place = |(film, key): (Film, String)| {
            let mut place = place(order, &film);
            if order.sort == FilmSort::Name {
                place.key = Key::Text(key);
            }
            (place, Arc::new(film))
        };
        Ok::<_, DbErr>(films.map(place).collect())
    };
    database.bounded(read).await
}

/// Those by their rating, of which neither database can be told exactly what we mean: it counts the films of each number of
/// likes and dislikes, and those of which the page has films are read.
async fn rated(
    database: &Database,
    filter: &FilmFilter,
    order: FilmOrder,
    page: &Page<FilmOrder>,
) -> Result<Vec<film::Model>, DbErr> {
    use film::Column::{Dislikes, Id, Likes};
    let counts: Vec<(i64, i64)> = filter
        .select()
        .select_only()
        .columns([Likes, Dislikes])
        .group_by(Likes)
        .group_by(Dislikes)
        .into_tuple()
        .all(&database.reader)
        .await?;
    // Without likes all are one group, however many dislikes there are; in the others only the rarest ties are together.
    let mut ratings: BTreeMap<Reverse<i64>, BTreeSet<(i64, Option<i64>)>> = BTreeMap::new();
    for (likes, dislikes) in counts {
        let own = if likes > 0 { (likes, Some(dislikes)) } else { (0, None) };
        ratings.entry(Reverse(rating(likes, dislikes))).or_default().insert(own);
    }
    let condition = |(likes, dislikes): (i64, Option<i64>)| match dislikes {
        Some(dislikes) => Condition::all().add(Likes.eq(likes)).add(Dislikes.eq(dislikes)),
        None => Condition::all().add(Likes.lte(0)),
    };
    let mut groups: Vec<_> = ratings.into_iter().collect();
    if page.backward {
        groups.reverse();
    }
    let (after, before) = (page.after.as_ref().map(rank), page.before.as_ref().map(rank));
    let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
    let mut rows: Vec<film::Model> = Vec::new();
    for (Reverse(key), films) in groups {
        let of = |id: i64| rank(&Cursor { sort: order, key: Key::Number(key), id });
        let (first, last) = (of(i64::MIN), of(i64::MAX));
        if after.as_ref().is_some_and(|after| last <= *after)
            || before.as_ref().is_some_and(|before| first >= *before)
        {
            continue;
        }
        // Where the place lies among them, it parts them by their ids.
        let parts = |place: &Option<(_, i64)>| place.clone().filter(|place| *place > first && *place < last);
        let films = films.into_iter().map(condition).fold(Condition::any(), Condition::add);
        let films = films_beyond(films, parts(&after), parts(&before));
        let left = u64::try_from(limit - rows.len()).unwrap_or_default();
        let id_order = if page.backward { Order::Desc } else { Order::Asc };
        let query = filter.select().filter(films).order_by(Id, id_order).limit(left);
        rows.extend(query.all(&database.reader).await?);
        if rows.len() >= limit {
            break;
        }
    }
    Ok(rows)
}

fn films_beyond(films: Condition, after: Option<(Key, i64)>, before: Option<(Key, i64)>) -> Condition {
    Condition::all()
        .add(films)
        .add_option(after.map(|(_, id)| film::Column::Id.gt(id)))
        .add_option(before.map(|(_, id)| film::Column::Id.lt(id)))
}

/// By what the database sorts before the id.
fn key_expr(sort: FilmSort) -> Option<SimpleExpr> {
    match sort {
        FilmSort::Name => Some(Expr::col((film::Entity, film::Column::NameKey))),
        FilmSort::Year => Some(year_key()),
        FilmSort::Likes => Some(Expr::col((film::Entity, film::Column::Likes))),
        FilmSort::Newest | FilmSort::Rating | FilmSort::Relevance | FilmSort::Shuffled => None,
    }
}

fn orders(sort: FilmSort, backward: bool) -> (Order, Order) {
    let order = |descends: bool| if descends == backward { Order::Asc } else { Order::Desc };
    (order(sort.descends()), order(sort == FilmSort::Newest))
}

/// The films that come after (`forward`) or before the cursor.
fn beyond(cursor: &Cursor<FilmOrder>, forward: bool) -> Condition {
    let sort = cursor.sort.sort;
    let (key_order, id_order) = orders(sort, !forward);
    let id_beyond = match id_order {
        Order::Asc => film::Column::Id.gt(cursor.id),
        _ => film::Column::Id.lt(cursor.id),
    };
    let Some(own) = key_expr(sort) else { return Condition::all().add(id_beyond) };
    let key = match &cursor.key {
        Key::Text(text) => Expr::val(text.clone()),
        Key::Number(number) => Expr::val(*number),
    };
    // Not `key > ? OR (key = ? AND id > ?)`, which means the same: SQLite would read the index from its beginning.
    let (key_from, key_beyond) = match key_order {
        Order::Asc => (own.clone().gte(key.clone()), own.gt(key)),
        _ => (own.clone().lte(key.clone()), own.lt(key)),
    };
    Condition::all().add(key_from).add(Condition::any().add(key_beyond).add(id_beyond))
}
