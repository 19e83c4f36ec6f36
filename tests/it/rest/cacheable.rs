//! What a client may cache, and how it learns that its copy still holds.

use axum::http::Method;
use filmgate::service::caller::Role;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Answer, Server, TestApp, UNLIMITED, header_of};

/// What is the same for everybody.
const CACHEABLE: [&str; 11] = [
    "/v1/films/1",
    "/v1/films",
    "/v1/films?genre=western&sort=year&first=2",
    "/v1/films?first=100",
    "/v1/genres",
    "/v1/studios?first=3",
    "/v1/operations",
    "/openapi.json",
    "/schema.graphql",
    "/problems",
    "/problems/FILM_EXISTS",
];

/// Word for word what is committed.
#[tokio::test]
async fn the_schema_of_graphql_is_there_as_a_text() {
    let app = TestApp::new(UNLIMITED).await;
    let schema = app.get("/schema.graphql").await.expect(200);
    assert_eq!(schema.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(String::from_utf8_lossy(&schema.body), include_str!("../../../schema.graphql"));
    app.call(Method::POST, "/schema.graphql", &[], None).await.expect_problem(405, "METHOD_NOT_ALLOWED");
}

async fn ask(app: &TestApp, method: Method, path: &str, known: &str) -> Answer {
    app.call(method, path, &[("if-none-match", known)], None).await
}

fn varies(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok()).collect()
}

