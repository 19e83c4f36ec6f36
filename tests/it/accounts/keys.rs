//! Keys for programs.

use std::time::Duration;

use axum::http::Method;
use filmgate::service::caller::{Caller, Role};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Store, TestApp, UNLIMITED};

#[rstest]
#[tokio::test]
async fn a_key_is_told_once_and_is_good_until_it_is_revoked(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let beside = app.beside(UNLIMITED).await;
    let id = app.account("ada", Role::Editor).await;
    let session = app.session(id).await;
    let body = json!({"name": "nightly import", "role": "voter", "expiresAt": "2026-11-24T00:00:00+01:00"});
    let answer = app.call_as(Some(&session), Method::POST, "/v1/keys", Some(body)).await.expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json();
    let key = made["key"].as_str().expect("a key");
    assert!(key.starts_with("fg_") && key.len() == 46, "{key}");
    let key_id = made["apiKey"]["id"].as_i64().expect("an id");
    let wanted = json!({
        "id": key_id, "account": id, "name": "nightly import", "role": "voter", "hint": key[..9],
        "createdAt": "2026-11-23T00:00:00.000Z", "expiresAt": "2026-11-23T23:00:00.000Z", "limits": null, "revoked": false,
    });
    assert_eq!(made["apiKey"], wanted);
    let document = "mutation { createKey(input: {name: \"second\"}) { key apiKey { id role expiresAt } } }";
    let mut made = app.graphql_as(Some(&session), document, json!({})).await.expect(200).json();
    let mut made = made["data"]["createKey"].take();
    let (second, second_id) = (made["key"].take(), made["apiKey"]["id"].take());
    assert_eq!(made, json!({"key": null, "apiKey": {"id": null, "role": "EDITOR", "expiresAt": null}}));

    let listed = app.get_as(&session, "/v1/keys").await.expect(200);
    let text = String::from_utf8(listed.body.clone()).expect("UTF-8");
    assert!(!text.contains(key) && !text.contains(second.as_str().expect("a key")), "{text}");
    let listed = listed.json();
    let keys = listed["keys"].as_array().expect("keys");
    assert_eq!((keys.len(), &keys[1], &keys[0]["name"]), (2, &wanted, &json!("second")));

    for app in [&app, &beside] {
        for header in [("x-api-key", key.to_owned()), ("authorization", format!("Bearer {key}"))] {
            let me = app.call(Method::GET, "/v1/me", &[(header.0, &header.1)], None).await.expect(200);
            assert_eq!((&me.json()["name"], &me.json()["role"]), (&json!("ada"), &json!("voter")));
        }
        let film = json!({"name": "N", "studio": "S"});
        let answer = app.call_as(Some(key), Method::POST, "/v1/films", Some(film)).await;
        answer.expect_problem(403, "FORBIDDEN");
    }
    app.clock.advance(Duration::from_hours(23));
    app.get_as(key, "/v1/me").await.expect_problem(401, "UNAUTHENTICATED");

    let second = second.as_str().expect("a key");
    app.get_as(second, "/v1/me").await.expect(200);
    let second_id = second_id.as_str().and_then(|id| id.strip_prefix("key:")).expect("an id");
    let path = format!("/v1/keys/{second_id}");
    let session = app.session(id).await;
    for _ in 0..2 {
        let revoked = app.call_as(Some(&session), Method::DELETE, &path, None).await.expect(200).json();
        assert_eq!(revoked["revoked"], true);
    }
    for app in [&app, &beside] {
        app.get_as(second, "/v1/me").await.expect_problem(401, "UNAUTHENTICATED");
        assert_eq!(
            app.graphql_as(Some(second), "{ me { kind } }", json!({})).await.code(),
            "UNAUTHENTICATED"
        );
    }
}

