//! Past the bound of requests in work.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::support::{Live, TestApp, UNLIMITED, code};

const SHORTLY: Duration = Duration::from_millis(300);

/// The place is taken by a vote that waits for the disk.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_the_bound_is_refused_at_once_at_no_charge_and_health_is_answered() {
    let app = TestApp::with("flood=100/day; film=100/day", |config| config.http.max_in_flight = 1).await;
    let database = sqlx::SqlitePool::connect(&app.database_url).await.expect("the database");
    let mut writer = database.acquire().await.expect("a connection");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *writer).await.expect("the lock");
    let vote = app.get("/?like=1");
    let rest = async {
        tokio::time::sleep(SHORTLY).await;
        for path in ["/", "/v1/films", "/no/such/path"] {
            let refused = app.get(path).await.expect_problem(503, "UNAVAILABLE");
            assert_eq!(refused.header("retry-after"), "1");
            assert_eq!(refused.header("ratelimit"), "", "nothing was drawn");
        }
        let refused = app.graphql("{ randomFilm { id } }", json!({})).await.expect(503);
        assert_eq!(refused.code(), "UNAVAILABLE");
        assert_eq!(refused.header("content-type"), "application/graphql-response+json; charset=utf-8");
        assert_eq!(refused.header("retry-after"), "1");
        app.get("/health/live").await.expect(200);
        app.get("/health/ready").await.expect(200);
        sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.expect("no lock");
    };
    let (vote, ()) = tokio::join!(vote, rest);
    vote.expect(200);
    let answer = app.get("/v1/rate_limit").await.expect(200).json();
    let left = |name: &str| {
        let limits = answer["limits"].as_array().expect("limits");
        limits.iter().find(|limit| limit["name"] == name).expect(name)["remaining"].clone()
    };
    // The vote, two probes, and this question.
    assert_eq!((left("film-1d"), left("flood-1d")), (json!(99), json!(96)));
}

/// N at once pass.
#[tokio::test(flavor = "multi_thread")]
async fn the_bound_is_exact_and_every_place_comes_back() {
    let app = TestApp::with("", |config| config.http.max_in_flight = 3).await;
    let database = sqlx::SqlitePool::connect(&app.database_url).await.expect("the database");
    for _ in 0..2 {
        let mut writer = database.acquire().await.expect("a connection");
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *writer).await.expect("the lock");
        let like = || app.call(Method::POST, "/v1/films/1/like", &[], None);
        let more = async {
            tokio::time::sleep(SHORTLY).await;
            like().await.expect(503);
            sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.expect("no lock");
        };
        let (first, second, third, ()) = tokio::join!(like(), like(), like(), more);
        for answer in [first, second, third] {
            answer.expect(200);
        }
    }
    assert_eq!(app.count("SELECT likes FROM film WHERE id = 1").await, 6);
}

/// A request that is dropped holds nothing.
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_gives_his_place_back() {
    let app = TestApp::with("", |config| config.http.max_in_flight = 1).await;
    let database = sqlx::SqlitePool::connect(&app.database_url).await.expect("the database");
    let mut writer = database.acquire().await.expect("a connection");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *writer).await.expect("the lock");
    let given_up = tokio::time::timeout(SHORTLY, app.get("/?like=1")).await;
    assert!(given_up.is_err(), "it waits for the disk");
    app.get("/v1/films/1").await.expect(200);
    sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.expect("no lock");
}

/// While a body is on its way others take the place; when it comes and there is none, it is refused like them.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_when_all_places_are_taken_is_refused() {
    let live = Live::start(UNLIMITED, &[], |http| http.max_in_flight = 1).await;
    let mut late = live.connect().await;
    let head = "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n";
    late.send(head.as_bytes()).await;
    tokio::time::sleep(SHORTLY).await;
    let database = sqlx::SqlitePool::connect(&live.app.database_url).await.expect("the database");
    let mut writer = database.acquire().await.expect("a connection");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *writer).await.expect("the lock");
    let mut voter = live.connect().await;
    voter.send(b"POST /v1/films/1/like HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").await;
    tokio::time::sleep(SHORTLY).await;
    late.send(br#"{"name":"N","studio":"S"}"#).await;
    let (status, head, body) = late.answer().await;
    assert_eq!((status, code(&body).as_str()), (503, "UNAVAILABLE"));
    assert!(head.contains("retry-after: 1"), "{head}");
    sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.expect("no lock");
    assert_eq!(voter.answer().await.0, 200);
    assert_eq!(live.app.count("SELECT count(*) FROM film").await, 620);
}
