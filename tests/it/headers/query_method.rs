//! QUERY (RFC 10008): what GET asks, in a body.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Server, TestApp, UNLIMITED};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const METHODS: &str = "GET,HEAD,POST,QUERY";

async fn query(app: &TestApp, path: &str, kind: &str, body: &str) -> Answer {
    app.call(Method::QUERY, path, &[("content-type", kind)], Some(body.to_owned())).await
}

async fn graphql(app: &TestApp, document: &str) -> Answer {
    query(app, "/graphql", JSON, &json!({ "query": document }).to_string()).await
}

/// A refusal without what is of its request alone.
fn refusal(answer: &Answer) -> Value {
    let mut problem = answer.json();
    problem["instance"].take();
    problem
}

#[tokio::test]
async fn a_page_of_films_is_the_one_of_get() {
    let app = TestApp::new("browse=100/day").await;
    let mut calls = 0;
    for (parameters, json) in [
        ("", json!({})),
        ("first=3&sort=year&order=desc", json!({"first": 3, "sort": "year", "order": "desc"})),
        ("q=toy+story&first=2&genre=", json!({"q": "toy story", "first": 2, "genre": ""})),
        ("sort=shuffled&seed=a%26b%3D%C3%A9", json!({"sort": "shuffled", "seed": "a&b=é", "genre": null})),
        ("yearFrom=1930&minVotes=0", json!({"yearFrom": 1930, "minVotes": "0"})),
    ] {
        let got = app.get(&format!("/v1/films?{parameters}")).await.expect(200);
        for (kind, body) in [
            (FORM, parameters.to_owned()),
            ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", parameters.to_owned()),
            (JSON, json.to_string()),
        ] {
            let answer = query(&app, "/v1/films", kind, &body).await.expect(200);
            assert_eq!(answer.body, got.body, "{kind} {body}");
            for name in ["etag", "cache-control", "content-type"] {
                assert_eq!(answer.header(name), got.header(name), "{kind} {body}: {name}");
            }
            let known = [("content-type", kind), ("if-none-match", got.header("etag"))];
            let again = app.call(Method::QUERY, "/v1/films", &known, Some(body)).await.expect(304);
            assert!(again.body.is_empty());
            calls += 2;
        }
        calls += 1;
    }
    assert_eq!(app.left("browse-1d").await, 100 - calls, "one each, a 304 too");
    // In the address and in the body.
    let both = query(&app, "/v1/films?first=2", FORM, "sort=year").await.expect(200);
    assert_eq!(both.body, app.get("/v1/films?first=2&sort=year").await.body);
}

