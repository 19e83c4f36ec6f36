//! Durable likes, a commit each: one `UPDATE` a vote over sqlx, by REST and by stock async-graphql-axum.

use std::str::FromStr as _;

use async_graphql::{Context, EmptySubscription, ID, Object, Schema};
use async_graphql_axum::GraphQL;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use super::{FILMS, Film, film};

const TABLE: &str =
    "CREATE TABLE film (id BIGINT PRIMARY KEY, likes BIGINT NOT NULL, dislikes BIGINT NOT NULL)";
const FILL: &str = "INSERT INTO film VALUES ($1, 0, 0)";
const LIKE: &str = "UPDATE film SET likes = likes + 1 WHERE id = $1 RETURNING likes";
/// More make a hot film slower: they wait for its row.
const CONNECTIONS: u32 = 16;

#[derive(Clone)]
enum Store {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Store {
    async fn open(url: &str) -> Result<Self, sqlx::Error> {
        if url.starts_with("postgres") {
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await?;
            sqlx::query(TABLE).execute(&pool).await?;
            for id in 1..=FILMS {
                sqlx::query(FILL).bind(id).execute(&pool).await?;
            }
            return Ok(Self::Postgres(pool));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        // SQLite has one writer at a time.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::query(TABLE).execute(&pool).await?;
        for id in 1..=FILMS {
            sqlx::query(FILL).bind(id).execute(&pool).await?;
        }
        Ok(Self::Sqlite(pool))
    }

    async fn like(&self, id: i64) -> Result<Option<Film>, sqlx::Error> {
        let likes: Option<i64> = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(LIKE).bind(id).fetch_optional(pool).await?,
            Self::Postgres(pool) => sqlx::query_scalar(LIKE).bind(id).fetch_optional(pool).await?,
        };
        Ok(likes.map(|likes| Film { likes, ..film(id) }))
    }
}

async fn like(State(store): State<Store>, Path(id): Path<i64>) -> Result<Json<Film>, StatusCode> {
    let film = store.like(id).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    film.map(Json).ok_or(StatusCode::NOT_FOUND)
}

struct Query;

#[Object]
impl Query {
    async fn films(&self) -> i64 {
        FILMS
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn like(&self, context: &Context<'_>, id: ID) -> async_graphql::Result<Option<Film>> {
        Ok(context.data_unchecked::<Store>().like(id.parse()?).await?)
    }
}

pub(crate) fn serve(database: &str) -> bool {
    super::block_on(async {
        let store = Store::open(database).await.expect("a database");
        let schema = Schema::build(Query, Mutation, EmptySubscription).data(store.clone()).finish();
        let router = Router::new()
            .route("/v1/films/{id}/like", post(like))
            .route_service("/graphql", GraphQL::new(schema))
            .with_state(store);
        super::serve(router).await;
    })
}