#[tokio::test]
async fn what_is_the_same_for_everybody_is_sent_again_only_when_it_has_changed() {
    let app = TestApp::new(UNLIMITED).await;
    let voter = app.account("anna", Role::Voter).await;
    let (name, credential) = header_of(&app.session(voter).await);
    for path in CACHEABLE {
        let first = app.get(path).await.expect(200);
        let tag = first.header("etag");
        assert!(tag.starts_with("W/\"") && tag.ends_with('"') && tag.len() == 20, "a weak tag: {tag}");
        assert_eq!(first.header("cache-control"), "no-cache", "{path}");
        let signed_in = [(name, credential.as_str())];
        let others = app.call(Method::GET, path, &signed_in, None).await.expect(200);
        assert_eq!((others.header("etag"), &others.body), (tag, &first.body), "{path}");
        let head = app.head(path).await.expect(200);
        for name in ["etag", "cache-control", "content-type", "content-length"] {
            assert_eq!(head.header(name), first.header(name), "{path} {name}");
        }
        let strong = tag.trim_start_matches("W/").to_owned();
        for known in [
            tag.to_owned(),
            strong,
            format!("\"other\", {tag}"),
            format!("W/\"a,b\" , {tag}"),
            "*".to_owned(),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let again = ask(&app, method, path, &known).await.expect(304);
                assert!(again.body.is_empty());
                for name in ["etag", "cache-control", "content-security-policy"] {
                    assert_eq!(again.header(name), first.header(name), "{path} {name}");
                }
                assert_eq!(varies(&again), varies(&first), "{path}");
                for name in ["content-type", "content-length", "content-encoding"] {
                    assert!(!again.headers.contains_key(name), "{path} {name}");
                }
            }
        }
        // Over several lines, as proxies write lists.
        let lines = [("if-none-match", "\"other\""), ("if-none-match", tag)];
        app.call(Method::GET, path, &lines, None).await.expect(304);
        for known in ["\"other\"", "W/\"\"", "", "nonsense", &tag[..tag.len() - 2]] {
            ask(&app, Method::GET, path, known).await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_vote_and_a_new_film_change_the_tag_of_what_tells_them_and_of_nothing_else() {
    let app = TestApp::new(UNLIMITED).await;
    let tags = async || {
        let mut tags = Vec::new();
        for path in ["/v1/films/1", "/v1/films/2", "/v1/films", "/v1/studios?first=100", "/openapi.json"] {
            tags.push(app.get(path).await.expect(200).header("etag").to_owned());
        }
        tags
    };
    let changed = |before: &[String], after: &[String]| {
        before.iter().zip(after).map(|(before, after)| before != after).collect::<Vec<_>>()
    };
    let before = tags().await;
    assert_eq!(tags().await, before);
    let other = app.beside(UNLIMITED).await.get("/v1/films/1").await.expect(200);
    assert_eq!(other.header("etag"), before[0], "on another server");
    // The first page has neither film.
    app.get("/?like=1").await.expect(200);
    let voted = tags().await;
    assert_eq!(changed(&before, &voted), [true, false, false, false, false]);
    ask(&app, Method::GET, "/v1/films/1", &before[0]).await.expect(200);
    ask(&app, Method::GET, "/v1/films/1", &voted[0]).await.expect(304);
    app.post("/add_film", json!({"name": "0", "studio": "0"})).await.expect(201);
    assert_eq!(changed(&voted, &tags().await), [false, false, true, true, false]);
}

#[tokio::test]
async fn a_304_costs_what_the_film_costs() {
    let app = TestApp::new("browse=9/day; flood=100/day").await;
    let film = app.get("/v1/films/1").await.expect(200);
    let again = ask(&app, Method::GET, "/v1/films/1", film.header("etag")).await.expect(304);
    assert_eq!(again.header("ratelimit-policy"), film.header("ratelimit-policy"));
    assert!(again.header("ratelimit").contains("\"browse-1d\";r=7"), "{}", again.header("ratelimit"));
    assert_eq!(app.left("browse-1d").await, 7);
    for _ in 0..7 {
        ask(&app, Method::GET, "/v1/films/1", "*").await.expect(304);
    }
    ask(&app, Method::GET, "/v1/films/1", "*").await.expect_problem(429, "RATE_LIMITED");
}

/// A random film, a vote, what belongs to a caller, what holds a secret, and a refusal: nobody keeps them, whatever tag
/// somebody names.
#[tokio::test]
async fn everything_else_is_not_cacheable() {
    let app = TestApp::new(UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    let admin = header_of(&app.session(admin).await);
    let key = [("if-none-match", "*"), ("content-type", "application/json"), (admin.0, admin.1.as_str())];
    let query = |text: &str| Some(json!({ "query": text }).to_string());
    for (method, path, body) in [
        (Method::GET, "/", None),
        (Method::GET, "/?like=1", None),
        (Method::GET, "/v1/films/random", None),
        (Method::GET, "/v1/rate_limit", None),
        (Method::GET, "/v1/me", None),
        (Method::GET, "/v1/me/votes", None),
        (Method::GET, "/v1/accounts", None),
        (Method::GET, "/v1/keys", None),
        (Method::GET, "/v1/audit_events", None),
        (Method::GET, "/health/live", None),
        (Method::GET, "/v1/films/9999", None),
        (Method::GET, "/v1/films?first=x", None),
        (Method::GET, "/graphql?query=%7Bfilm(id:1)%7Bname%7D%7D", None),
        (Method::POST, "/graphql", query("{ film(id: 1) { name } }")),
        (Method::POST, "/graphql", query("mutation { like(id: 1) { likes } }")),
        (Method::POST, "/v1/films/1/like", None),
        (Method::PATCH, "/v1/films/1", Some(json!({"year": 2014}).to_string())),
        (Method::POST, "/v1/keys", Some(json!({"name": "K"}).to_string())),
        (Method::HEAD, "/add_film", None),
    ] {
        let answer = app.call(method.clone(), path, &key, body).await;
        assert_ne!(answer.status, 304, "{method} {path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
        assert_eq!(answer.header("etag"), "", "{method} {path}");
    }
    // However often somebody asks who has signed in.
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 1);
}

#[tokio::test]
async fn a_page_of_another_origin_may_read_the_tag() {
    let app = TestApp::new(UNLIMITED).await;
    let page = [("origin", "http://localhost:5173"), ("if-none-match", "*")];
    let answer = app.call(Method::GET, "/v1/films/1", &page, None).await.expect(304);
    assert_eq!(answer.header("access-control-allow-origin"), page[0].1);
    assert!(answer.header("access-control-expose-headers").split(", ").any(|name| name == "ETag"));
}

/// What the very last layer does with an empty body, and what is said of it.
#[tokio::test]
async fn over_a_socket_a_304_has_no_length_and_its_line_says_304() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let url = format!("{}/v1/films/7", server.url);
    let client = reqwest::Client::new();
    let film = client.get(&url).send().await.expect("an answer");
    let tag = film.headers()["etag"].clone();
    let again = client.get(&url).header("if-none-match", tag).send().await.expect("an answer");
    assert_eq!(again.status(), 304);
    for name in ["content-length", "transfer-encoding", "content-type"] {
        assert!(!again.headers().contains_key(name), "{:?}", again.headers());
    }
    let lines = server.await_log(1, |line| line["status"] == 304);
    let line = &lines[0];
    assert_eq!(
        (&line["action"], &line["film_id"], &line["outcome"]),
        (&json!("film"), &json!(7), &json!("ok"))
    );
    assert!(line["charges"].as_str().is_some_and(|charges| charges.contains("browse")), "{line}");
}
