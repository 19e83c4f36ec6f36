//! What others would write with the same libraries, and nothing around it.

pub(crate) mod reads;
pub(crate) mod votes;

use async_graphql::SimpleObject;
use axum::Router;
use serde::Serialize;

/// As many as the starter catalogue has.
const FILMS: i64 = 620;

#[derive(Clone, Serialize, SimpleObject)]
struct Film {
    id: i64,
    name: String,
    studio: String,
    year: Option<i32>,
    genres: Vec<String>,
    likes: i64,
    dislikes: i64,
}

fn film(id: i64) -> Film {
    Film {
        id,
        name: "Frozen".to_owned(),
        studio: "Disney".to_owned(),
        year: Some(2013),
        genres: vec!["Animation".to_owned()],
        likes: 0,
        dislikes: 0,
    }
}

/// Serves on a port that the system chooses, which is printed, as filmgate prints it.
async fn serve(router: Router) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}/", listener.local_addr().expect("its number"));
    axum::serve(listener, router).await.expect("a server");
}

/// With as many threads as `TOKIO_WORKER_THREADS` says.
fn block_on(server: impl Future<Output = ()>) -> bool {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(server);
    true
}
