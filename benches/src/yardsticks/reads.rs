//! Bare axum with a fixed body, and stock async-graphql-axum over films in memory.

use std::sync::Arc;

use async_graphql::{Context, EmptyMutation, EmptySubscription, ID, Object, Schema, SimpleObject};
use async_graphql_axum::GraphQL;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post_service};
use rand::RngExt as _;

use super::{FILMS, Film, film};

const BODY: &str =
    r#"{"id":1,"name":"Frozen","studio":"Disney","year":2013,"genres":["Animation"],"likes":0,"dislikes":0}"#;

type Films = Arc<[Film]>;

struct Query;

#[Object]
impl Query {
    async fn random_film(&self, context: &Context<'_>) -> Option<Film> {
        let films = context.data_unchecked::<Films>();
        films.get(rand::rng().random_range(0..films.len())).cloned()
    }

    async fn film(&self, context: &Context<'_>, id: ID) -> Option<Film> {
        let place = id.parse::<usize>().ok()?.checked_sub(1)?;
        context.data_unchecked::<Films>().get(place).cloned()
    }

    async fn films(&self, context: &Context<'_>, first: usize) -> Page {
        let films = context.data_unchecked::<Films>().iter().take(first);
        Page { edges: films.map(|film| Edge { node: film.clone() }).collect() }
    }
}

#[derive(SimpleObject)]
struct Page {
    edges: Vec<Edge>,
}

#[derive(SimpleObject)]
struct Edge {
    node: Film,
}

pub(crate) fn serve() -> bool {
    let films: Films = (1..=FILMS).map(film).collect();
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).data(films).finish();
    let router = Router::new()
        .route("/", get(|| async { ([(CONTENT_TYPE, "application/json")], BODY) }))
        .route("/graphql", post_service(GraphQL::new(schema)));
    super::block_on(super::serve(router))
}
