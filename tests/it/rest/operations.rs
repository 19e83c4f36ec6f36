//! `GET /v1/operations`: the table of operations as JSON.

use filmgate::operations;
use filmgate::service::caller::Role;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn the_table_is_listed_for_everybody_and_draws_from_browse() {
    let app = TestApp::with("browse=50/day", |config| config.auth.anonymous_role = Some(Role::Viewer)).await;
    let answer = app.get("/v1/operations").await.expect(200).json();
    assert_eq!(app.left("browse-1d").await, 49);
    let listed = answer["operations"].as_array().expect("operations");
    let names: Vec<&str> = listed.iter().filter_map(|row| row["name"].as_str()).collect();
    let wanted: Vec<&str> = operations::ALL.iter().map(|operation| operation.name).collect();
    assert_eq!(names, wanted);
    let row = |name: &str| listed.iter().find(|row| row["name"] == name).expect(name).clone();
    assert_eq!(
        row("like"),
        json!({
            "name": "like",
            "changes": true,
            "bucket": "film",
            "role": "voter",
            "authentication": "anybody",
            "rest": [
                {"method": "GET", "path": "/?like={id}"},
                {"method": "POST", "path": "/v1/films/{id}/like"},
            ],
            "graphql": [{"type": "Mutation", "field": "like"}],
            "differences": [],
        })
    );
    let me = row("me");
    assert_eq!((&me["bucket"], &me["role"], &me["changes"]), (&json!(null), &json!("viewer"), &json!(false)));
    assert_eq!(row("sign_out")["authentication"], "session");
    assert_eq!(row("keys")["authentication"], "sessionOrAdmin");
    assert_eq!(row("remove_vote")["authentication"], "signedIn");
}

#[test]
fn no_two_operations_share_a_name_or_a_call() {
    let mut seen = std::collections::HashSet::new();
    for operation in operations::ALL {
        assert!(seen.insert(operation.name.to_owned()), "{}", operation.name);
        for (method, path) in operation.rest {
            assert!(seen.insert(format!("{method} {path}")), "{method} {path}");
        }
        for field in operation.graphql {
            assert!(seen.insert(format!("field {}", field.name)), "{}", field.name);
        }
    }
}
