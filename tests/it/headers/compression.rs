//! Compressed answers: which are, which never are, and what their headers say.

use std::io::Read as _;

use axum::http::Method;
use filmgate::service::caller::Role;
use flate2::read::GzDecoder;
use serde_json::json;

use crate::support::{Answer, PASSWORD, TestApp, UNLIMITED, header_of};

const LISTS: &str = "{ films(first: 100) { edges { node { id name studio } } } }";
const JSON: (&str, &str) = ("content-type", "application/json");

async fn get(app: &TestApp, path: &str, accepted: &str) -> Answer {
    app.call(Method::GET, path, &[("accept-encoding", accepted)], None).await
}

async fn graphql(app: &TestApp, body: &serde_json::Value, more: &[(&str, &str)]) -> Answer {
    let headers = [&[JSON, ("accept-encoding", "gzip")], more].concat();
    app.call(Method::POST, "/graphql", &headers, Some(body.to_string())).await
}

fn varies(answer: &Answer) -> bool {
    answer.headers.get_all("vary").iter().any(|vary| vary == "Accept-Encoding")
}

#[track_caller]
fn assert_plain(answer: &Answer, what: &str) {
    assert!(answer.body.len() > 1_000, "{what}: {} bytes would not be compressed anyhow", answer.body.len());
    assert_eq!(answer.header("content-encoding"), "", "{what}");
}

#[tokio::test]
async fn what_is_the_same_for_everybody_is_compressed_as_the_client_likes_it() {
    let app = TestApp::new(UNLIMITED).await;
    for path in [
        "/v1/films",
        "/v1/films?first=100",
        "/v1/studios?first=100",
        "/v1/operations",
        "/openapi.json",
        "/problems",
    ] {
        let plain = app.get(path).await.expect(200);
        assert_plain(&plain, path);
        assert!(varies(&plain), "{path}");
        for (accepted, used) in [
            ("gzip", "gzip"),
            ("GZIP, deflate", "gzip"),
            ("br", "br"),
            ("zstd;q=0.5, br;q=0.4", "zstd"),
            ("gzip;q=0.1, identity;q=0", "gzip"),
            ("*;q=0, gzip", "gzip"),
            ("identity", ""),
            ("deflate", ""),
            ("gzip;q=0", ""),
            ("gzip;q=0.1, identity;q=0.9", ""),
            ("*;q=0", ""),
            ("identity;q=0", ""),
            ("", ""),
            ("nonsense;q=x", ""),
        ] {
            let answer = get(&app, path, accepted).await.expect(200);
            assert_eq!(answer.header("content-encoding"), used, "{path} {accepted}");
            assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{path} {accepted}");
            assert!(varies(&answer), "{path} {accepted}");
            // Weak: it stands for the text, however that is sent.
            assert_eq!(answer.header("etag"), plain.header("etag"), "{path} {accepted}");
            if used.is_empty() {
                assert_eq!(answer.body, plain.body, "{path} {accepted}");
            } else {
                assert!(answer.body.len() * 2 < plain.body.len(), "{path} {accepted}: {}", answer.body.len());
            }
            let headers = [("accept-encoding", accepted)];
            let head = app.call(Method::HEAD, path, &headers, None).await.expect(200);
            for name in ["content-encoding", "content-length", "content-type", "etag", "cache-control"] {
                assert_eq!(head.header(name), answer.header(name), "{path} {accepted}: {name}");
            }
            assert!(head.body.is_empty() && varies(&head));
            let known = [("accept-encoding", accepted), ("if-none-match", plain.header("etag"))];
            let again = app.call(Method::GET, path, &known, None).await.expect(304);
            assert!(varies(&again) && again.header("content-encoding").is_empty(), "{path} {accepted}");
        }
        let compressed = get(&app, path, "gzip").await;
        let mut decompressed = Vec::new();
        GzDecoder::new(&*compressed.body).read_to_end(&mut decompressed).expect("gzip");
        assert!(decompressed == plain.body, "{path}");
        // Over two lines.
        let lines = [("accept-encoding", "gzip;q=0.5"), ("accept-encoding", "br")];
        assert_eq!(
            app.call(Method::GET, path, &lines, None).await.header("content-encoding"),
            "br",
            "{path}"
        );
    }
    for path in ["/v1/films/1", "/v1/films?first=2", "/", "/v1/me", "/health/live", "/v1/films?first=x"] {
        let small = get(&app, path, "gzip, br, zstd").await;
        assert_eq!((small.header("content-encoding"), varies(&small)), ("", false), "{path}");
    }
}

