//! Signing in and out, and what a session is good for.

use std::time::Duration;

use axum::http::Method;
use filmgate::service::caller::Role;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Live, PASSWORD, Socket, Store, TestApp, UNLIMITED};

const SIGN_IN: &str = "mutation($input: SignInInput!) {
    signIn(input: $input) { token expiresAt account { name role disabled } }
}";
const ME: &str = "{ me { kind role name account { name } } }";

#[rstest]
#[tokio::test]
async fn a_session_is_opened_used_and_closed_for_every_process_at_once(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let id = app.account("Ada", Role::Editor).await;
    let beside = app.beside(UNLIMITED).await;
    let answer = app.sign_in("ADA", PASSWORD).await.expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut signed_in = answer.json();
    let token = signed_in["token"].take();
    let token = token.as_str().expect("a token");
    assert!(token.starts_with("fgs_") && token.len() == 47, "{token}");
    let account = json!({
        "id": id, "name": "Ada", "role": "editor", "disabled": false, "createdAt": "2026-11-23T00:00:00.000Z"
    });
    let wanted = json!({"token": null, "expiresAt": "2026-11-23T12:00:00.000Z", "account": account});
    assert_eq!(signed_in, wanted);
    for app in [&app, &beside] {
        let me = app.get_as(token, "/v1/me").await.expect(200).json();
        assert_eq!(me, json!({"kind": "account", "role": "editor", "name": "Ada", "account": account}));
    }
    let anonymous = app.get("/v1/me").await.expect(200).json();
    assert_eq!(anonymous, json!({"kind": "anonymous", "role": "editor", "name": null, "account": null}));

    let other =
        app.graphql(SIGN_IN, json!({"input": {"name": "Ada", "password": PASSWORD}})).await.expect(200);
    let mut other = other.json()["data"]["signIn"].take();
    let second = other["token"].take();
    let second = second.as_str().expect("a token");
    let account = json!({"name": "Ada", "role": "EDITOR", "disabled": false});
    assert_eq!(other, json!({"token": null, "expiresAt": "2026-11-23T12:00:00.000Z", "account": account}));
    let me = app.graphql_as(Some(second), ME, json!({})).await.expect(200).json();
    let wanted = json!({"kind": "ACCOUNT", "role": "EDITOR", "name": "Ada", "account": {"name": "Ada"}});
    assert_eq!(me["data"]["me"], wanted);

    app.call_as(Some(token), Method::DELETE, "/v1/session", None).await.expect(204);
    for app in [&app, &beside] {
        let answer = app.get_as(token, "/v1/me").await.expect_problem(401, "UNAUTHENTICATED");
        assert!(answer.header("www-authenticate").ends_with("error=\"invalid_token\""));
        app.get_as(second, "/v1/me").await.expect(200);
    }
    let out = app.graphql_as(Some(second), "mutation { signOut }", json!({})).await.expect(200).json();
    assert_eq!(out, json!({"data": {"signOut": true}}));
    let answer = beside.graphql_as(Some(second), ME, json!({})).await.expect(401);
    assert_eq!(answer.code(), "UNAUTHENTICATED");
    for event in ["signed_in", "signed_out"] {
        let kept = format!(
            "SELECT COUNT(*) FROM audit_event WHERE event = '{event}' AND actor <> '' AND request_id IS NOT NULL"
        );
        assert_eq!(app.count(&kept).await, 2, "{event}");
    }
}

#[rstest]
#[tokio::test]
async fn a_session_expires(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, UNLIMITED, |config| config.auth.session_lifetime = 60).await;
    app.account("ada", Role::Viewer).await;
    let signed_in = app.sign_in("ada", PASSWORD).await.expect(201).json();
    let token = signed_in["token"].as_str().expect("a token");
    app.clock.advance(Duration::from_millis(59_999));
    app.get_as(token, "/v1/me").await.expect(200);
    app.clock.advance(Duration::from_millis(1));
    app.get_as(token, "/v1/me").await.expect_problem(401, "UNAUTHENTICATED");
}