#[rstest]
#[tokio::test]
async fn keys_are_their_owners_and_an_admins(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let ada = app.account("ada", Role::Editor).await;
    let bob = app.account("bob", Role::Voter).await;
    let root = app.account("root", Role::Admin).await;
    let [ada_session, bob_session, admin] =
        [app.session(ada).await, app.session(bob).await, app.session(root).await];
    let (ada_key, ada_secret) = app.key(ada).await;
    let path = format!("/v1/keys/{ada_key}");
    // Somebody else's is as one that is not there.
    app.call_as(Some(&bob_session), Method::DELETE, &path, None).await.expect_problem(404, "KEY_NOT_FOUND");
    let document = format!("mutation {{ revokeKey(id: {ada_key}) {{ id }} }}");
    let answer = app.graphql_as(Some(&bob_session), &document, json!({})).await;
    assert_eq!(answer.code(), "KEY_NOT_FOUND");
    let of_ada = format!("/v1/keys?account={ada}");
    app.get_as(&bob_session, &of_ada).await.expect_problem(403, "FORBIDDEN");
    let count = |answer: Value| answer["keys"].as_array().map(Vec::len);
    assert_eq!(count(app.get_as(&bob_session, "/v1/keys").await.expect(200).json()), Some(0));
    assert_eq!(count(app.get_as(&ada_session, &of_ada).await.expect(200).json()), Some(1));
    assert_eq!(count(app.get_as(&admin, &of_ada).await.expect(200).json()), Some(1));
    // A key makes no keys and sees none, but for an admin's.
    app.get_as(&ada_secret, "/v1/keys").await.expect_problem(401, "UNAUTHENTICATED");
    let named = || Some(json!({"name": "k"}));
    app.call_as(Some(&ada_secret), Method::POST, "/v1/keys", named())
        .await
        .expect_problem(401, "UNAUTHENTICATED");
    // No key is worth more than its account.
    let role = json!({"name": "k", "role": "admin"});
    let answer =
        app.call_as(Some(&admin), Method::POST, &format!("/v1/keys?account={bob}"), Some(role)).await;
    assert_eq!(answer.expect_problem(422, "INVALID_INPUT").json()["fields"][0]["pointer"], "/role");
    let of_bob = format!("/v1/keys?account={bob}");
    let made = app.call_as(Some(&admin), Method::POST, &of_bob, named()).await.expect(201).json();
    let me = app.get_as(made["key"].as_str().expect("a key"), "/v1/me").await.expect(200).json();
    assert_eq!((&me["name"], &me["role"]), (&json!("bob"), &json!("voter")));
    app.call_as(Some(&admin), Method::DELETE, &path, None).await.expect(200);
    app.get_as(&ada_secret, "/v1/me").await.expect(401);
}

/// The last second that has a name: RFC 3339 knows no year after it.
#[tokio::test]
async fn a_key_can_hold_until_the_year_9999_ends() {
    let app = TestApp::new(UNLIMITED).await;
    let id = app.account("ada", Role::Editor).await;
    let session = app.session(id).await;
    let (given, told) = ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z");
    let body = json!({"name": "for ever", "expiresAt": given});
    let made = app.call_as(Some(&session), Method::POST, "/v1/keys", Some(body)).await.expect(201).json();
    assert_eq!(made["apiKey"]["expiresAt"], told);
    let document = "mutation($at: DateTime) { createKey(input: {name: \"k\", expiresAt: $at}) { apiKey { expiresAt } } }";
    let made = app.graphql_as(Some(&session), document, json!({"at": given})).await.expect(200).json();
    assert_eq!(made["data"]["createKey"]["apiKey"]["expiresAt"], told, "{made}");
    let key = app.get_as(&session, "/v1/keys").await.expect(200).json();
    assert_eq!(key["keys"][0]["expiresAt"], told, "{key}");
}

#[tokio::test]
async fn what_no_key_can_be_is_refused_with_every_fault() {
    let app = TestApp::new(UNLIMITED).await;
    let id = app.account("ada", Role::Editor).await;
    let session = app.session(id).await;
    for (body, pointers) in [
        (
            json!({"name": "", "role": "admin", "expiresAt": "2026-11-22T00:00:00Z"}),
            vec!["/name", "/expiresAt", "/role"],
        ),
        (json!({"name": "a\u{1b}[31m"}), vec!["/name"]),
        (json!({"name": "k", "expiresAt": "tomorrow"}), vec!["/expiresAt"]),
        (json!({"name": "k", "expiresAt": "2030-01-01"}), vec!["/expiresAt"]),
        (json!({"name": "k", "expiresAt": 5, "account": 1}), vec!["/expiresAt", "/account"]),
    ] {
        let answer = app.call_as(Some(&session), Method::POST, "/v1/keys", Some(body.clone())).await;
        let problem = answer.expect_problem(422, "INVALID_INPUT").json();
        let found = problem["fields"].as_array().expect("faults").iter();
        assert_eq!(found.map(|fault| fault["pointer"].clone()).collect::<Vec<_>>(), pointers, "{body}");
    }
    let root = app.account("root", Role::Admin).await;
    let of_login = json!({"name": "k", "limits": "film=1/day, login=5/second"});
    let refused = app.call_as(Some(&app.session(root).await), Method::POST, "/v1/keys", Some(of_login)).await;
    assert_eq!(refused.expect_problem(422, "INVALID_INPUT").json()["fields"][0]["pointer"], "/limits");
    for path in
        ["/v1/keys?account=", "/v1/keys?account=-1", "/v1/keys?acount=1", "/v1/keys?account=1&account=1"]
    {
        app.get_as(&session, path).await.expect_problem(400, "INVALID_INPUT");
    }
}

