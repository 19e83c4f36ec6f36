//! Internal errors are masked at both surfaces: their text is for the log.

use serde_json::json;

use crate::support::{TestApp, UNLIMITED};

#[tokio::test]
async fn an_internal_error_is_masked_at_both_surfaces() {
    let app = TestApp::new(UNLIMITED).await;
    app.execute("ALTER TABLE vote RENAME TO elsewhere").await;
    let rest = app.get("/?like=1").await.expect_problem(500, "INTERNAL");
    let graphql = app.graphql("mutation { like(id: 1) { id } }", json!({})).await.expect(200);
    assert_eq!(graphql.code(), "INTERNAL");
    for answer in [rest, graphql] {
        let told = String::from_utf8_lossy(&answer.body).to_lowercase();
        for word in ["vote", "table", "sql", "select", "insert", "elsewhere"] {
            assert!(!told.contains(word), "{word} is in {told}");
        }
    }
}