#[tokio::test]
async fn what_is_wrong_is_told_as_by_get() {
    let app = TestApp::new("browse=100/day").await;
    for (parameters, json) in [
        ("first=x", json!({"first": "x"})),
        ("first=1.5", json!({"first": 1.5})),
        ("sort=best&order=up", json!({"sort": "best", "order": "up"})),
        ("first=1000", json!({"first": 1000})),
        ("q=!", json!({"q": "!"})),
        ("nothing=1&first=2", json!({"nothing": 1, "first": 2})),
    ] {
        let got = app.get(&format!("/v1/films?{parameters}")).await;
        for (kind, body) in [(FORM, parameters.to_owned()), (JSON, json.to_string())] {
            let answer = query(&app, "/v1/films", kind, &body).await;
            assert_eq!((answer.status, refusal(&answer)), (got.status, refusal(&got)), "{kind} {body}");
        }
    }
    let left = app.left("browse-1d").await;
    for (path, kind, body, status, code) in [
        ("/v1/films?first=2", FORM, "first=2", 400, "INVALID_INPUT"),
        ("/v1/films", FORM, "first=2&first=2", 400, "INVALID_INPUT"),
        ("/v1/films", JSON, "{\"first\": 2, \"first\": 2}", 400, "INVALID_INPUT"),
        ("/v1/films", JSON, "{\"genre\": [\"Drama\"]}", 400, "INVALID_INPUT"),
        ("/v1/films", JSON, "[]", 400, "INVALID_INPUT"),
        ("/v1/films", JSON, "{", 400, "BAD_REQUEST"),
        ("/v1/films", JSON, "", 400, "BAD_REQUEST"),
        ("/v1/films", "text/plain", "first=2", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "/v1/films",
            "application/x-www-form-urlencoded; charset=latin1",
            "q=x",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("/v1/films", FORM, &format!("q={}", "x".repeat(8 * 1024)), 413, "PAYLOAD_TOO_LARGE"),
    ] {
        let answer = query(&app, path, kind, body).await.expect_problem(status, code);
        assert_eq!(answer.header("accept-query"), format!("{FORM}, {JSON}"), "{kind}");
    }
    let answer = query(&app, "/v1/films", FORM, &"x".repeat(8 * 1024 + 1)).await.expect(413);
    assert_eq!(answer.json()["detail"], "The request body has more than 8192 bytes, and is not read.");
    let bare = app.call(Method::QUERY, "/v1/films", &[], None).await;
    bare.expect_problem(415, "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(app.left("browse-1d").await, left, "what is not of its form costs nothing");
    query(&app, "/v1/films", FORM, &format!("{}q=toy", "&".repeat(8 * 1024 - 5))).await.expect(200);
}

#[tokio::test]
async fn addresses_say_whether_they_take_it() {
    let app = TestApp::new(UNLIMITED).await;
    for (path, types) in [
        ("/v1/films", "application/x-www-form-urlencoded, application/json"),
        ("/graphql", "application/json"),
    ] {
        for method in [Method::OPTIONS, Method::PUT, Method::TRACE] {
            let answer = app.call(method, path, &[], None).await.expect(405);
            assert_eq!((answer.header("allow"), answer.header("accept-query")), (METHODS, types), "{path}");
            assert_eq!(answer.code(), "METHOD_NOT_ALLOWED");
        }
        let path = if path == "/graphql" { "/graphql?query=%7B__typename%7D" } else { path };
        for method in [Method::GET, Method::HEAD] {
            let answer = app.call(method, path, &[], None).await.expect(200);
            assert_eq!(answer.header("accept-query"), types, "{path}");
        }
    }
    let answer = graphql(&app, "{ __typename }").await.expect(200);
    assert_eq!((answer.header("allow"), answer.header("accept-query")), (METHODS, JSON));
    for path in
        ["/", "/add_film", "/v1/films/1", "/v1/genres", "/openapi.json", "/health/live", "/playground"]
    {
        let answer = query(&app, path, FORM, "").await.expect_problem(405, "METHOD_NOT_ALLOWED");
        assert!(!answer.header("allow").contains("QUERY"), "{path}");
        assert_eq!(answer.header("accept-query"), "", "{path}");
    }
    let preflight = [("origin", "http://localhost:5173"), ("access-control-request-method", "QUERY")];
    let answer = app.call(Method::OPTIONS, "/graphql", &preflight, None).await.expect(204);
    assert!(answer.header("access-control-allow-methods").split(", ").any(|method| method == "QUERY"));
}

#[tokio::test]
async fn graphql_takes_the_body_of_post_for_queries_only() {
    let app = TestApp::new("film=9/day; browse=9/day").await;
    let answer = graphql(&app, "{ film(id: 1) { name } }").await.expect(200);
    assert_eq!(answer.json(), json!({"data": {"film": {"name": "Frozen"}}}));
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = json!({"query": "query Q($id: ID!) { film(id: $id) { name } }", "variables": {"id": 1}, "operationName": "Q"});
    let answer = query(&app, "/graphql", JSON, &body.to_string()).await.expect(200);
    assert_eq!(answer.json()["data"]["film"]["name"], "Frozen");
    let batch = json!([{"query": "{ film(id: 1) { name } }"}, {"query": "{ film(id: 2) { id } }"}]);
    let answer = query(&app, "/graphql", JSON, &batch.to_string()).await.expect(200);
    assert_eq!(answer.json()[1]["data"]["film"]["id"], "2");
    assert_eq!(app.left("browse-1d").await, 5, "as by POST");

    let mutation = "mutation { like(id: 1) { likes } }";
    let by_get = app.get("/graphql?query=mutation%7Blike(id:1)%7Blikes%7D%7D").await.expect(405);
    let batch = json!([{"query": "{ __typename }"}, {"query": mutation}]).to_string();
    for refused in [graphql(&app, mutation).await, query(&app, "/graphql", JSON, &batch).await] {
        assert_eq!((refused.status, refused.header("allow")), (by_get.status, "POST"));
        assert_eq!(refused.json(), by_get.json());
    }
    assert_eq!(app.left("film-1d").await, 9);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);

    let subscription = "subscription { filmVoted(id: 1) { likes } }";
    let by_get = app.get("/graphql?query=subscription%7BfilmVoted(id:1)%7Blikes%7D%7D").await;
    assert_eq!(
        graphql(&app, subscription).await.json()["errors"][0]["message"],
        by_get.json()["errors"][0]["message"]
    );
    let (answer, events) = app.stream(Method::QUERY, "/graphql", Some(subscription)).await;
    assert_eq!(answer.expect(200).header("content-type"), "text/event-stream");
    drop(events);

    let answer = query(&app, "/graphql", "text/plain", "{}").await.expect(415);
    assert_eq!((answer.code(), answer.header("accept-query")), ("UNSUPPORTED_MEDIA_TYPE".to_owned(), JSON));
}

/// It changes nothing: so a key for changes means nothing, and no page is in the way of it, as of a GET.
#[tokio::test]
async fn it_is_safe() {
    let app = TestApp::new(UNLIMITED).await;
    let film = json!({"query": "{ film(id: 1) { name } }"}).to_string();
    let page = "first=1".to_owned();
    for (path, kind, body) in [("/graphql", JSON, film), ("/v1/films", FORM, page)] {
        let headers =
            [("content-type", kind), ("idempotency-key", "short"), ("origin", "http://evil.example")];
        let answer = app.call(Method::QUERY, path, &headers, Some(body)).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "", "and no page of others reads it");
        assert_eq!(answer.header("idempotency-replayed"), "");
    }
}

#[tokio::test]
async fn the_log_knows_it() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let client = reqwest::Client::new();
    let request =
        client.request(Method::QUERY, format!("{}/v1/films", server.url)).header("content-type", FORM);
    let page: Value = request.body("first=2").send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(page["films"].as_array().map(Vec::len), Some(2));
    let lines = server.await_log(1, |line| line["method"] == "QUERY");
    assert_eq!((&lines[0]["action"], &lines[0]["path"]), (&json!("films"), &json!("/v1/films")));
    assert!(lines[0]["charges"].as_str().is_some_and(|charges| charges.contains("browse")), "{}", lines[0]);
}
