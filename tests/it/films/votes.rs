//! Votes are counted exactly.

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Store, TestApp, UNLIMITED};

/// Films whose counts are not their entries.
const MISCOUNTED: &str = "SELECT COUNT(*) FROM film
    WHERE likes <> (SELECT COUNT(*) FROM vote WHERE film_id = film.id AND value = 1)
       OR dislikes <> (SELECT COUNT(*) FROM vote WHERE film_id = film.id AND value = -1)";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_concurrent_votes_count_a_thousand(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = Arc::new(TestApp::on(store, UNLIMITED).await);
    let mut votes = JoinSet::new();
    for n in 0..1_000 {
        let app = Arc::clone(&app);
        votes.spawn(async move {
            match n % 3 {
                0 => app.get("/?like=7").await.expect(200),
                1 => app.post("/v1/films/7/like", json!({})).await.expect(200),
                _ => app.graphql("mutation { like(id: 7) { likes } }", json!({})).await.expect(200),
            }
        });
    }
    votes.join_all().await;
    assert_eq!(app.get("/v1/films/7").await.expect(200).json()["likes"], 1_000);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote WHERE film_id = 7 AND value = 1").await, 1_000);
    assert_eq!(app.count(MISCOUNTED).await, 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_vote_for_no_film_gets_its_own_answer_inside_a_group(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = Arc::new(TestApp::on(store, UNLIMITED).await);
    let mut votes = JoinSet::new();
    for n in 0..300 {
        let app = Arc::clone(&app);
        votes.spawn(async move {
            let (path, status) = match n % 3 {
                0 => ("/?like=1&dislike=9999", 404),
                1 => ("/?like=9999", 404),
                _ => ("/?like=1&dislike=2", 200),
            };
            app.get(path).await.expect(status);
        });
    }
    votes.join_all().await;
    assert_eq!(app.count("SELECT likes FROM film WHERE id = 1").await, 100);
    assert_eq!(app.count("SELECT dislikes FROM film WHERE id = 2").await, 100);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 200);
    assert_eq!(app.count(MISCOUNTED).await, 0);
}

/// Another process that writes to the same file, an import say, makes nobody fail.
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_never_answers_locked() {
    let app = Arc::new(TestApp::new(UNLIMITED).await);
    let database = sqlx::SqlitePool::connect(&app.database_url).await.expect("the database");
    let other = tokio::spawn(async move {
        for _ in 0..20 {
            let mut connection = database.acquire().await.expect("a connection");
            sqlx::raw_sql("BEGIN IMMEDIATE; UPDATE film SET studio = studio")
                .execute(&mut *connection)
                .await
                .expect("a write");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            sqlx::raw_sql("COMMIT").execute(&mut *connection).await.expect("a commit");
        }
    });
    let mut calls = JoinSet::new();
    for n in 0..300 {
        let app = Arc::clone(&app);
        calls.spawn(async move {
            if n % 10 == 0 {
                let film = json!({"name": format!("Film {n}"), "studio": "S", "genres": ["Drama"]});
                app.post("/add_film", film).await.expect(201);
            } else {
                app.get(&format!("/?like={}", n % 50 + 1)).await.expect(200);
            }
        });
    }
    calls.join_all().await;
    other.await.expect("the other writer");
    assert_eq!(app.count(MISCOUNTED).await, 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_film_added_at_once_is_added_once(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = Arc::new(TestApp::on(store, UNLIMITED).await);
    let mut adds = JoinSet::new();
    for _ in 0..20 {
        let app = Arc::clone(&app);
        adds.spawn(async move {
            app.post("/add_film", json!({"name": "N", "studio": "S"})).await.status.as_u16()
        });
    }
    let statuses = adds.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 19);
}

#[rstest]
#[tokio::test]
async fn an_id_is_never_used_again(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let film = json!({"name": "N", "studio": "S"});
    assert_eq!(app.post("/add_film", film.clone()).await.expect(201).json()["id"], 621);
    app.execute("DELETE FROM film WHERE id >= 620").await;
    let app = app.reopen(UNLIMITED).await;
    assert_eq!(app.films, 619, "films that were removed do not come back at a start");
    assert_eq!(app.post("/add_film", film).await.expect(201).json()["id"], 622);
}

/// Callers who go away at any moment: what is in the database is in the read model, with its votes.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_film_whose_sender_went_away_is_there_all_the_same(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = Arc::new(TestApp::on(store, UNLIMITED).await);
    for n in 0..200_u64 {
        let adding = Arc::clone(&app);
        let film = json!({"name": format!("Film {n}"), "studio": "S"});
        let adding = tokio::spawn(async move { adding.post("/add_film", film).await.status });
        let voting = Arc::clone(&app);
        let voting = tokio::spawn(async move { voting.get(&format!("/?like={}", 621 + n)).await.status });
        tokio::time::sleep(std::time::Duration::from_micros(n * 13 % 1_500)).await;
        adding.abort();
        let _ = adding.await;
        voting.await.expect("a vote");
    }
    // Waits until the last of them is done.
    let last = app.post("/add_film", json!({"name": "Last", "studio": "S"})).await.expect(201);
    let films = app.count("SELECT COUNT(*) FROM film").await;
    assert!(films > 621, "none was stored: this shows nothing");
    let ids = app.count("SELECT MAX(id) FROM film").await;
    assert_eq!(last.json()["id"], ids);
    for id in 621..=ids {
        if app.count(&format!("SELECT COUNT(*) FROM film WHERE id = {id}")).await == 1 {
            let film = app.get(&format!("/v1/films/{id}")).await.expect(200).json();
            assert_eq!(
                film["likes"],
                app.count(&format!("SELECT likes FROM film WHERE id = {id}")).await,
                "{id}"
            );
        }
    }
    assert_eq!(app.count(MISCOUNTED).await, 0);
}

