//! Pages of films by keyset: a page costs the same wherever it lies, and a film that comes or goes shifts none.

use std::sync::Arc;

use entity::film;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, DbErr, Order, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::error::Result;
use crate::service::films::filter::FilmFilter;
use crate::service::films::row::{self, NO_YEAR, year_key};
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmSort};
use crate::service::page::{self, Cursor, Key, Page, PageRequest};
use crate::service::policy::authorize;

/// A page of films, each with its cursor.
#[derive(Debug)]
pub struct FilmPage {
    pub films: Vec<(Cursor<FilmSort>, Arc<Film>)>,
    pub has_next: bool,
    pub has_previous: bool,
    /// How many films match on all pages together; `None` where that must be counted ([`FilmService::count_films`]).
    pub total: Option<u64>,
}

impl FilmPage {
    /// Of the films that were found up to the limit of the page.
    fn of(page: &Page<FilmSort>, films: Vec<(Cursor<FilmSort>, Arc<Film>)>, total: Option<u64>) -> Self {
        let (films, has_next, has_previous) = page.cut(films);
        Self { films, has_next, has_previous, total }
    }
}

impl page::Order for FilmSort {
    fn letter(self) -> char {
        match self {
            Self::Name => 'n',
            Self::Year => 'y',
            Self::Newest => 'i',
            Self::Likes => 'l',
        }
    }

    fn has_text_keys(self) -> bool {
        self == Self::Name
    }
}

impl FilmService {
    /// A page of the films that match.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a negative or too large page, both directions at once, or a cursor that is not one
    /// of this order.
    pub async fn films(
        &self,
        caller: &Caller,
        filter: &FilmFilter,
        sort: FilmSort,
        page: PageRequest,
    ) -> Result<FilmPage> {
        let page = read(caller, filter, sort, page, self.max_page)?;
        match self.catalogue.page(filter, sort, &page) {
            Some((films, total)) => Ok(FilmPage::of(&page, films, u64::try_from(total).ok())),
            None => Box::pin(stored(&self.database, filter, sort, &page)).await,
        }
    }

    /// How many films match, counted in the database: where a page does not know it.
    ///
    /// # Errors
    /// As [`FilmService::films`].
    pub async fn count_films(&self, caller: &Caller, filter: &FilmFilter) -> Result<u64> {
        authorize(caller, Action::ReadFilm)?;
        filter.validate()?;
        self.database.bounded(filter.select().count(&self.database.reader)).await
    }
}

/// The same from the database alone; `most` films make a page.
///
/// # Errors
/// As [`FilmService::films`].
pub async fn films(
    database: &Database,
    caller: &Caller,
    filter: &FilmFilter,
    sort: FilmSort,
    page: PageRequest,
    most: u32,
) -> Result<FilmPage> {
    stored(database, filter, sort, &read(caller, filter, sort, page, most)?).await
}

fn read(
    caller: &Caller,
    filter: &FilmFilter,
    sort: FilmSort,
    page: PageRequest,
    most: u32,
) -> Result<Page<FilmSort>> {
    authorize(caller, Action::ReadFilm)?;
    filter.validate()?;
    Page::read(page, sort, most)
}

/// From the database: for a command, and where not every film is in memory.
async fn stored(
    database: &Database,
    filter: &FilmFilter,
    sort: FilmSort,
    page: &Page<FilmSort>,
) -> Result<FilmPage> {
    let after = page.after.as_ref().map(|cursor| beyond(sort, cursor, true));
    let before = page.before.as_ref().map(|cursor| beyond(sort, cursor, false));
    let mut query = filter.select().filter(Condition::all().add_option(after).add_option(before));
    let (key_order, id_order) = orders(sort, page.backward);
    if sort != FilmSort::Newest {
        query = query.order_by(key_expr(sort), key_order);
    }
    let query = query.order_by(film::Column::Id, id_order).limit(page.limit());
    let read = async {
        let rows = query.all(&database.reader).await?;
        let cursors: Vec<Cursor<FilmSort>> = rows.iter().map(|row| cursor(sort, row)).collect();
        let films = row::with_genres(&database.reader, rows).await?.into_iter().map(Arc::new);
        Ok::<_, DbErr>(FilmPage::of(page, cursors.into_iter().zip(films).collect(), None))
    };
    database.bounded(read).await
}

fn key_expr(sort: FilmSort) -> SimpleExpr {
    match sort {
        FilmSort::Name => Expr::col((film::Entity, film::Column::NameKey)),
        FilmSort::Year => year_key(),
        FilmSort::Newest => Expr::col((film::Entity, film::Column::Id)),
        FilmSort::Likes => Expr::col((film::Entity, film::Column::Likes)),
    }
}

fn orders(sort: FilmSort, backward: bool) -> (Order, Order) {
    let (key_descends, id_descends) = match sort {
        FilmSort::Name | FilmSort::Year => (false, false),
        FilmSort::Likes => (true, false),
        FilmSort::Newest => (true, true),
    };
    let order = |descends: bool| if descends == backward { Order::Asc } else { Order::Desc };
    (order(key_descends), order(id_descends))
}

/// The films that come after (`forward`) or before the cursor.
fn beyond(sort: FilmSort, cursor: &Cursor<FilmSort>, forward: bool) -> Condition {
    let (key_order, id_order) = orders(sort, !forward);
    let id_beyond = match id_order {
        Order::Asc => film::Column::Id.gt(cursor.id),
        _ => film::Column::Id.lt(cursor.id),
    };
    if sort == FilmSort::Newest {
        return Condition::all().add(id_beyond);
    }
    let key = match &cursor.key {
        Key::Text(text) => Expr::val(text.clone()),
        Key::Number(number) => Expr::val(*number),
    };
    // Not `key > ? OR (key = ? AND id > ?)`, which means the same: SQLite would read the index from its beginning.
    let (key_from, key_beyond) = match key_order {
        Order::Asc => (key_expr(sort).gte(key.clone()), key_expr(sort).gt(key)),
        _ => (key_expr(sort).lte(key.clone()), key_expr(sort).lt(key)),
    };
    Condition::all().add(key_from).add(Condition::any().add(key_beyond).add(id_beyond))
}

/// From what is stored, by which the list is sorted.
fn cursor(sort: FilmSort, film: &film::Model) -> Cursor<FilmSort> {
    let key = match sort {
        FilmSort::Name => Key::Text(film.name_key.clone()),
        FilmSort::Year => Key::Number(i64::from(film.year.unwrap_or(NO_YEAR))),
        FilmSort::Newest => Key::Number(film.id),
        FilmSort::Likes => Key::Number(film.likes),
    };
    Cursor { sort, key, id: film.id }
}

/// A cursor that names a place in a list of this order, written again: for fuzzers and tests.
#[doc(hidden)]
#[must_use]
pub fn rewritten_cursor(text: &str, sort: FilmSort) -> Option<String> {
    Cursor::decode(text, sort).map(|cursor| cursor.encode())
}
