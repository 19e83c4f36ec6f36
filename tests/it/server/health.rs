//! What orchestrators ask.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, TestApp, UNLIMITED};

const PATHS: [&str; 2] = ["/health/live", "/health/ready"];

async fn call(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    app.call_from("192.0.2.7:1", method, path, headers, None).await
}

#[tokio::test]
async fn both_answer_by_get_and_head() {
    let app = TestApp::new(UNLIMITED).await;
    for (path, status) in [("/health/live", "live"), ("/health/ready", "ready")] {
        let answer = call(&app, Method::GET, path, &[]).await.expect(200);
        assert_eq!(answer.json(), json!({ "status": status }));
        assert_eq!(answer.header("cache-control"), "no-store");
        let head = call(&app, Method::HEAD, path, &[]).await.expect(200);
        assert!(head.body.is_empty());
        call(&app, Method::POST, path, &[]).await.expect_problem(405, "METHOD_NOT_ALLOWED");
    }
}

/// A probe comes by a pod's address, and may carry a proxy's credential.
#[tokio::test]
async fn neither_a_host_name_nor_a_credential_stands_in_the_way() {
    let app = TestApp::new(UNLIMITED).await;
    for path in PATHS {
        let foreign = [("host", "10.2.3.4:3000"), ("authorization", "Bearer x")];
        call(&app, Method::GET, path, &foreign).await.expect(200);
        call(&app, Method::GET, "/v1/films/1", &foreign[..1]).await.expect(403);
    }
}

#[tokio::test]
async fn they_draw_from_flood_alone_and_are_answered_when_it_is_empty() {
    let app = TestApp::new("flood=3/day; film=1/day; browse=1/day").await;
    for left in [2, 1, 0] {
        let answer = call(&app, Method::GET, "/health/live", &[]).await.expect(200);
        assert!(answer.header("ratelimit").starts_with(&format!("\"flood-1d\";r={left}")));
        assert!(!answer.header("ratelimit").contains(','));
    }
    call(&app, Method::GET, "/v1/films/1", &[]).await.expect_problem(429, "RATE_LIMITED");
    for path in PATHS {
        call(&app, Method::GET, path, &[]).await.expect(200);
    }
}

#[tokio::test]
async fn a_server_that_stops_is_alive_but_not_ready() {
    let app = TestApp::new(UNLIMITED).await;
    app.lifecycle.drain();
    call(&app, Method::GET, "/health/live", &[]).await.expect(200);
    let refused = call(&app, Method::GET, "/health/ready", &[]).await.expect_problem(503, "UNAVAILABLE");
    assert_eq!(refused.json()["failing"], "draining");
    call(&app, Method::HEAD, "/health/ready", &[]).await.expect(503);
    call(&app, Method::GET, "/", &[("host", "localhost")]).await.expect(200);
}

/// The table of votes is gone, and that which is written to find out whether anything can be.
#[tokio::test]
async fn a_server_whose_file_takes_nothing_is_not_ready_until_it_does() {
    let app = TestApp::new(UNLIMITED).await;
    let probes = "SELECT COUNT(*) FROM meta WHERE key = 'write_probe'";
    app.get("/?like=1").await.expect(200);
    app.get("/?like=999999").await.expect(404);
    let is_full = "CREATE TRIGGER full BEFORE INSERT ON vote BEGIN SELECT RAISE(ABORT, 'full'); END;
                   CREATE TRIGGER full_too BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'full'); END";
    app.execute(is_full).await;
    assert_eq!(app.get("/?like=1").await.status, 500);
    for _ in 0..2 {
        let refused = call(&app, Method::GET, "/health/ready", &[]).await.expect_problem(503, "UNAVAILABLE");
        assert_eq!(
            (&refused.json()["failing"], &refused.json()["writes"]),
            (&json!("writes"), &json!("failing"))
        );
        call(&app, Method::GET, "/health/live", &[]).await.expect(200);
        app.get("/").await.expect(200);
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    assert_eq!(
        app.count(probes).await,
        0,
        "while writes succeeded there was no probe, and since then none succeeded"
    );
    app.execute("DROP TRIGGER full; DROP TRIGGER full_too").await;
    app.until("/health/ready", |answer| answer.status == 200).await;
    assert_eq!(app.get("/health/ready").await.json(), json!({"status": "ready"}));
    assert_eq!(app.count(probes).await, 1);
    app.get("/?like=1").await.expect(200);
}

#[tokio::test]
async fn without_its_database_it_is_alive_but_not_ready_and_asks_once_a_second() {
    let app = TestApp::new(UNLIMITED).await;
    call(&app, Method::GET, "/health/ready", &[]).await.expect(200);
    app.execute("ALTER TABLE film RENAME TO elsewhere").await;
    call(&app, Method::GET, "/health/ready", &[]).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    let refused = call(&app, Method::GET, "/health/ready", &[]).await.expect_problem(503, "UNAVAILABLE");
    assert_eq!(refused.json()["failing"], "database");
    let text = String::from_utf8_lossy(&refused.body).to_lowercase();
    assert!(!text.contains("film") && !text.contains("sql"), "{text}");
    call(&app, Method::GET, "/health/live", &[]).await.expect(200);
    app.execute("ALTER TABLE elsewhere RENAME TO film").await;
    app.clock.advance(Duration::from_secs(1));
    call(&app, Method::GET, "/health/ready", &[]).await.expect(200);
}
