//! A list of films, page by page.

use std::sync::Arc;

use async_graphql::{Context, Object};

use crate::graphql::schema::plain::Plain;
use crate::graphql::schema::request_state::state;
use crate::graphql::schema::types::{Film, PageInfo};
use crate::service::error::Result;
use crate::service::films::filter::FilmFilter;
use crate::service::films::list::FilmPage;
use crate::service::films::types::FilmOrder;
use crate::service::page::Cursor;

/// A page of films.
pub(in crate::graphql) struct FilmConnection {
    page: FilmPage,
    filter: FilmFilter,
}

impl FilmConnection {
    pub(super) fn new(page: FilmPage, filter: FilmFilter) -> Self {
        Self { page, filter }
    }
}

/// A page of films (Relay).
#[Object(serial)]
impl FilmConnection {
    async fn edges(&self) -> Vec<Plain<FilmEdge>> {
        let films = self.page.films.iter();
        films
            .map(|(cursor, film)| Plain(FilmEdge { cursor: cursor.clone(), node: Arc::clone(film).into() }))
            .collect()
    }

    async fn page_info(&self) -> PageInfo {
        let FilmPage { films, has_next, has_previous, .. } = &self.page;
        PageInfo {
            has_next_page: *has_next,
            has_previous_page: *has_previous,
            start_cursor: films.first().map(|(cursor, _)| cursor.encode()),
            end_cursor: films.last().map(|(cursor, _)| cursor.encode()),
        }
    }

    /// How many films match, on all pages together.
    async fn total_count(&self, context: &Context<'_>) -> Result<u64> {
        let state = state(context)?;
        match self.page.total {
            Some(total) => Ok(total),
            None => state.service.count_films(&state.caller, &self.filter).await,
        }
    }
}

/// A film of a page.
struct FilmEdge {
    cursor: Cursor<FilmOrder>,
    node: Film,
}

/// A film of a page, with its place in the list.
#[Object(serial)]
impl FilmEdge {
    /// Its place in this list, for `after` and `before`.
    async fn cursor(&self) -> String {
        self.cursor.encode()
    }

    async fn node(&self) -> &Film {
        &self.node
    }
}
