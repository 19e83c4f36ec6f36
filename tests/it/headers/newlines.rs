//! JSON ends with a newline, so that a shell writes its prompt on the next line; what is a part of a stream does not.

use axum::http::Method;
use filmgate::service::caller::Role;
use serde_json::json;

use crate::support::{Answer, TestApp, UNLIMITED};

#[track_caller]
fn assert_ends(answer: &Answer, what: &str) {
    assert!(answer.header("content-type").contains("json"), "{what}: {}", answer.header("content-type"));
    answer.json();
    let text = String::from_utf8_lossy(&answer.body);
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{what}: {text:?}");
}

#[tokio::test]
async fn every_answer_of_json_ends_with_one_newline() {
    let app = TestApp::new(UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    let admin = app.session(admin).await;
    for path in [
        "/",
        "/?like=1",
        "/v1/films",
        "/v1/films/1",
        "/v1/films/random",
        "/v1/genres",
        "/v1/studios",
        "/v1/operations",
        "/v1/rate_limit",
        "/v1/me",
        "/v1/me/votes",
        "/v1/accounts",
        "/v1/keys",
        "/v1/audit_events",
        "/openapi.json",
        "/health/live",
        "/health/ready",
        "/nothing",
        "/?like=x",
        "/v1/films?first=x",
        "/graphql",
        "/graphql?query=%7B__typename%7D",
        "/graphql?query=%7B",
    ] {
        let answer = app.get_as(&admin, path).await;
        assert_ends(&answer, path);
        let head = app.call_as(Some(&admin), Method::HEAD, path, None).await;
        let length = head.header("content-length").parse::<usize>().expect("a length");
        // A random film and the id of a request are never as long as the ones before.
        if answer.header("cache-control") == "no-cache" {
            assert_eq!(length, answer.body.len(), "{path}");
        }
    }
    for (path, body) in [
        ("/add_film", json!({"name": "N", "studio": "S"})),
        ("/add_film", json!({"name": 5})),
        ("/v1/films/1/like", json!({})),
        ("/v1/keys", json!({"name": "K"})),
        ("/graphql", json!({"query": "mutation { like(id: 1) { likes } }"})),
        ("/graphql", json!({"query": "{ nothing }"})),
        ("/graphql", json!([{"query": "{ film(id: 1) { name } }"}, {"query": "{"}])),
        ("/graphql", json!(5)),
    ] {
        let what = format!("{path} {body}");
        assert_ends(&app.call_as(Some(&admin), Method::POST, path, Some(body)).await, &what);
    }
    let session = app.sign_in("root", crate::support::PASSWORD).await.expect(201);
    assert_ends(&session, "a session");
}

/// An empty line ends an event.
#[tokio::test]
async fn what_an_event_holds_ends_without_one() {
    let app = TestApp::new(UNLIMITED).await;
    let head = [("content-type", "application/json"), ("accept", "text/event-stream")];
    for query in ["{ film(id: 1) { name } }", "{"] {
        let body = json!({ "query": query }).to_string();
        let answer = app.call(Method::POST, "/graphql", &head, Some(body)).await.expect(200);
        let text = String::from_utf8(answer.body).expect("UTF-8");
        assert!(
            text.starts_with("event: next\ndata: {") && text.ends_with("}\n\nevent: complete\ndata: \n\n"),
            "{text:?}"
        );
        assert_eq!(text.matches("\n\n").count(), 2, "{text:?}");
    }
}