#[rstest]
#[tokio::test]
async fn a_new_password_ends_the_other_sessions(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let id = app.account("ada", Role::Viewer).await;
    let (_, key) = app.key(id).await;
    let [own, other] = [app.session(id).await, app.session(id).await];
    let change = async |current: &str, new: &str| {
        let body = json!({"currentPassword": current, "newPassword": new});
        app.call_as(Some(&own), Method::PUT, "/v1/me/password", Some(body)).await
    };
    let new = "a password of tomorrow";
    // His session has not ended: a client that took it for that would sign him out.
    let refused = change(new, new).await.expect_problem(422, "INVALID_INPUT").json();
    assert_eq!(refused["fields"][0]["pointer"], "/currentPassword", "{refused}");
    app.get_as(&other, "/v1/me").await.expect(200);
    change(PASSWORD, new).await.expect(204);
    app.get_as(&own, "/v1/me").await.expect(200);
    app.get_as(&key, "/v1/me").await.expect(200);
    app.get_as(&other, "/v1/me").await.expect(401);
    app.sign_in("ada", PASSWORD).await.expect_problem(401, "UNAUTHENTICATED");
    app.sign_in("ada", new).await.expect(201);
}

/// Whoever cannot sign in learns one sentence, whatever was wrong.
#[tokio::test]
async fn nobody_learns_what_was_wrong_with_a_sign_in() {
    let app = TestApp::new(UNLIMITED).await;
    app.account("ada", Role::Viewer).await;
    let id = app.account("gone", Role::Viewer).await;
    app.execute(&format!("UPDATE account SET disabled_at = 1 WHERE id = {id}")).await;
    let long = "x".repeat(10_000);
    let mut told = Vec::new();
    for (name, password) in [
        ("ada", "wrong password"),
        ("ada", ""),
        ("ada", &long),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("a b", PASSWORD),
        (&long, PASSWORD),
        ("gone", PASSWORD),
    ] {
        let answer = app.sign_in(name, password).await.expect_problem(401, "UNAUTHENTICATED");
        let mut problem = answer.json();
        problem["instance"] = Value::Null;
        let input = json!({"input": {"name": name, "password": password}});
        let graphql = app.graphql(SIGN_IN, input).await.expect(200).json();
        assert_eq!(graphql["data"], json!({"signIn": null}));
        assert_eq!(graphql["errors"][0]["message"], problem["detail"]);
        told.push((problem, graphql));
    }
    assert!(told.iter().all(|answers| *answers == told[0]), "{told:?}");
}

#[tokio::test]
async fn a_credential_in_an_address_is_never_read_and_a_bad_one_in_a_header_never_passes() {
    let app = TestApp::new(UNLIMITED).await;
    let id = app.account("ada", Role::Admin).await;
    let (token, (_, key)) = (app.session(id).await, app.key(id).await);
    for name in ["token", "access_token", "api_key", "key", "authorization", "x-api-key"] {
        for credential in [&token, &key] {
            let refused = app.get(&format!("/v1/me?{name}={credential}")).await;
            let told = refused.expect_problem(400, "INVALID_INPUT").json().to_string();
            assert!(told.contains(name) && !told.contains(&**credential), "{told}");
            app.get(&format!("/?{name}={credential}")).await.expect(200);
            app.get(&format!("/v1/films?{name}={credential}")).await.expect_problem(400, "INVALID_INPUT");
            let path = format!("/graphql?query=%7Bme%7Bkind%7D%7D&{name}={credential}");
            assert_eq!(app.get(&path).await.expect(200).json()["data"]["me"]["kind"], "ANONYMOUS");
        }
    }
    let bearer = |credential: &str| format!("Bearer {credential}");
    let unknown = format!("fgs_{}", "A".repeat(43));
    for headers in [
        vec![("authorization", token.clone())],
        vec![("authorization", "Basic YWRhOng=".to_owned())],
        vec![("authorization", "Bearer ".to_owned())],
        vec![("authorization", bearer("x"))],
        vec![("authorization", bearer(&unknown))],
        vec![("authorization", bearer(&token.to_uppercase()))],
        vec![("authorization", bearer(&format!("{token}0")))],
        vec![("x-api-key", token.clone())],
        vec![("x-api-key", format!("fg_{}", "A".repeat(43)))],
        vec![("x-api-key", String::new())],
        vec![("authorization", bearer(&token)), ("x-api-key", key.clone())],
        vec![("authorization", bearer(&token)), ("authorization", bearer(&token))],
    ] {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for path in ["/", "/v1/me", "/graphql?query=%7Bme%7Bkind%7D%7D"] {
            let answer = app.call(Method::GET, path, &headers, None).await;
            let shown = format!("{headers:?} {path}");
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "UNAUTHENTICATED"), "{shown}");
            assert!(answer.header("www-authenticate").ends_with("error=\"invalid_token\""), "{shown}");
        }
    }
    for (name, value) in [("authorization", format!("bEARER  {token}")), ("authorization", bearer(&key))] {
        app.call(Method::GET, "/v1/me", &[(name, &value)], None).await.expect(200);
    }
    let path = "/graphql?query=mutation%7BsignOut%7D";
    app.call(Method::GET, path, &[("authorization", &bearer(&token))], None).await.expect(405);
}

