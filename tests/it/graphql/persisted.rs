//! Documents that are asked for by what stands for them.

use axum::http::Method;
use filmgate::config::TrustedMode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{Answer, Server, Socket, TestApp, UNLIMITED};

const TEXT: &str = "query Film($id: ID!) { film(id: $id) { name } }";
const RESPONSE: &str = "application/graphql-response+json";

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hashed(text: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}})
}

async fn post(app: &TestApp, accept: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("accept", accept)];
    app.call(Method::POST, "/graphql", &headers, Some(body.to_string())).await
}

/// As Apollo and urql speak it: by hash, with the text when nobody knows that, and by hash from then on.
#[tokio::test]
async fn a_text_is_known_by_its_hash_once_it_was_sent() {
    let app = TestApp::new("browse=100/day; flood=1000/day").await;
    let variables = json!({"id": 1});
    let by_hash = json!({"variables": variables, "extensions": hashed(TEXT)});
    for (accept, status) in [(RESPONSE, 400), ("application/json", 200)] {
        let answer = post(&app, accept, &by_hash).await.expect(status).json();
        let error =
            json!({"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}});
        assert_eq!(answer, json!({ "errors": [error] }));
    }
    assert_eq!(app.left("browse-1d").await, 100, "what nobody knows costs nothing");
    let frozen = json!({"data": {"film": {"name": "Frozen"}}});
    let with_text = json!({"query": TEXT, "variables": variables, "extensions": hashed(TEXT)});
    for body in [&with_text, &by_hash, &by_hash] {
        assert_eq!(post(&app, RESPONSE, body).await.expect(200).json(), frozen);
    }
    assert_eq!(app.left("browse-1d").await, 97);
    // By GET, as caches in between like it, and in capitals.
    let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": format!("sha256:{}", sha256(TEXT).to_uppercase())}});
    let pairs = [("variables", variables.to_string()), ("extensions", extensions.to_string())];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let answer = app.call(Method::GET, &format!("/graphql?{query}"), &[("accept", RESPONSE)], None).await;
    assert_eq!(answer.expect(200).json(), frozen);
    // The hash as a text is a comment, and no document.
    let comment = json!({"query": format!("#{}", sha256(TEXT)), "variables": variables});
    let refused = post(&app, RESPONSE, &comment).await.expect(400).json();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
    // In a batch.
    let batch = json!([by_hash, {"query": "{ me { role } }"}]);
    assert_eq!(app.post("/graphql", batch).await.expect(200).json()[0], frozen);
    // A mutation by its hash is still none by GET.
    let like = "mutation { like(id: 7) { id } }";
    post(&app, RESPONSE, &json!({"query": like, "extensions": {"priceOnly": true, "persistedQuery": hashed(like)["persistedQuery"]}}))
        .await
        .expect(200);
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("extensions", hashed(like).to_string())])
        .finish();
    app.call(Method::GET, &format!("/graphql?{query}"), &[("accept", RESPONSE)], None).await.expect(405);
}

#[tokio::test]
async fn a_hash_of_another_text_or_of_none_is_refused_and_nothing_is_kept() {
    let app = TestApp::new(UNLIMITED).await;
    let wrong = json!({"query": "{ me { role } }", "extensions": hashed(TEXT)});
    let refused = post(&app, RESPONSE, &wrong).await.expect(400);
    assert!(refused.json()["errors"][0]["message"].as_str().is_some_and(|text| text.contains("SHA-256")));
    let invalid = "{ nothing }";
    post(&app, RESPONSE, &json!({"query": invalid, "extensions": hashed(invalid)})).await.expect(400);
    for text in [TEXT, invalid] {
        let answer = post(&app, RESPONSE, &json!({"extensions": hashed(text)})).await;
        assert_eq!(answer.expect(400).code(), "PERSISTED_QUERY_NOT_FOUND");
    }
    for extensions in [
        json!({"persistedQuery": 1}),
        json!({"persistedQuery": {"version": 2, "sha256Hash": sha256(TEXT)}}),
        json!({"persistedQuery": {"version": 1, "sha256Hash": "short"}}),
        json!({"persistedQuery": {"version": 1}}),
    ] {
        for body in [json!({ "extensions": extensions }), json!({"query": TEXT, "extensions": extensions})] {
            let answer = post(&app, RESPONSE, &body).await.expect(400);
            assert_eq!(answer.code(), "BAD_REQUEST", "{body}");
        }
    }
    for body in [
        json!({}),
        json!({"extensions": {}}),
        json!({"documentId": 7}),
        json!({"documentId": "d".repeat(201)}),
    ] {
        assert_eq!(post(&app, RESPONSE, &body).await.expect(400).code(), "BAD_REQUEST", "{body}");
    }
    let unknown = json!({"documentId": "nobody knows it"});
    assert_eq!(post(&app, RESPONSE, &unknown).await.expect(400).code(), "PERSISTED_QUERY_NOT_FOUND");
}