/// However many have ended, also by themselves: an operator who looks for a key that should not be there finds it.
#[rstest]
#[tokio::test]
async fn every_key_that_works_is_listed_for_commands(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let id = app.account("ada", Role::Voter).await;
    let (hidden, key) = app.key(id).await;
    let ended = (0..170).map(|n| format!("({id}, 'old', 'voter', 'hash{n}', 'fg_old', 1, {})", 2 + n % 2));
    let rows = ended.collect::<Vec<_>>().join(", ");
    let columns = "account_id, name, role, secret_hash, hint, created_at, expires_at";
    app.execute(&format!("INSERT INTO api_key ({columns}) VALUES {rows}")).await;
    app.get_as(&key, "/v1/me").await.expect(200);
    let listed = app.service.accounts().all_keys(&Caller::operator(), id).await.expect("a list");
    assert_eq!(listed.len(), 101);
    assert!(listed.iter().any(|listed| listed.id == hidden), "the one that works");
}

/// Every key once, the one that was made last first, at both surfaces.
#[rstest]
#[tokio::test]
async fn keys_are_listed_page_by_page(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let id = app.account("ada", Role::Editor).await;
    let (first, key) = app.key(id).await;
    app.execute(&format!(
        "INSERT INTO api_key (account_id, name, role, secret_hash, hint, created_at, revoked_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) \
         SELECT {id}, 'old', 'viewer', 'hash ' || i, 'fg_', 0, 1 FROM n"
    ))
    .await;
    // Nor do those count that have expired.
    app.execute(&format!(
        "INSERT INTO api_key (account_id, name, role, secret_hash, hint, created_at, expires_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) \
         SELECT {id}, 'past', 'viewer', 'another ' || i, 'fg_', 0, 1 FROM n"
    ))
    .await;
    let (last, _) = app.key(id).await;
    app.key(app.account("bob", Role::Editor).await).await;
    let session = app.session(id).await;
    let numbers =
        |ids: Vec<Value>| -> Vec<i64> { ids.iter().map(|id| id.as_i64().expect("an id")).collect() };
    let ids = numbers(walk(&app, &session, "/v1/keys?first=40", "keys", "id").await);
    assert!(ids.is_sorted_by(|one, other| one > other), "{ids:?}");
    assert_eq!((ids.len(), ids.first(), ids.last()), (152, Some(&last), Some(&first)));
    let page = "query($after: String) { keys(first: 40, after: $after) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }";
    let (mut after, mut seen) = (Value::Null, Vec::new());
    loop {
        let variables = json!({ "after": after });
        let answer = app.graphql_as(Some(&session), page, variables).await.expect(200).json();
        let keys = &answer["data"]["keys"];
        assert_eq!(
            (&keys["totalCount"], &keys["pageInfo"]["hasPreviousPage"]),
            (&json!(152), &json!(!after.is_null()))
        );
        seen.extend(keys["edges"].as_array().expect("edges").iter().map(|edge| edge["node"]["id"].clone()));
        if keys["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = keys["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, ids.iter().map(|id| json!(format!("key:{id}"))).collect::<Vec<_>>());
    app.get_as(&session, "/v1/keys?first=101").await.expect_problem(422, "INVALID_INPUT");
    // A cursor of another list.
    let films = app.get("/v1/films?first=1").await.json();
    let cursor = films["pageInfo"]["endCursor"].as_str().expect("a cursor");
    app.get_as(&session, &format!("/v1/keys?after={cursor}")).await.expect_problem(422, "INVALID_INPUT");
    app.get_as(&key, "/v1/me").await.expect(200);
}

/// Every account once, by name without regard to case, whatever is made between two pages.
#[rstest]
#[tokio::test]
async fn accounts_are_listed_page_by_page(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let root = app.account("root", Role::Admin).await;
    for name in ["bob", "Ada", "zoe", "Eve", "mia"] {
        app.account(name, Role::Viewer).await;
    }
    let (_, key) = app.key(root).await;
    let names = walk(&app, &key, "/v1/accounts?first=2", "accounts", "name").await;
    assert_eq!(names, ["Ada", "bob", "Eve", "mia", "root", "zoe"]);
    let first = app.get_as(&key, "/v1/accounts?first=4").await.expect(200).json();
    assert_eq!(first["totalCount"], 6);
    app.account("carl", Role::Viewer).await;
    let after = first["pageInfo"]["endCursor"].as_str().expect("a cursor");
    let next = app.get_as(&key, &format!("/v1/accounts?first=4&after={after}")).await.expect(200).json();
    let names: Vec<&Value> =
        next["accounts"].as_array().expect("accounts").iter().map(|one| &one["name"]).collect();
    assert_eq!((names, &next["totalCount"]), (vec![&json!("root"), &json!("zoe")], &json!(7)));
}

/// A member of every entry of a list, page by page.
async fn walk(app: &TestApp, credential: &str, path: &str, list: &str, member: &str) -> Vec<Value> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = app.get_as(credential, &format!("{path}{after}")).await.expect(200).json();
        seen.extend(page[list].as_array().expect(list).iter().map(|entry| entry[member].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            return seen;
        }
        after = format!("&after={}", page["pageInfo"]["endCursor"].as_str().expect("a cursor"));
    }
}