#[tokio::test]
async fn a_page_of_another_site_can_change_nothing() {
    let app = TestApp::new(UNLIMITED).await;
    let id = app.account("ada", Role::Admin).await;
    let (token, (key, _)) = (app.session(id).await, app.key(id).await);
    let bearer = format!("Bearer {token}");
    let sign_in = json!({"name": "ada", "password": PASSWORD});
    let calls = [
        (Method::POST, "/v1/session".to_owned(), Some(sign_in.clone())),
        (Method::DELETE, "/v1/session".to_owned(), None),
        (
            Method::PUT,
            "/v1/me/password".to_owned(),
            Some(json!({"currentPassword": PASSWORD, "newPassword": "a password of theirs"})),
        ),
        (
            Method::POST,
            "/v1/accounts".to_owned(),
            Some(json!({"name": "eve", "role": "admin", "password": PASSWORD})),
        ),
        (Method::PATCH, format!("/v1/accounts/{id}"), Some(json!({"password": "a password of theirs"}))),
        (Method::POST, "/v1/keys".to_owned(), Some(json!({"name": "k"}))),
        (Method::DELETE, format!("/v1/keys/{key}"), None),
        (
            Method::POST,
            "/graphql".to_owned(),
            Some(json!({"query": SIGN_IN, "variables": {"input": sign_in}})),
        ),
    ];
    for (method, path, body) in calls {
        for foreign in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let headers = [("content-type", "application/json"), ("authorization", &bearer), foreign];
            let body = body.as_ref().map(Value::to_string);
            let answer = app.call(method.clone(), &path, &headers, body).await.expect(403);
            assert_eq!(answer.code(), "FORBIDDEN", "{method} {path}");
        }
        if body.is_some() {
            for simple in
                ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
            {
                let headers = [("content-type", simple), ("authorization", bearer.as_str())];
                let body = body.as_ref().map(Value::to_string);
                app.call(method.clone(), &path, &headers, body).await.expect(415);
            }
        }
    }
    for (table, open) in [("account", 1), ("session", 1), ("api_key", 1)] {
        assert_eq!(app.count(&format!("SELECT COUNT(*) FROM {table}")).await, open, "{table}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM api_key WHERE revoked_at IS NULL").await, 1);
    app.get_as(&token, "/v1/me").await.expect(200);
    app.sign_in("ada", PASSWORD).await.expect(201);
}