#[tokio::test]
async fn a_graphql_query_of_nobody_in_particular_is_compressed() {
    let app = TestApp::new(UNLIMITED).await;
    let query = json!({ "query": LISTS });
    let batch = json!([query, query]);
    for body in [&query, &batch] {
        let compressed = graphql(&app, body, &[]).await.expect(200);
        assert_eq!(
            (compressed.header("content-encoding"), compressed.header("cache-control")),
            ("gzip", "no-store")
        );
        assert!(varies(&compressed));
        let plain = app.post("/graphql", body.clone()).await.expect(200);
        let mut decompressed = Vec::new();
        GzDecoder::new(&*compressed.body).read_to_end(&mut decompressed).expect("gzip");
        assert!(decompressed == plain.body && varies(&plain));
    }
    let path: String = form_urlencoded::byte_serialize(LISTS.as_bytes()).collect();
    let by_get = get(&app, &format!("/graphql?query={path}"), "zstd").await.expect(200);
    assert_eq!(by_get.header("content-encoding"), "zstd");
}

/// In an answer that holds a secret beside a text of somebody else, the length tells of the secret.
#[tokio::test]
async fn what_belongs_to_a_caller_and_what_holds_a_secret_is_never_compressed() {
    let app = TestApp::new(UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    for n in 0..30 {
        app.account(&format!("somebody-{n}"), Role::Voter).await;
        app.key(admin).await;
    }
    let credential = header_of(&app.session(admin).await);
    let by = (credential.0, credential.1.as_str());
    for film in 1..=20 {
        let path = format!("/v1/films/{film}/like");
        app.call(Method::POST, &path, &[JSON, by], None).await.expect(200);
    }
    for path in ["/v1/accounts", "/v1/keys", "/v1/me/votes", "/v1/audit_events"] {
        let answer = app.call(Method::GET, path, &[by, ("accept-encoding", "gzip, br, zstd")], None).await;
        assert_plain(&answer.expect(200), path);
    }
    let long: String = (0..5).map(|n| format!("{}{n}: __typename ", "x".repeat(200))).collect();
    let sign_in = format!(
        "mutation {{ signIn(input: {{name: \"root\", password: \"{PASSWORD}\"}}) {{ token {long} }} }}"
    );
    let create_key = format!("mutation {{ createKey(input: {{name: \"K\"}}) {{ key {long} }} }}");
    let like = format!("mutation {{ like(id: 1) {{ likes {long} }} }}");
    for (query, more) in
        [(LISTS, &[by][..]), (&sign_in, &[]), (&create_key, &[by]), (&like, &[]), ("{ __typename }", &[by])]
    {
        let body = json!([{ "query": query }, { "query": LISTS }]);
        let bodies = if query == LISTS { vec![json!({ "query": query })] } else { vec![body.clone()] };
        for body in bodies {
            let answer = graphql(&app, &body, more).await.expect(200);
            assert_plain(&answer, query);
            assert!(!varies(&answer), "{query}");
        }
    }
    let answer = graphql(&app, &json!({ "query": sign_in }), &[]).await.expect(200);
    assert_plain(&answer, "a sign-in");
    assert!(answer.json()["data"]["signIn"]["token"].is_string());
    // What is refused may tell what was sent.
    let unknown: String = (0..60).map(|n| format!("&a-name-that-is-no-parameter-{n}")).collect();
    let refused = get(&app, &format!("/v1/films?{unknown}"), "gzip").await.expect(400);
    assert_plain(&refused, "a refusal");
}

#[tokio::test]
async fn an_event_stream_is_never_compressed() {
    let app = TestApp::new(UNLIMITED).await;
    let headers = [JSON, ("accept", "text/event-stream"), ("accept-encoding", "gzip, br, zstd")];
    let body = json!({ "query": LISTS }).to_string();
    let answer = app.call(Method::POST, "/graphql", &headers, Some(body)).await.expect(200);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_plain(&answer, "events");
}
