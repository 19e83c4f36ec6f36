//! A token of an external issuer at the surfaces.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::issuer::{AUDIENCE, Answer as Keys, ISSUER, JwksServer, SigningKey, claims};
use crate::support::{Answer, TestApp, UNLIMITED};

const STRANGER: &str = "192.0.2.1:1";

async fn app(keys: &JwksServer) -> TestApp {
    TestApp::with(UNLIMITED, |config| {
        config.auth.jwt.issuer = Some(ISSUER.to_owned());
        config.auth.jwt.audience = vec![AUDIENCE.to_owned()];
        config.auth.jwt.jwks = Some(keys.url());
    })
    .await
}

async fn add(app: &TestApp, header: (&str, &str), name: &str) -> Answer {
    let headers = [("content-type", "application/json"), header];
    let film = json!({"name": name, "studio": "S"}).to_string();
    app.call_from(STRANGER, Method::POST, "/add_film", &headers, Some(film)).await
}

fn token(key: &SigningKey, role: &str, more: &Value) -> String {
    let mut claims = claims();
    claims["role"] = role.into();
    for (name, value) in more.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    format!("Bearer {}", key.token("EdDSA", "ed", &claims))
}

#[tokio::test]
async fn a_token_gives_its_role_and_a_bad_one_nothing() {
    let (key, other) = (SigningKey::ed25519(), SigningKey::ed25519());
    let keys = JwksServer::start(Keys::Keys(vec![key.jwk("ed")])).await;
    let app = app(&keys).await;
    let none = json!({});
    add(&app, ("authorization", &token(&key, "editor", &none)), "A").await.expect(201);
    let voter = add(&app, ("authorization", &token(&key, "voter", &none)), "B").await;
    voter.expect_problem(403, "FORBIDDEN");
    for bad in [
        token(&other, "editor", &none),
        token(&key, "editor", &json!({"exp": 1})),
        token(&key, "editor", &json!({"aud": "another"})),
        "Bearer a.b.c".to_owned(),
        "Bearer ..".to_owned(),
    ] {
        let answer = add(&app, ("authorization", &bad), "B").await;
        let answer = answer.expect_problem(401, "UNAUTHENTICATED");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    app.service.close().await;
    let refused = "SELECT COUNT(*) FROM audit_event WHERE event = 'credential_refused'";
    assert!(app.count(refused).await > 0, "and it is on record");
    // A token is no key, and shows itself in one header only.
    let bare = token(&key, "editor", &none).replace("Bearer ", "");
    add(&app, ("x-api-key", &bare), "B").await.expect_problem(401, "UNAUTHENTICATED");
    let in_address = format!("/?access_token={bare}&like=1");
    let liked = app.call_from(STRANGER, Method::GET, &in_address, &[], None).await;
    liked.expect(200);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote WHERE voter IS NULL").await, 1, "and is nobody's there");
}

/// One vote for a film each, and nobody's name in the table.
#[tokio::test]
async fn subjects_vote_once_each() {
    let key = SigningKey::ed25519();
    let keys = JwksServer::start(Keys::Keys(vec![key.jwk("ed")])).await;
    let app = app(&keys).await;
    for (subject, times) in [("alice", 3), ("bob", 2)] {
        let token = token(&key, "voter", &json!({"sub": subject}));
        for _ in 0..times {
            let headers = [("authorization", token.as_str())];
            app.call_from(STRANGER, Method::GET, "/?like=1", &headers, None).await.expect(200);
        }
    }
    assert_eq!(app.get("/v1/films/1").await.json()["likes"], 2);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote WHERE voter LIKE '%alice%'").await, 0);
}

/// A stream outlives the token by which it was begun, and what it tells of its reader does not.
#[tokio::test]
async fn a_stream_tells_nobody_their_vote_once_their_token_has_ended() {
    const VOTED: &str = "subscription { filmVoted(id: 1) { likes myVote } }";
    let key = SigningKey::ed25519();
    let keys = JwksServer::start(Keys::Keys(vec![key.jwk("ed")])).await;
    let app = app(&keys).await;
    let token = token(&key, "voter", &json!({"role": "voter"}));
    let bare = token.strip_prefix("Bearer ").expect("a scheme");
    let (_, mut events) = app.stream_as(Some(bare), Method::POST, "/graphql", Some(VOTED)).await;
    app.call_as(Some(bare), Method::POST, "/v1/films/1/like", None).await.expect(200);
    let told = events.data("next").await;
    assert_eq!(told, json!({"data": {"filmVoted": {"likes": 1, "myVote": "LIKE"}}}));
    app.clock.advance(Duration::from_mins(6));
    app.get("/?like=1").await.expect(200);
    let told = events.data("next").await;
    assert_eq!(told["data"]["filmVoted"], json!({"likes": 2, "myVote": null}));
    assert_eq!(told["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{told}");
}

#[tokio::test]
async fn while_the_keys_cannot_be_had_nobody_is_taken_for_anonymous() {
    let key = SigningKey::ed25519();
    let keys = JwksServer::start(Keys::Keys(vec![key.jwk("ed")])).await;
    let good = token(&key, "editor", &json!({}));
    keys.answers(Keys::Status(500));
    let app = app(&keys).await;
    let answer = add(&app, ("authorization", &good), "A").await;
    let answer = answer.expect_problem(503, "UNAVAILABLE");
    assert!(answer.headers.contains_key("retry-after"));
    app.get("/").await.expect(200);
}