/// Over a socket a credential is looked up for each operation, and with each ping.
#[tokio::test(flavor = "multi_thread")]
async fn what_ends_a_credential_ends_its_sockets() {
    const FORBIDDEN: (u16, &str) = (4403, "Forbidden");
    let live = Live::with(UNLIMITED, |config| config.auth.anonymous_role = Some(Role::Viewer)).await;
    let app = &live.app;
    let ada = app.account("ada", Role::Voter).await;
    let (key_id, key) = app.key(ada).await;
    let vote = "mutation { like(id: 1) { id } }";

    let token = app.session(ada).await;
    let mut socket = Socket::ready_as(live.address, &token).await;
    let me = socket.ask("{ me { name role } }").await;
    assert_eq!(me["payload"]["data"]["me"], json!({"name": "ada", "role": "VOTER"}));
    assert_eq!(socket.ask("mutation { signOut }").await["payload"]["data"], json!({"signOut": true}));
    socket.subscribe("a", vote).await;
    assert_eq!(socket.end().await, Some((FORBIDDEN.0, FORBIDDEN.1.to_owned())));

    let mut socket = Socket::ready_as(live.address, &key).await;
    assert_eq!(socket.ask(vote).await["type"], "next");
    app.execute(&format!("UPDATE account SET role = 'viewer' WHERE id = {ada}")).await;
    assert_eq!(socket.ask(vote).await["payload"][0]["extensions"]["code"], "FORBIDDEN");
    app.execute(&format!("UPDATE api_key SET revoked_at = 1 WHERE id = {key_id}")).await;
    socket.subscribe("a", "{ __typename }").await;
    assert_eq!(socket.end().await, Some((FORBIDDEN.0, FORBIDDEN.1.to_owned())));

    let token = app.session(ada).await;
    let mut socket = Socket::ready_as(live.address, &token).await;
    app.clock.advance(Duration::from_hours(1));
    socket.subscribe("a", "{ __typename }").await;
    assert_eq!(socket.end().await, Some((FORBIDDEN.0, FORBIDDEN.1.to_owned())));

    // By a header of the handshake, as clients send it that are no browsers.
    let token = app.session(ada).await;
    let bearer = format!("Bearer {token}");
    let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("authorization", bearer.as_str())];
    let (mut socket, _) = Socket::handshake(live.address, &headers).await.expect("a socket");
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    assert_eq!(socket.ask("{ me { name } }").await["payload"]["data"]["me"]["name"], "ada");
    app.call_as(Some(&token), Method::DELETE, "/v1/session", None).await.expect(204);
    socket.subscribe("a", "{ __typename }").await;
    assert_eq!(socket.end().await, Some((FORBIDDEN.0, FORBIDDEN.1.to_owned())));

    // And not two of them, as in headers.
    let [one, other] =
        [app.session(ada).await, app.session(ada).await].map(|token| format!("Bearer {token}"));
    for (second, is_taken) in [(&one, true), (&other, false)] {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("authorization", one.as_str())];
        let (mut socket, _) = Socket::handshake(live.address, &headers).await.expect("a socket");
        socket.say(json!({"type": "connection_init", "payload": {"Authorization": second}})).await;
        if is_taken {
            assert_eq!(socket.hear().await["type"], "connection_ack");
        } else {
            assert_eq!(socket.end().await, Some((FORBIDDEN.0, FORBIDDEN.1.to_owned())));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_listens_is_found_out_by_the_next_ping() {
    let live = Live::with(UNLIMITED, |config| config.live.ping_interval = 1).await;
    let ada = live.app.account("ada", Role::Viewer).await;
    let token = live.app.session(ada).await;
    let mut socket = Socket::ready_as(live.address, &token).await;
    socket.subscribe("votes", "subscription { filmVoted(id: 1) { likes } }").await;
    assert_eq!(socket.ask("{ me { name } }").await["payload"]["data"]["me"]["name"], "ada");
    live.app.call_as(Some(&token), Method::DELETE, "/v1/session", None).await.expect(204);
    // Pings would keep it waiting for ever.
    let end = tokio::time::timeout(Duration::from_secs(20), socket.end()).await.expect("an end in time");
    assert_eq!(end.map(|(code, _)| code), Some(4403));
}
