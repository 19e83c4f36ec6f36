//! Cursors: each list takes its own, and says so of any other.

use axum::http::Method;
use filmgate::service::caller::Role;

use crate::support::{TestApp, UNLIMITED};

const LISTS: [&str; 8] = [
    "/v1/films?sort=newest",
    "/v1/films?sort=likes",
    "/v1/genres?first=1",
    "/v1/studios?first=1",
    "/v1/me/votes?first=1",
    "/v1/accounts?first=1",
    "/v1/keys?first=1",
    "/v1/audit_events?first=1",
];

#[tokio::test]
async fn a_cursor_is_good_for_the_list_that_gave_it_and_for_no_other() {
    let app = TestApp::new(UNLIMITED).await;
    let admin = app.account("ada", Role::Admin).await;
    app.key(admin).await;
    let session = app.session(admin).await;
    app.call_as(Some(&session), Method::POST, "/v1/films/1/like", None).await.expect(200);
    let mut cursors = Vec::new();
    for list in LISTS {
        let page = app.get_as(&session, list).await.expect(200).json();
        cursors.push(
            page["pageInfo"]["endCursor"].as_str().unwrap_or_else(|| panic!("{list}: {page}")).to_owned(),
        );
    }
    for (asked, list) in LISTS.iter().enumerate() {
        for (given, cursor) in cursors.iter().enumerate() {
            let answer = app.get_as(&session, &format!("{list}&after={cursor}")).await;
            let status = if asked == given { 200 } else { 422 };
            assert_eq!(answer.status, status, "{list} by the cursor of {}", LISTS[given]);
        }
    }
}
