//! Genres and studios.

use async_graphql::{Object, SimpleObject};

use crate::graphql::schema::types::PageInfo;
use crate::service::films::group::{Group, GroupPage, Grouping};
use crate::service::page::Cursor;

/// A page of genres or studios, by name.
pub(in crate::graphql) struct FilmGroupConnection(pub GroupPage);

/// A page of genres or studios (Relay).
#[Object(serial)]
impl FilmGroupConnection {
    async fn edges(&self) -> Vec<FilmGroupEdge> {
        let edge = |(cursor, group): &_| FilmGroupEdge::new(cursor, group);
        self.0.groups.entries.iter().map(edge).collect()
    }

    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.0.groups)
    }

    /// How many there are, on all pages together.
    async fn total_count(&self) -> u64 {
        self.0.total
    }
}

/// A genre or a studio of a page, with its place in the list.
#[derive(SimpleObject)]
#[graphql(serial)]
struct FilmGroupEdge {
    /// Its place in this list, for `after` and `before`.
    cursor: String,
    node: FilmGroup,
}

impl FilmGroupEdge {
    fn new(cursor: &Cursor<Grouping>, group: &Group) -> Self {
        Self { cursor: cursor.encode(), node: FilmGroup(group.clone()) }
    }
}

/// A genre or a studio.
struct FilmGroup(Group);

/// A genre or a studio, and how many films it has.
#[Object(serial)]
impl FilmGroup {
    /// As the first of its films writes it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How many films it has.
    async fn films(&self) -> u64 {
        self.0.films
    }
}