/// As a full disk does, the trigger makes SQLite end the transaction by itself, behind the driver's back.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_after_a_failure_is_on_disk() {
    let app = TestApp::new(UNLIMITED).await;
    let other = app.beside(UNLIMITED).await;
    for round in 1..=3 {
        app.execute("CREATE TRIGGER broken AFTER INSERT ON vote BEGIN SELECT RAISE(ROLLBACK, 'broken'); END")
            .await;
        app.get("/?like=1").await.expect_problem(500, "INTERNAL");
        app.execute("DROP TRIGGER broken").await;
        // A rollback is what leaves the transaction open that the driver believes in.
        app.get("/?like=9999").await.expect_problem(404, "FILM_NOT_FOUND");
        app.get("/?like=1").await.expect(200);
        let film = json!({"name": format!("After {round}"), "studio": "S"});
        app.post("/add_film", film).await.expect(201);
        assert_eq!(app.count("SELECT COUNT(*) FROM vote WHERE film_id = 1").await, round, "what others see");
        assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620 + round);
        // The connection was replaced; what others commit is seen all the same.
        other.get("/?dislike=2").await.expect(200);
        app.until("/v1/films/2", |answer| answer.json()["dislikes"] == round).await;
    }
}

/// Somebody else holds the lock: each call is told so in bounded time, however many wait, and none of those that were
/// refused is written afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_held_makes_nobody_wait_for_long() {
    let app = Arc::new(TestApp::new(UNLIMITED).await);
    let database = sqlx::SqlitePool::connect(&app.database_url).await.expect("the database");
    let mut other = database.acquire().await.expect("a connection");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *other).await.expect("the lock");
    let mut calls = JoinSet::new();
    for n in 0..6 {
        let app = Arc::clone(&app);
        calls.spawn(async move {
            let film = json!({"name": format!("Film {n}"), "studio": "S"});
            let call = async {
                app.post("/add_film", film).await.expect_problem(503, "UNAVAILABLE");
                app.get("/?like=1").await.expect_problem(503, "UNAVAILABLE");
            };
            tokio::time::timeout(std::time::Duration::from_secs(25), call).await.expect("answers in time");
        });
    }
    calls.join_all().await;
    sqlx::raw_sql("COMMIT").execute(&mut *other).await.expect("a commit");
    app.get("/?like=2").await.expect(200);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 1);
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620);
}
