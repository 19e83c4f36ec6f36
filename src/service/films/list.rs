//! Pages of films by keyset: a page costs the same wherever it lies, and a film that comes or goes shifts none.

use std::sync::Arc;

use entity::film;
use sea_orm::{ColumnTrait as _, Condition, PaginatorTrait as _, QueryFilter as _};

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::database::connection::Database;
use crate::service::error::{Error, FieldFault, Result};
use crate::service::films::filter::FilmFilter;
use crate::service::films::order::{found, sorted};
use crate::service::films::search::search;
use crate::service::films::service::FilmService;
use crate::service::films::stored::{Films, stored};
use crate::service::films::types::{Film, FilmOrder, FilmSort};
use crate::service::films::walk::fault_of_seed;
use crate::service::page::{Cursor, Listed, Page, PageRequest};
use crate::service::policy::authorize;
use crate::service::read_model::catalogue::Catalogue;

/// A page of films.
#[derive(Debug)]
pub struct FilmPage {
    pub films: Listed<Arc<Film>, Cursor<FilmOrder>>,
    /// How many films match on all pages together; `None` where that must be counted ([`FilmService::count_films`]).
    pub total: Option<u64>,
    /// The highest id that the list has, where later films are not in it.
    pub highest: Option<i64>,
}

impl FilmPage {
    /// Of the films that were found up to the limit of the page.
    fn of(page: &Page<FilmOrder>, films: Films, total: Option<u64>) -> Self {
        Self { films: page.listed(films), total, highest: None }
    }
}

impl FilmService {
    /// A page of the films that match.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a negative or too large page, both directions at once, a cursor that is not one of this
    /// order, an order by relevance to nothing, or a seed of what is not shuffled.
    pub async fn films(
        &self,
        caller: &Caller,
        filter: &FilmFilter,
        order: FilmOrder,
        seed: Option<&str>,
        page: PageRequest,
    ) -> Result<FilmPage> {
        let page = read(caller, filter, order, seed, page, self.max_page)?;
        if order.sort == FilmSort::Shuffled {
            return Box::pin(self.shuffled(filter, seed, &page)).await;
        }
        if let Some(text) = &filter.text {
            // Boxed, so that a page from memory does not hold the room of queries.
            let searching = searched(&self.database, Some(&self.catalogue), filter, text, order, &page);
            return Box::pin(searching).await;
        }
        if let Some((films, total)) = self.catalogue.page(filter, order, &page) {
            return Ok(FilmPage::of(&page, films, u64::try_from(total).ok()));
        }
        let films = Box::pin(stored(&self.database, filter, order, &page)).await?;
        Ok(FilmPage::of(&page, films, None))
    }

    /// How many films match, up to the `highest` id that the list has: counted in the database, where a page does not know it.
    ///
    /// # Errors
    /// As [`FilmService::films`].
    pub async fn count_films(
        &self,
        caller: &Caller,
        filter: &FilmFilter,
        highest: Option<i64>,
    ) -> Result<u64> {
        authorize(caller, Action::ReadFilm)?;
        filter.validate()?;
        let up_to = Condition::all().add_option(highest.map(|highest| film::Column::Id.lte(highest)));
        self.database.bounded(filter.select().filter(up_to).count(&self.database.reader)).await
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
    order: FilmOrder,
    page: PageRequest,
    most: u32,
) -> Result<FilmPage> {
    let page = read(caller, filter, order, None, page, most)?;
    match &filter.text {
        Some(text) => searched(database, None, filter, text, order, &page).await,
        None => Ok(FilmPage::of(&page, stored(database, filter, order, &page).await?, None)),
    }
}

fn read(
    caller: &Caller,
    filter: &FilmFilter,
    order: FilmOrder,
    seed: Option<&str>,
    page: PageRequest,
    most: u32,
) -> Result<Page<FilmOrder>> {
    authorize(caller, Action::ReadFilm)?;
    let is_shuffled = order.sort == FilmSort::Shuffled;
    let mut faults = filter.faults();
    faults.extend(seed.and_then(fault_of_seed));
    let mut fault = |pointer, detail| faults.push(FieldFault::new(pointer, detail));
    if order.sort == FilmSort::Relevance && filter.text.is_none() {
        fault("/sort", "by relevance needs a text that is looked for");
    }
    if is_shuffled && order.is_reversed {
        fault("/order", "cannot be combined with the sort shuffled, whose order is its seed");
    }
    if !is_shuffled && seed.is_some() {
        fault("/seed", "cannot be combined with a sort other than shuffled");
    }
    match Page::read(page, order, most) {
        Err(Error::InvalidInput(more)) => faults.extend(more),
        read if faults.is_empty() => return read,
        _ => {}
    }
    Err(Error::InvalidInput(faults))
}

/// Of the films that a text means. All of them are known then, so they are counted too.
async fn searched(
    database: &Database,
    catalogue: Option<&Catalogue>,
    filter: &FilmFilter,
    text: &str,
    order: FilmOrder,
    page: &Page<FilmOrder>,
) -> Result<FilmPage> {
    let hits = search(database, catalogue, filter, text).await?;
    let total = u64::try_from(hits.len()).ok();
    let turned = order.is_reversed.then(|| page.turned());
    let films = hits.into_iter().map(|(class, film)| (found(order, &film, class), film));
    let mut films = sorted(films, turned.as_ref().unwrap_or(page));
    films.truncate(usize::try_from(page.limit()).unwrap_or(usize::MAX));
    Ok(FilmPage::of(page, films, total))
}

/// A cursor that names a place in a list of this order, written again: for fuzzers and tests.
#[doc(hidden)]
#[must_use]
pub fn rewritten_cursor(text: &str, order: FilmOrder) -> Option<String> {
    Cursor::decode(text, order).map(|cursor| cursor.encode())
}
