//! Ids that are unique over all types, and `node`.

use filmgate::service::caller::Role;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Store, TestApp, UNLIMITED};

const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id ... on Film { name } ... on Account { name role } \
                    ... on ApiKey { hint account } ... on AuditEvent { event } } }";

#[rstest]
#[tokio::test]
async fn what_has_an_id_is_found_by_it(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let root = app.account("root", Role::Admin).await;
    let admin = app.session(root).await;
    let (key, _) = app.key(root).await;
    let node = async |id: &str| {
        let answer = app.graphql_as(Some(&admin), NODE, json!({ "id": id })).await.expect(200).json();
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"]["node"].clone()
    };
    assert_eq!(node("1").await, json!({"__typename": "Film", "id": "1", "name": "Frozen"}));
    let account = format!("account:{root}");
    let wanted = json!({"__typename": "Account", "id": account, "name": "root", "role": "ADMIN"});
    assert_eq!(node(&account).await, wanted);
    let of_key = node(&format!("key:{key}")).await;
    assert_eq!((&of_key["__typename"], &of_key["account"]), (&json!("ApiKey"), &json!(account)));
    // What the others tell of an id is what `node` takes.
    for list in [
        "auditEvents { edges { node { id } } }",
        "keys { edges { node { id } } }",
        "accounts { edges { node { id } } }",
        "me { account { id } }",
    ] {
        let answer =
            app.graphql_as(Some(&admin), &format!("{{ {list} }}"), json!({})).await.expect(200).json();
        let text = answer.to_string();
        let id = text.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
        assert_eq!(node(id).await["id"], id, "{list}");
    }
    for nothing in ["9999", "account:9999", "key:9999", "event:9999"] {
        assert_eq!(node(nothing).await, Value::Null, "{nothing}");
    }
    let ordered =
        app.graphql_as(Some(&admin), "{ node(id: 1) { ... on Film { myVote name id } } }", json!({})).await;
    let text = String::from_utf8_lossy(&ordered.body).into_owned();
    assert!(text.contains(r#"{"myVote":null,"name":"Frozen","id":"1"}"#), "{text}");
    let both = "{ film: node(id: 1) { id } account: node(id: \"account:1\") { id } }";
    let answer = app.graphql_as(Some(&admin), both, json!({})).await.json();
    assert_ne!(answer["data"]["film"]["id"], answer["data"]["account"]["id"], "film 1 is not account 1");
}

/// With the rights and the price of what is asked for.
#[tokio::test]
async fn a_node_needs_what_its_type_needs() {
    let app = TestApp::new("browse=20/day; film=20/day").await;
    let bob = app.account("bob", Role::Voter).await;
    let ada = app.account("ada", Role::Voter).await;
    let (session, (of_ada, _)) = (app.session(bob).await, app.key(ada).await);
    let (of_bob, _) = app.key(bob).await;
    let (of_ada, of_bob) = (format!("key:{of_ada}"), format!("key:{of_bob}"));
    for (caller, id, status, code, price) in [
        (None, "1", 200, "", 1),
        (None, "account:1", 403, "FORBIDDEN", 0),
        (Some(&session), "account:1", 403, "FORBIDDEN", 0),
        (Some(&session), "event:1", 403, "FORBIDDEN", 0),
        (None, of_bob.as_str(), 401, "UNAUTHENTICATED", 0),
        (Some(&session), of_bob.as_str(), 200, "", 1),
        (Some(&session), of_ada.as_str(), 200, "", 1),
        (None, "film:1", 400, "INVALID_INPUT", 0),
        (None, "x", 400, "INVALID_INPUT", 0),
    ] {
        let before = app.left("browse-1d").await;
        let answer =
            app.graphql_as(caller.map(String::as_str), NODE, json!({ "id": id })).await.expect(status);
        assert_eq!(answer.code(), code, "{id}");
        assert_eq!(before - app.left("browse-1d").await, price, "{id}");
        if id == of_ada {
            assert_eq!(
                answer.json()["data"]["node"],
                Value::Null,
                "somebody else's is as one that is not there"
            );
        }
    }
    assert_eq!(app.left("film-1d").await, 20);
    // An id of one kind is none of another.
    for document in ["{ film(id: \"account:1\") { id } }", "mutation { like(id: \"key:1\") { id } }"] {
        assert_eq!(app.graphql(document, json!({})).await.expect(400).code(), "INVALID_INPUT", "{document}");
    }
}
