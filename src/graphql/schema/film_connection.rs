//! A list of films, page by page.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};

use crate::graphql::schema::film::Film;
use crate::graphql::schema::own_vote::Listed;
use crate::graphql::schema::plain::Plain;
use crate::graphql::schema::request_state::state;
use crate::graphql::schema::types::{PageInfo, Total};
use crate::service::films::filter::FilmFilter;
use crate::service::films::list::FilmPage;
use crate::service::films::types as film;
use crate::service::films::types::FilmOrder;
use crate::service::page::Cursor;

/// A page of films.
pub(in crate::graphql) struct FilmConnection {
    listed: Arc<Listed>,
    filter: FilmFilter,
    total: Total,
}

impl FilmConnection {
    pub(super) fn new(page: FilmPage, filter: FilmFilter) -> Self {
        Self { listed: Arc::new(Listed::new(page)), filter, total: Total::default() }
    }
}

/// A page of films (Relay).
#[Object(serial)]
impl FilmConnection {
    async fn edges(&self) -> Vec<Plain<FilmEdge<'_>>> {
        let films = self.listed.page.films.entries.iter();
        films.map(|(cursor, film)| Plain(FilmEdge { cursor, film, listed: &self.listed })).collect()
    }

    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.listed.page.films)
    }

    /// How many films match, on all pages together.
    async fn total_count(&self, context: &Context<'_>) -> Result<u64> {
        let (state, page) = (state(context)?, &self.listed.page);
        match page.total {
            Some(total) => Ok(total),
            None => {
                self.total
                    .or_count(state.service.count_films(&state.caller, &self.filter, page.highest))
                    .await
            }
        }
    }
}

/// A film of a page.
struct FilmEdge<'a> {
    cursor: &'a Cursor<FilmOrder>,
    film: &'a Arc<film::Film>,
    listed: &'a Arc<Listed>,
}

/// A film of a page, with its place in the list.
#[Object(serial)]
impl FilmEdge<'_> {
    /// Its place in this list, for `after` and `before`.
    async fn cursor(&self) -> String {
        self.cursor.encode()
    }

    async fn node(&self) -> Film {
        Film::listed(Arc::clone(self.film), Arc::clone(self.listed))
    }
}
