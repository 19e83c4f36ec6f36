//! What another process commits is seen by a running server within a second.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use crate::support::{Store, TestApp, UNLIMITED};

/// The promise is a second; a busy machine is given some more.
const SOON: Duration = Duration::from_secs(3);

const INSERT: &str = "INSERT INTO film (name, studio, name_key, studio_key, year, likes, dislikes, added_at)
    VALUES ('Found', 'Elsewhere', 'found', 'elsewhere', 1999, 0, 0, 0)";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_a_shell(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    app.execute("UPDATE film SET studio = 'Changed' WHERE id = 1").await;
    assert!(app.until("/v1/films/1", |answer| answer.json()["studio"] == "Changed").await < SOON);
    app.execute("DELETE FROM film_genre WHERE film_id = 1").await;
    app.until("/v1/films/1", |answer| answer.json()["genres"] == json!([])).await;
    app.execute("DELETE FROM film WHERE id > 1").await;
    for film in 2..=620 {
        app.until(&format!("/v1/films/{film}"), |answer| answer.status == 404).await;
    }
    assert_eq!(app.get("/").await.expect(200).json()["id"], 1, "only one is left to choose from");
    app.execute(INSERT).await;
    app.until("/v1/films/621", |answer| answer.status == 200).await;
    app.execute("DELETE FROM film").await;
    app.until("/", |answer| answer.status == 404).await;
}

/// Two servers on one database vote and add at the same time: in the end both tell what the database holds.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_agree(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let one = TestApp::on(store, UNLIMITED).await;
    let other = one.beside(UNLIMITED).await;
    for n in 0..60 {
        let film = n % 7 + 1;
        let (like, dislike) = (format!("/?like={film}"), format!("/?dislike={film}"));
        let (liked, disliked) = tokio::join!(one.get(&like), other.get(&dislike));
        liked.expect(200);
        disliked.expect(200);
        if n % 10 == 0 {
            let film = json!({"name": format!("Film {n}"), "studio": "S", "genres": ["Drama"]});
            let (added, refused) =
                tokio::join!(one.post("/add_film", film.clone()), other.post("/add_film", film));
            let mut statuses = [added.status.as_u16(), refused.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409]);
        }
    }
    for film in 1..=7 {
        let path = format!("/v1/films/{film}");
        let likes = one.count(&format!("SELECT likes FROM film WHERE id = {film}")).await;
        let dislikes = one.count(&format!("SELECT dislikes FROM film WHERE id = {film}")).await;
        for app in [&one, &other] {
            app.until(&path, |answer| {
                answer.json()["likes"] == likes && answer.json()["dislikes"] == dislikes
            })
            .await;
        }
    }
    let newest = one.count("SELECT MAX(id) FROM film").await;
    for app in [&one, &other] {
        app.until(&format!("/v1/films/{newest}"), |answer| answer.status == 200).await;
    }
}

/// What is recorded is answered, or whoever is told 404 votes again; also before this server has heard of the film.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_vote_for_a_film_that_another_server_has_just_added_is_answered(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let one = TestApp::on(store, UNLIMITED).await;
    let other = one.beside(UNLIMITED).await;
    for n in 0..10 {
        let film = json!({"name": format!("Just Added {n}"), "studio": "S"});
        let id = one.post("/v1/films", film).await.expect(201).json()["id"].to_string();
        let liked = other.post(&format!("/v1/films/{id}/like"), json!({})).await.expect(200).json();
        assert_eq!((liked["id"].to_string(), &liked["likes"]), (id.clone(), &json!(1)));
        let document = "mutation($id: ID!) { dislike(id: $id) { id likes dislikes } }";
        let disliked = other.graphql(document, json!({"id": id})).await.expect(200).json();
        assert_eq!(disliked, json!({"data": {"dislike": {"id": id, "likes": 1, "dislikes": 1}}}));
    }
    other.post("/v1/films/999999/like", json!({})).await.expect_problem(404, "FILM_NOT_FOUND");
    // A random film, where there is none yet of which it knows.
    let one = TestApp::empty_on(store).await;
    let other = one.beside_with(|config| config.starter_catalogue = false).await;
    let film = json!({"name": "The First", "studio": "S"});
    let id = one.post("/v1/films", film).await.expect(201).json()["id"].to_string();
    let liked = other.get(&format!("/?like={id}")).await.expect(200).json();
    assert_eq!((liked["id"].to_string(), &liked["likes"]), (id, &json!(1)));
}

