//! Films that somebody else holds, as who has begun a transaction by hand and gone to lunch.

use std::time::{Duration, Instant};

use axum::http::Method;
use filmgate::service::caller::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{Answer, Postgres, Store, TestApp, UNLIMITED};

/// Less than what a vote waits for a film that is held.
const SOON: Duration = Duration::from_secs(4);

#[expect(clippy::disallowed_methods, reason = "the promise is in seconds")]
fn now() -> Instant {
    Instant::now()
}

/// Somebody who holds the first film.
async fn holder(app: &TestApp, statement: &str) -> PgConnection {
    let mut holder = PgConnection::connect(&app.database_url).await.expect("PostgreSQL");
    holder.execute(sqlx::AssertSqlSafe(format!("BEGIN; {statement}"))).await.expect("a statement");
    holder
}

fn likes(answer: &Answer) -> i64 {
    answer.json()["likes"].as_i64().expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_held_keeps_nobody_from_voting_for_others() {
    let Some(_) = Postgres::shared() else { return };
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let ada = app.account("ada", Role::Voter).await;
    let (session, key) = (app.session(ada).await, [("idempotency-key", "a-key-of-this-voter")]);
    let before = likes(&app.get("/v1/films/1").await);
    let mut holder = holder(&app, "UPDATE film SET studio = 'Held' WHERE id = 1").await;
    let held = async {
        let anonymous = app.get("/?like=1");
        let signed = app.call_as(Some(&session), Method::POST, "/v1/films/1/like", None);
        let keyed = app.call(Method::POST, "/v1/films/1/like", &key, None);
        let aliased = app.graphql("mutation { a: like(id: 1) { id } b: like(id: 2) { id } }", json!({}));
        let (anonymous, signed, keyed, aliased) = tokio::join!(anonymous, signed, keyed, aliased);
        (now(), [anonymous, signed, keyed, aliased])
    };
    let others = async {
        // Once they are put aside, nobody waits for anything.
        for round in 0..40 {
            let started = now();
            let signed = app.call_as(Some(&session), Method::POST, "/v1/films/3/like", None);
            let gone = app.get("/?like=999999");
            let (anonymous, signed, gone) = tokio::join!(app.get("/?like=2"), signed, gone);
            anonymous.expect(200);
            signed.expect(200);
            gone.expect_problem(404, "FILM_NOT_FOUND");
            assert!(started.elapsed() < SOON, "round {round}: {:?}", started.elapsed());
        }
        let released = now();
        holder.execute("COMMIT").await.expect("an end");
        released
    };
    let ((answered, answers), released) = tokio::join!(held, others);
    assert!(answered > released, "they were answered before the film was free");
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.json());
        assert_eq!(answer.json()["errors"], Value::Null, "{}", answer.json());
    }
    // Each once, and what the holder changed.
    app.until("/v1/films/1", |film| likes(film) == before + 4 && film.json()["studio"] == "Held").await;
    assert_eq!(app.count("SELECT COUNT(*) FROM vote WHERE film_id = 1").await, 4);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote WHERE film_id = 2").await, 41);
    app.call(Method::POST, "/v1/films/1/like", &key, None).await.expect(200);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote WHERE film_id = 1").await, 4);
}

/// What a voter said last counts, also when what they said before had to wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_was_put_aside_does_not_come_after_a_later_one() {
    let Some(_) = Postgres::shared() else { return };
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let ada = app.account("ada", Role::Voter).await;
    let session = app.session(ada).await;
    for film in 1..=4 {
        let (method, later, votes) =
            if film % 2 == 0 { (Method::DELETE, "vote", 0) } else { (Method::POST, "dislike", 1) };
        let mut holder = holder(&app, &format!("SELECT 1 FROM film WHERE id = {film} FOR UPDATE")).await;
        let path = |last: &str| format!("/v1/films/{film}/{last}");
        let first = path("like");
        let first = app.call_as(Some(&session), Method::POST, &first, None);
        let later = async {
            // It is put aside by then.
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            holder.execute("COMMIT").await.expect("an end");
            app.call_as(Some(&session), method, &path(later), None).await.expect(200);
        };
        let (first, ()) = tokio::join!(first, later);
        first.expect(200);
        let of_film = |which: &str| format!("SELECT COUNT(*) FROM vote WHERE film_id = {film} AND {which}");
        assert_eq!(app.count(&of_film("value > 0")).await, 0, "{film}");
        assert_eq!(app.count(&of_film("value < 0")).await, votes, "{film}");
        let film = app.get(&format!("/v1/films/{film}")).await.expect(200).json();
        assert_eq!((&film["likes"], &film["dislikes"]), (&json!(0), &json!(votes)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_votes_for_a_film_that_is_held_too_long_is_told_to_come_back() {
    let Some(_) = Postgres::shared() else { return };
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    let session = app.session(admin).await;
    let mut holder = holder(&app, "DELETE FROM film WHERE id = 1").await;
    let started = now();
    for answer in join_all((0..20).map(|_| app.get("/?like=1"))).await {
        assert!(!answer.header("retry-after").is_empty());
        answer.expect_problem(503, "UNAVAILABLE");
    }
    assert!(started.elapsed() >= SOON, "{:?}", started.elapsed());
    // A change of the same film lets go in between, and nothing of it is a fault of the database.
    let change = app.call_as(Some(&session), Method::PATCH, "/v1/films/1", Some(json!({"year": 1999})));
    let vote = async {
        let started = now();
        app.get("/?like=2").await.expect(200);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    };
    let (change, ()) = tokio::join!(change, vote);
    change.expect_problem(503, "UNAVAILABLE");
    app.get("/health/ready").await.expect(200);
    let late = app.get("/?like=1");
    let release = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        holder.execute("COMMIT").await.expect("an end");
    };
    let (late, ()) = tokio::join!(late, release);
    late.expect_problem(404, "FILM_NOT_FOUND");
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 1);
}
