//! A random pick is uniform, whatever gaps the ids have.

use std::collections::HashMap;

use rstest::rstest;
use serde_json::json;

use crate::support::{Store, TestApp, UNLIMITED};

/// The 99.9th percentile of chi-square with `freedom` degrees (Wilson and Hilferty's approximation).
fn chi_square_limit(freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    freedom * (1.0 - spread + 3.090 * spread.sqrt()).powi(3)
}

fn chi_square(draws: &HashMap<i64, u32>, films: u32) -> f64 {
    let total: u32 = draws.values().sum();
    let expected = f64::from(total) / f64::from(films);
    let seen: f64 = draws.values().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    let never = f64::from(films) - f64::from(u32::try_from(draws.len()).expect("few films"));
    seen + never * expected
}

/// An app whose database has lost the films that the condition names.
async fn app_without(store: Store, condition: &str) -> TestApp {
    let app = TestApp::on(store, UNLIMITED).await;
    app.execute(&format!("DELETE FROM film WHERE {condition}")).await;
    app.reopen(UNLIMITED).await
}

async fn draw(app: &TestApp, path: &str, times: usize) -> HashMap<i64, u32> {
    let mut draws = HashMap::new();
    for _ in 0..times {
        let id = app.get(path).await.expect(200).json()["id"].as_i64().expect("an id");
        *draws.entry(id).or_insert(0) += 1;
    }
    draws
}

#[rstest]
#[tokio::test]
async fn a_pick_is_uniform_whatever_gaps_removal_has_left(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    // 1 to 20, then nothing, then 601 to 620: a seek from a random id would favour 601 by a factor of 500.
    let app = app_without(store, "id > 20 AND id <= 600").await;
    assert_eq!(app.films, 40);
    let draws = draw(&app, "/", 8_000).await;
    let (found, limit) = (chi_square(&draws, 40), chi_square_limit(39.0));
    assert!(found < limit, "chi-square {found} over {limit}");
    assert!(draws.keys().all(|id| *id <= 20 || *id > 600));
}

#[rstest]
#[tokio::test]
async fn a_pick_among_those_that_match_is_uniform_however_few_they_are(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let westerns = app.count("SELECT COUNT(*) FROM film_genre WHERE name = 'Western'").await;
    // Few enough that drawing gives up now and then, and the database is counted.
    assert!((5..60).contains(&westerns), "{westerns}");
    let films = u32::try_from(westerns).expect("few");
    let draws = draw(&app, "/v1/films/random?genre=western", 3_000).await;
    let (found, limit) = (chi_square(&draws, films), chi_square_limit(f64::from(films) - 1.0));
    assert!(found < limit, "chi-square {found} over {limit}");
}

#[rstest]
#[tokio::test]
async fn filters_and_exclusions_hold_on_both_surfaces(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    app.get("/?like=1").await.expect(200);
    for _ in 0..20 {
        let one = app.get("/v1/films/random?minVotes=1").await.expect(200).json();
        assert_eq!(one["id"], 1, "only film 1 has a vote");
        let film =
            app.get("/v1/films/random?yearFrom=1950&yearTo=1959&studio=PARAMOUNT").await.expect(200).json();
        let year = film["year"].as_i64().expect("a year");
        assert!((1950..=1959).contains(&year) && film["studio"] == "Paramount", "{film}");
    }
    app.get("/v1/films/random?minVotes=1&exclude=1,2").await.expect_problem(404, "FILM_NOT_FOUND");
    let query = "query($f: FilmFilter, $x: [ID!]) { randomFilm(filter: $f, exclude: $x) { id } }";
    let answer = app.graphql(query, json!({"f": {"minVotes": 1}})).await.expect(200);
    assert_eq!(answer.json()["data"]["randomFilm"]["id"], "1");
    let answer = app.graphql(query, json!({"f": {"minVotes": 1}, "x": ["1"]})).await.expect(200);
    assert_eq!(answer.json(), json!({"data": {"randomFilm": null}}));
    app.get("/v1/films/random?genre=nothing").await.expect_problem(404, "FILM_NOT_FOUND");
}

#[tokio::test]
async fn films_past_the_byte_budget_are_read_from_the_database() {
    let app = TestApp::with(UNLIMITED, |config| config.catalogue.max_bytes = 3_000).await;
    let draws = draw(&app, "/", 300).await;
    assert!(draws.len() > 150, "{}", draws.len());
    let film = app.get("/v1/films/620").await.expect(200).json();
    assert!(!film["genres"].as_array().expect("genres").is_empty());
    app.get("/?like=620").await.expect(200);
    assert_eq!(app.get("/v1/films/620").await.json()["likes"], 1);
}