/// More changes at once than the log keeps or a notification holds.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_changes_at_once(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    app.execute(
        "INSERT INTO film (name, studio, name_key, studio_key, year, likes, dislikes, added_at)
         SELECT 'Copy ' || a.id || ' ' || b.id, 'S', 'copy ' || a.id || ' ' || b.id, 's', NULL, 0, 0, 0
         FROM film a, film b WHERE b.id <= 20",
    )
    .await;
    let newest = app.count("SELECT MAX(id) FROM film").await;
    assert_eq!(newest, 620 * 21);
    let newest = format!("/v1/films/{newest}");
    app.until(&newest, |answer| answer.status == 200).await;
    app.get("/?like=13020").await.expect(200);
    app.execute("UPDATE film SET name = name || '!'").await;
    app.until(&newest, |answer| answer.json()["name"].as_str().is_some_and(|name| name.ends_with('!'))).await;
    app.until("/v1/films/1", |answer| answer.json()["name"] == "Frozen!").await;
    assert_eq!(app.get(&newest).await.expect(200).json()["likes"], 1);
    if store == Store::Sqlite {
        // As if this server had slept while others wrote: the part of the log that it has not read is gone.
        app.execute(
            "BEGIN IMMEDIATE; UPDATE film SET studio = 'T' WHERE id = 5; DELETE FROM film_change;
             UPDATE film SET studio = 'T' WHERE id = 6; UPDATE film_change SET number = number + 100000; COMMIT",
        )
        .await;
        app.until("/v1/films/5", |answer| answer.json()["studio"] == "T").await;
    }
}

/// The log on SQLite does not grow for ever.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_changes_is_pruned() {
    let app = TestApp::new(UNLIMITED).await;
    let rows = "SELECT COUNT(*) FROM film_change";
    app.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80000)
         INSERT INTO film_change (film_id) SELECT 1 FROM n",
    )
    .await;
    for _ in 0..200 {
        if app.count(rows).await < 56_000 {
            app.execute("UPDATE film SET studio = 'T' WHERE id = 2").await;
            app.until("/v1/films/2", |answer| answer.json()["studio"] == "T").await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} rows", app.count(rows).await);
}

/// Ways to change films that leave no trace in the new rows.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn films_that_are_moved_or_replaced(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    app.execute("UPDATE film_genre SET film_id = 1, position = 9 WHERE film_id = 2 AND position = 0").await;
    app.until("/v1/films/1", |answer| answer.json()["genres"].as_array().expect("genres").len() == 4).await;
    app.until("/v1/films/2", |answer| answer.json()["genres"].as_array().expect("genres").len() == 2).await;
    let everything = match store {
        Store::Sqlite => "DELETE FROM film_genre",
        Store::Postgres => "TRUNCATE film_genre",
    };
    app.execute(everything).await;
    app.until("/v1/films/1", |answer| answer.json()["genres"] == json!([])).await;
    app.execute("UPDATE film SET id = 7000 WHERE id = 5").await;
    app.until("/v1/films/7000", |answer| answer.status == 200).await;
    app.until("/v1/films/5", |answer| answer.status == 404).await;
    if store == Store::Postgres {
        return;
    }
    app.execute(
        "INSERT OR REPLACE INTO film (name, studio, name_key, studio_key, year, likes, dislikes, added_at)
         SELECT name, 'Replaced', name_key, studio_key, year, 0, 0, 0 FROM film WHERE id = 6",
    )
    .await;
    app.until("/v1/films/6", |answer| answer.status == 404).await;
    app.until("/v1/films/7001", |answer| answer.json()["studio"] == "Replaced").await;
    app.execute(
        "UPDATE OR REPLACE film SET (name_key, studio_key, year) =
         (SELECT name_key, studio_key, year FROM film WHERE id = 8) WHERE id = 7",
    )
    .await;
    app.until("/v1/films/8", |answer| answer.status == 404).await;
}
