//! Accounts, as admins see to them through both surfaces.

use std::time::Duration;

use axum::http::Method;
use filmgate::service::caller::Role;
use rstest::rstest;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::support::{PASSWORD, Store, TestApp, UNLIMITED};

const CREATE: &str = "mutation($input: CreateAccountInput!) {
    createAccount(input: $input) { id name role disabled createdAt }
}";
const UPDATE: &str = "mutation($id: ID!, $input: UpdateAccountInput!) {
    updateAccount(id: $id, input: $input) { id name role disabled createdAt }
}";
const CREATED_AT: &str = "2026-11-23T00:00:00.000Z";

#[rstest]
#[tokio::test]
async fn an_account_is_made_read_and_changed_through_both_surfaces(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    let (_, admin_key) = app.key(admin).await;
    let as_admin = Some(admin_key.as_str());
    let body = json!({"name": " Ada ", "role": "voter", "password": PASSWORD});
    let answer = app.call_as(as_admin, Method::POST, "/v1/accounts", Some(body)).await.expect(201);
    let ada = answer.json();
    let id = ada["id"].as_i64().expect("an id");
    let wanted =
        json!({"id": id, "name": "Ada", "role": "voter", "disabled": false, "createdAt": CREATED_AT});
    assert_eq!(ada, wanted);
    assert_eq!(answer.header("location"), format!("/v1/accounts/{id}"));
    assert_eq!(app.get_as(&admin_key, answer.header("location")).await.expect(200).json(), wanted);

    let input = json!({"input": {"name": "bob", "role": "EDITOR", "password": PASSWORD}});
    let mut bob =
        app.graphql_as(as_admin, CREATE, input).await.expect(200).json()["data"]["createAccount"].take();
    let bob_id = bob["id"].take();
    let wanted =
        json!({"id": null, "name": "bob", "role": "EDITOR", "disabled": false, "createdAt": CREATED_AT});
    assert_eq!(bob, wanted);

    let listed = app.get_as(&admin_key, "/v1/accounts").await.expect(200).json();
    let names = |accounts: &Value| -> Vec<Value> {
        accounts.as_array().expect("accounts").iter().map(|account| account["name"].clone()).collect()
    };
    assert_eq!(names(&listed["accounts"]), ["Ada", "bob", "root"]);
    let nodes = |connection: &Value| -> Value {
        connection["edges"].as_array().expect("edges").iter().map(|edge| edge["node"].clone()).collect()
    };
    let listed = app
        .graphql_as(as_admin, "{ accounts { edges { node { name } } } }", json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(names(&nodes(&listed["data"]["accounts"])), ["Ada", "bob", "root"]);
    assert!(!listed.to_string().contains("argon2"));

    // What is changed holds for a session that is open.
    let session = app.session(id).await;
    app.call_as(Some(&session), Method::POST, "/v1/films/1/like", None).await.expect(200);
    let path = format!("/v1/accounts/{id}");
    let change = async |body: Value| app.call_as(as_admin, Method::PATCH, &path, Some(body)).await;
    assert_eq!(change(json!({"role": "viewer"})).await.expect(200).json()["role"], "viewer");
    let answer = app.call_as(Some(&session), Method::POST, "/v1/films/1/like", None).await;
    answer.expect_problem(403, "FORBIDDEN");
    assert_eq!(app.get_as(&session, "/v1/me").await.expect(200).json()["role"], "viewer");

    // Disabled, its sessions end for good, and its keys rest.
    let (_, key) = app.key(id).await;
    assert_eq!(change(json!({"disabled": true})).await.expect(200).json()["disabled"], true);
    app.get_as(&session, "/v1/me").await.expect(401);
    app.get_as(&key, "/v1/me").await.expect(401);
    app.sign_in("Ada", PASSWORD).await.expect_problem(401, "UNAUTHENTICATED");
    let input = json!({"id": id.to_string(), "input": {"disabled": false}});
    let answer = app.graphql_as(as_admin, UPDATE, input).await.expect(200).json();
    assert_eq!(answer["data"]["updateAccount"]["disabled"], false);
    app.get_as(&session, "/v1/me").await.expect(401);
    app.get_as(&key, "/v1/me").await.expect(200);

    // An admin who gives somebody a new password ends his sessions too.
    let session = app.session(id).await;
    let input = json!({"id": id, "input": {"password": "a password of tomorrow"}});
    app.graphql_as(as_admin, UPDATE, input).await.expect(200);
    app.get_as(&session, "/v1/me").await.expect(401);
    app.sign_in("ada", "a password of tomorrow").await.expect(201);
    let bob_id = bob_id.as_str().and_then(|id| id.strip_prefix("account:")).expect("an id");
    assert!(bob_id.parse::<i64>().expect("digits") > id);
}

#[tokio::test]
async fn a_right_that_was_taken_away_is_gone_for_keys_too() {
    let app = TestApp::new(UNLIMITED).await;
    let id = app.account("ada", Role::Admin).await;
    let (_, key) = app.key(id).await;
    app.get_as(&key, "/v1/accounts").await.expect(200);
    app.execute(&format!("UPDATE account SET role = 'voter' WHERE id = {id}")).await;
    app.get_as(&key, "/v1/accounts").await.expect_problem(403, "FORBIDDEN");
    assert_eq!(app.get_as(&key, "/v1/me").await.expect(200).json()["role"], "voter");
}

#[tokio::test]
async fn what_no_account_can_be_is_refused_with_every_fault() {
    let app = TestApp::new(UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    let session = app.session(admin).await;
    let long = "x".repeat(65);
    for (body, pointers) in [
        (json!({"name": "", "role": "voter", "password": "short"}), vec!["/name", "/password"]),
        (json!({"name": long, "role": "voter", "password": PASSWORD}), vec!["/name"]),
        (json!({"name": "\u{430}dmin", "role": "voter", "password": PASSWORD}), vec!["/name"]),
        (json!({"name": "admin\u{200b}", "role": "voter", "password": PASSWORD}), vec!["/name"]),
        (json!({"name": "\u{3164}", "role": "voter", "password": PASSWORD}), vec!["/name"]),
        (json!({"name": "\u{301}", "role": "voter", "password": PASSWORD}), vec!["/name"]),
        (json!({"name": "\u{1d41a}дмин", "role": "voter", "password": PASSWORD}), vec!["/name"]),
        (json!({"name": "a\u{202e}b", "role": "voter", "password": PASSWORD}), vec!["/name"]),
        (json!({"name": "a/b", "role": "voter", "password": "aaaaaaaaaaaaaa"}), vec!["/name", "/password"]),
        (json!({"name": "Ada.Lovelace", "role": "voter", "password": "ada.LOVELACE"}), vec!["/password"]),
        (json!({"name": "ada", "role": "voter", "password": "x".repeat(257)}), vec!["/password"]),
        (json!({}), vec!["/name", "/role", "/password"]),
        (json!({"name": null, "role": 1, "password": []}), vec!["/role", "/password", "/name"]),
        (
            json!({"name": "ada", "role": "owner", "password": PASSWORD, "id": 5, "a~/b": 1}),
            vec!["/role", "/id", "/a~0~1b"],
        ),
    ] {
        let answer = app.call_as(Some(&session), Method::POST, "/v1/accounts", Some(body.clone())).await;
        let problem = answer.expect_problem(422, "INVALID_INPUT").json();
        let found = problem["fields"].as_array().expect("faults").iter();
        assert_eq!(found.map(|fault| fault["pointer"].clone()).collect::<Vec<_>>(), pointers, "{body}");
    }
    // What is only drawn otherwise is the name that is there.
    for name in ["root", "ROOT", "\u{ff52}oot", "\u{1d5cb}oot"] {
        let body = json!({"name": name, "role": "voter", "password": PASSWORD});
        let answer = app.call_as(Some(&session), Method::POST, "/v1/accounts", Some(body)).await;
        answer.expect_problem(409, "ACCOUNT_EXISTS");
    }
    for body in ["", "[]", "{", "\"x\""] {
        let headers = [("content-type", "application/json"), ("authorization", &format!("Bearer {session}"))];
        let answer = app.call(Method::POST, "/v1/accounts", &headers, Some(body.to_owned())).await;
        assert!([400, 422].contains(&answer.status.as_u16()), "{body}: {}", answer.status);
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM account").await, 1);
}

/// Another server is in the midst of making one: its transaction is played here, with the lock that it would hold.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_make_no_two_names_that_look_alike() {
    if Store::Postgres.is_missing() {
        return;
    }
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    let (_, key) = app.key(admin).await;
    let mut other = PgConnection::connect(&app.database_url).await.expect("a connection");
    let make = "BEGIN; SELECT pg_advisory_xact_lock(5136942075306772);
        INSERT INTO account (name, name_key, role, password_hash, created_at)
        SELECT 'adam', 'adam', role, password_hash, created_at FROM account";
    sqlx::raw_sql(make).execute(&mut other).await.expect("made, and not committed");
    let body = json!({"name": "adarn", "role": "voter", "password": PASSWORD});
    let create = app.call_as(Some(&key), Method::POST, "/v1/accounts", Some(body));
    let commit = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        sqlx::raw_sql("COMMIT").execute(&mut other).await.expect("committed");
    };
    let (refused, ()) = tokio::join!(create, commit);
    assert_eq!(refused.expect_problem(422, "INVALID_INPUT").json()["fields"][0]["pointer"], "/name");
}

/// Within one script too there are letters that look like others. Names that are there stay, and are found.
#[rstest]
#[tokio::test]
async fn a_new_name_must_not_look_like_another_account(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let admin = app.account("admin", Role::Admin).await;
    let (_, key) = app.key(admin).await;
    let create = async |name: &str| {
        let body = json!({"name": name, "role": "voter", "password": PASSWORD});
        app.call_as(Some(&key), Method::POST, "/v1/accounts", Some(body)).await
    };
    for name in ["adm\u{131}n", "\u{251}dmin", "ADM\u{131}N", "adrnin"] {
        let refused = create(name).await.expect_problem(422, "INVALID_INPUT").json();
        assert_eq!(
            refused["fields"],
            json!([{"pointer": "/name", "detail": "must not look like the name of another account, admin"}]),
            "{name}"
        );
    }
    create("Admin").await.expect_problem(409, "ACCOUNT_EXISTS");
    for name in ["admins", "\u{E1}dmin", "paul", "team1", "team2"] {
        create(name).await.expect(201);
    }
    create("ILLY").await.expect(201);
    create("tom").await.expect(201);
    // As they are written, and in either case.
    for name in ["pau1", "pauI", "lLLY", "ADMlN", "\u{422}\u{41E}\u{41C}", "\u{3A4}\u{39F}\u{39C}", "T0M"] {
        create(name).await.expect_problem(422, "INVALID_INPUT");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM account").await, 8);
}
