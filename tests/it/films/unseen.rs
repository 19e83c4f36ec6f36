//! A random film that somebody has not voted for.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use filmgate::service::caller::Role;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Store, TestApp, UNLIMITED};

/// The 99.9th percentile of chi-square with `freedom` degrees (Wilson and Hilferty's approximation).
fn chi_square_limit(freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    freedom * (1.0 - spread + 3.090 * spread.sqrt()).powi(3)
}

/// An app in which an account has voted for the films that the condition names; and its session.
async fn voted(store: Store, memory: usize, condition: &str) -> (TestApp, String) {
    let app = TestApp::on_with(store, UNLIMITED, |config| config.catalogue.max_bytes = memory).await;
    let (anna, ben) = (app.account("anna", Role::Voter).await, app.account("ben", Role::Voter).await);
    let rows = "SELECT id, CASE WHEN id % 2 = 0 THEN 1 ELSE -1 END, 0";
    for (account, films) in [(anna, condition), (ben, "id % 3 = 0")] {
        app.execute(&format!(
            "INSERT INTO vote (film_id, value, voted_at, voter) {rows}, 'account {account}' FROM film WHERE {films}"
        ))
        .await;
    }
    let session = app.session(anna).await;
    (app, session)
}

async fn draw(app: &TestApp, caller: &str, path: &str) -> i64 {
    app.get_as(caller, path).await.expect(200).json()["id"].as_i64().expect("an id")
}

/// Whichever way it is found: by its place in memory, by drawing where not all is there, and by a place in the database
/// where few are left.
#[rstest]
#[tokio::test]
async fn an_unseen_film_is_uniform_among_those_without_a_vote(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] memory: usize,
    #[values(
        ("id > 40", "", "id <= 40"),
        ("id % 2 = 0", "&exclude=1,3,1,2,9999&yearFrom=1990&genre=drama", "id % 2 = 1 AND id NOT IN (1, 3) AND year >= 1990 \
          AND id IN (SELECT film_id FROM film_genre WHERE name = 'Drama')"),
        ("id <> 7 AND id <> 619", "", "id IN (7, 619)"),
    )]
    case: (&'static str, &'static str, &'static str),
) {
    if store.is_missing() {
        return;
    }
    let (seen, parameters, left) = case;
    let (app, anna) = voted(store, memory, seen).await;
    let films = app.count(&format!("SELECT COUNT(*) FROM film WHERE {left}")).await;
    assert!((2..100).contains(&films), "{films}");
    let (mut drawn, each) = (BTreeMap::<i64, u32>::new(), 15);
    for _ in 0..each * films {
        *drawn
            .entry(draw(&app, &anna, &format!("/v1/films/random?unseen=true{parameters}")).await)
            .or_default() += 1;
    }
    assert_eq!(i64::try_from(drawn.len()).expect("few"), films, "each of them, and no other: {drawn:?}");
    let of_left = drawn.keys().map(ToString::to_string).collect::<Vec<_>>().join(",");
    assert_eq!(
        app.count(&format!("SELECT COUNT(*) FROM film WHERE id IN ({of_left}) AND {left}")).await,
        films
    );
    let each = f64::from(i32::try_from(each).expect("small"));
    let seen: f64 = drawn.values().map(|count| (f64::from(*count) - each).powi(2) / each).sum();
    let limit = chi_square_limit(f64::from(i32::try_from(films - 1).expect("few")));
    assert!(seen < limit, "chi-square {seen} over {limit}");
}

#[rstest]
#[tokio::test]
async fn what_is_seen_changes_with_every_vote_until_nothing_is_left(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] memory: usize,
) {
    const GRAPHQL: &str = "query($unseen: Boolean, $filter: FilmFilter) {
        randomFilm(unseen: $unseen, filter: $filter) { id myVote }
    }";
    if store.is_missing() {
        return;
    }
    let (app, anna) = voted(store, memory, "id > 3").await;
    let graphql = async |variables: Value| {
        app.graphql_as(Some(&anna), GRAPHQL, variables).await.expect(200).json()["data"]["randomFilm"].take()
    };
    let mut left: BTreeSet<i64> = [1, 2, 3].into();
    while !left.is_empty() {
        let id = draw(&app, &anna, "/v1/films/random?unseen=true").await;
        assert!(left.remove(&id), "{id} was seen");
        app.get_as(&anna, &format!("/?dislike={id}")).await.expect(200);
    }
    let nothing =
        app.get_as(&anna, "/v1/films/random?unseen=true").await.expect_problem(404, "FILM_NOT_FOUND");
    assert_eq!(nothing.json()["detail"], "There is no film to choose from that you have not voted for.");
    assert_eq!(graphql(json!({"unseen": true})).await, Value::Null);
    assert!(!graphql(json!({"unseen": null})).await["myVote"].is_null(), "seen, since nobody said unseen");
    app.call_as(Some(&anna), Method::DELETE, "/v1/films/2/vote", None).await.expect(200);
    assert_eq!(graphql(json!({"unseen": true})).await, json!({"id": "2", "myVote": null}));
    // By a text: of Frozen there is none left.
    assert_eq!(graphql(json!({"unseen": true, "filter": {"text": "frozen"}})).await, Value::Null);
    app.execute("DELETE FROM vote WHERE film_id = 1").await;
    assert_eq!(graphql(json!({"unseen": true, "filter": {"text": "frozen"}})).await["id"], "1");
}

/// It says why, and costs nothing.
#[tokio::test]
async fn nobody_has_seen_anything() {
    let app = TestApp::new("film=50/day; flood=1000/day").await;
    let wanted =
        "Leaving out the films that you have voted for needs a session, a key or a token: sign in first.";
    let rest = app.get("/v1/films/random?unseen=true").await.expect_problem(401, "UNAUTHENTICATED");
    assert_eq!(rest.json()["detail"], wanted);
    let graphql = app
        .graphql("query($u: Boolean) { randomFilm(unseen: $u) { id } }", json!({"u": true}))
        .await
        .expect(401);
    assert_eq!(
        (graphql.code(), &graphql.json()["errors"][0]["message"]),
        ("UNAUTHENTICATED".to_owned(), &json!(wanted))
    );
    assert_eq!(app.left("film-1d").await, 50);
    app.get("/?unseen=true").await.expect(200);
}