async fn trusting(mode: TrustedMode) -> (TestApp, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("persisted-documents.json");
    std::fs::write(&file, json!({ sha256(TEXT): TEXT, "a name": "{ me { role } }" }).to_string())
        .expect("a file");
    let app = TestApp::with(UNLIMITED, |config| {
        config.graphql.trusted_documents = Some(file);
        config.graphql.trusted_mode = mode;
    });
    (app.await, folder)
}

#[tokio::test]
async fn trusted_documents_are_asked_for_by_name_and_others_only_where_the_operator_lets_them() {
    let other = "{ film(id: 2) { id } }";
    for mode in [TrustedMode::Off, TrustedMode::Log, TrustedMode::Only] {
        let (app, _folder) = trusting(mode).await;
        let variables = json!({"id": 1});
        for body in [
            json!({"documentId": sha256(TEXT), "variables": variables}),
            json!({"documentId": format!("sha256:{}", sha256(TEXT)), "variables": variables}),
            json!({"extensions": hashed(TEXT), "variables": variables}),
            json!({"query": TEXT, "variables": variables}),
        ] {
            let answer = post(&app, RESPONSE, &body).await.expect(200);
            assert_eq!(answer.json()["data"]["film"]["name"], "Frozen", "{mode:?} {body}");
        }
        post(&app, RESPONSE, &json!({"documentId": "a name"})).await.expect(200);
        for body in [
            json!({"query": other}),
            json!({"query": other, "extensions": hashed(other)}),
            json!({"extensions": hashed(other)}),
        ] {
            let answer = post(&app, RESPONSE, &body).await;
            match (mode, body.get("query").is_some()) {
                (TrustedMode::Only, true) => assert_eq!(answer.expect(400).code(), "DOCUMENT_NOT_TRUSTED"),
                (TrustedMode::Only, false) => {
                    assert_eq!(answer.expect(400).code(), "PERSISTED_QUERY_NOT_FOUND");
                }
                _ => drop(answer.expect(200)),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_trusts_over_sockets_too_and_says_what_is_wrong_with_a_list() {
    let folder = TempDir::new().expect("a folder");
    let list = folder.path().join("documents.json");
    std::fs::write(&list, json!({"role": "{ me { role } }", "Old": "{ lost }"}).to_string()).expect("a file");
    let path = list.to_str().expect("a path");
    let only = [("FILMGATE_GRAPHQL__TRUSTED_DOCUMENTS", path), ("FILMGATE_GRAPHQL__TRUSTED_MODE", "only")];
    let server = Server::start(folder.path(), &only);
    // By its name, and not by its hash, which comes later in the alphabet.
    server.await_log(1, |line| {
        line["name"] == "Old" && line["fault"].as_str().is_some_and(|fault| fault.contains("lost"))
    });
    server.await_log(1, |line| line["unfit"] == 1);
    let mut socket = Socket::ready(server.address()).await;
    socket.say(json!({"id": "1", "type": "subscribe", "payload": {"documentId": "role"}})).await;
    assert_eq!(socket.hear().await["payload"]["data"]["me"]["role"], "EDITOR");
    assert_eq!(socket.hear().await["type"], "complete");
    let refused = socket.ask("{ me { name } }").await;
    assert_eq!(refused["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED");
    drop(server);

    std::fs::write(&list, "[]").expect("a file");
    for command in [&["config", "check"][..], &["doctor"]] {
        let output = Server::output(folder.path(), command, &only);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!output.status.success() && said.contains("is no list of documents"), "{said}");
    }
    let output = Server::output(folder.path(), &["serve"], &only);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("graphql.trusted_documents"), "{said}");
    let output = Server::output(folder.path(), &["serve"], &only[1..]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("graphql.trusted_documents"), "{said}");
}
