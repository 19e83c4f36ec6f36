//! The pages, embedded in the binary: GraphiQL, the REST tester and the films for people, built by Vite from
//! `playground/`; and a small page without a build step, which takes their place in a binary that was made without them.

mod answer;
mod files;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use answer::{Kind, answer};
use files::File;

/// The routes of the pages.
pub fn routes() -> Router {
    routes_of(built())
}

/// Whether this binary has more than the small page.
#[must_use]
pub fn built() -> bool {
    File::named("index.html").is_some()
}

/// `built`: as for this binary, or a test.
fn routes_of(built: bool) -> Router {
    Router::new()
        .route("/playground", get(graphiql))
        .route("/playground/rest", get(rest))
        .route("/playground/films", get(films))
        .route("/playground/basic", get(basic))
        .route("/playground/basic.js", get(async |headers: HeaderMap| file("basic.js", Kind::Part, &headers)))
        .route(
            "/playground/basic.css",
            get(async |headers: HeaderMap| file("basic.css", Kind::Part, &headers)),
        )
        .route("/playground/assets/{*file}", get(asset))
        .route("/playground/", get(without_slash))
        .route("/playground/rest/", get(without_slash))
        .route("/playground/films/", get(without_slash))
        .route("/playground/basic/", get(without_slash))
        // What a browser asks for out of habit; whoever sits in front of it wants films.
        .route("/index.html", get(async || Redirect::to("/playground/films")))
        .with_state(built)
}

async fn graphiql(State(built): State<bool>, headers: HeaderMap) -> Response {
    if built { file("index.html", Kind::GraphiQl, &headers) } else { small_page(built, &headers) }
}

async fn rest(State(built): State<bool>, headers: HeaderMap) -> Response {
    built_page(built, "rest.html", &headers)
}

async fn films(State(built): State<bool>, headers: HeaderMap) -> Response {
    built_page(built, "films.html", &headers)
}

async fn basic(State(built): State<bool>, headers: HeaderMap) -> Response {
    small_page(built, &headers)
}

async fn asset(State(built): State<bool>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    if built { file(&format!("assets/{name}"), Kind::Asset, &headers) } else { not_found() }
}

/// A deep link keeps its query.
async fn without_slash(uri: Uri) -> Redirect {
    let path = uri.path().trim_end_matches('/');
    Redirect::permanent(&uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
}

fn built_page(built: bool, name: &str, headers: &HeaderMap) -> Response {
    if built { file(name, Kind::Page, headers) } else { Redirect::to("/playground/basic").into_response() }
}

fn small_page(built: bool, headers: &HeaderMap) -> Response {
    file(if built { "basic.html" } else { "no-pages.html" }, Kind::Page, headers)
}

fn file(name: &str, kind: Kind, headers: &HeaderMap) -> Response {
    File::named(name).map_or_else(not_found, |file| answer(file, kind, headers))
}

/// Never a page in the place of a script: a browser that holds an old page would run it.
fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, header};
    use tower::ServiceExt as _;

    use super::*;

    async fn without_pages(path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        routes_of(false).oneshot(request).await.expect("infallible")
    }

    async fn text(response: Response) -> String {
        assert_eq!(response.status(), StatusCode::OK);
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        String::from_utf8(bytes.to_vec()).expect("UTF-8")
    }

    #[tokio::test]
    async fn without_pages_every_address_leads_to_the_small_page_that_says_so() {
        let page = text(without_pages("/playground").await).await;
        assert!(page.contains("make run") && page.contains("Node"), "{page}");
        assert_eq!(text(without_pages("/playground/basic").await).await, page);
        for path in ["/playground/rest", "/playground/films"] {
            let response = without_pages(path).await;
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
            assert_eq!(response.headers()[header::LOCATION], "/playground/basic");
        }
        let some = File::all().iter().find_map(|file| file.name.strip_prefix("assets/"));
        let asset = without_pages(&format!("/playground/assets/{}", some.unwrap_or("x.js"))).await;
        assert_eq!(asset.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn with_pages_the_small_page_says_nothing_of_them() {
        let request = Request::get("/playground/basic").body(Body::empty()).expect("a request");
        let response = routes_of(true).oneshot(request).await.expect("infallible");
        let page = text(response).await;
        assert!(!page.contains("make run") && page.contains("basic.js"), "{page}");
    }
}
