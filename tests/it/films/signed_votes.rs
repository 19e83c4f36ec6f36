//! A signed-in vote: one for each account and film, which can be switched and withdrawn.

use std::sync::Arc;

use axum::http::Method;
use filmgate::service::accounts::{AccountDraft, KeyDraft};
use filmgate::service::caller::Caller;
use filmgate::service::caller::Role;
use filmgate::service::films::types::FilmId;
use rstest::rstest;
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Answer, Store, TestApp, UNLIMITED};

/// Films whose counts are not their entries.
const MISCOUNTED: &str = "SELECT COUNT(*) FROM film
    WHERE likes <> (SELECT COUNT(*) FROM vote WHERE film_id = film.id AND value = 1)
       OR dislikes <> (SELECT COUNT(*) FROM vote WHERE film_id = film.id AND value = -1)";

/// A key of a new account.
async fn voter(app: &TestApp, name: &str) -> String {
    let accounts = app.service.accounts();
    let password = "correct horse battery".to_owned().into();
    let draft = AccountDraft { name: name.to_owned(), role: Role::Voter, password };
    let account = accounts.create_account(&Caller::operator(), draft).await.expect("an account");
    let draft = KeyDraft { name: "test".to_owned(), role: None, expires_at: None, limits: None };
    let key = accounts.create_key(&Caller::operator(), account.id, draft).await.expect("a key");
    key.secret.expose_secret().to_owned()
}

async fn get(app: &TestApp, path: &str, key: &str) -> Answer {
    app.call(Method::GET, path, &[("x-api-key", key)], None).await
}

async fn counts(app: &TestApp, film: i64) -> (i64, i64) {
    let film = app.get(&format!("/v1/films/{film}")).await.expect(200).json();
    (film["likes"].as_i64().expect("a number"), film["dislikes"].as_i64().expect("a number"))
}

async fn caller(app: &TestApp, key: &str) -> Caller {
    app.service.accounts().identify(key).await.expect("a caller")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn again_is_no_change_the_other_way_switches_and_it_can_be_withdrawn(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let (anna, ben) = (voter(&app, "anna").await, voter(&app, "ben").await);
    let rows = "SELECT COUNT(*) FROM vote WHERE film_id = 3";
    for (path, key, likes, dislikes) in [
        ("/?like=3", &anna, 1, 0),
        ("/?like=3", &anna, 1, 0),
        ("/?dislike=3", &anna, 0, 1),
        ("/?dislike=3", &ben, 0, 2),
        // Both at once: the one that is named last holds.
        ("/?like=3&dislike=3", &ben, 0, 2),
        ("/?like=3", &ben, 1, 1),
    ] {
        get(&app, path, key).await.expect(200);
        assert_eq!(counts(&app, 3).await, (likes, dislikes), "{path}");
        assert_eq!(app.count(rows).await, likes + dislikes, "{path}");
    }
    // Beside them, each anonymous call is a vote.
    app.get("/?like=3").await.expect(200);
    app.get("/?like=3").await.expect(200);
    assert_eq!(counts(&app, 3).await, (3, 1));
    for again in 0..2 {
        let film = app.service.remove_vote(&caller(&app, &anna).await, FilmId(3)).await.expect("a film");
        assert_eq!((film.likes, film.dislikes), (3, 0), "{again}");
    }
    let film = app.service.remove_vote(&caller(&app, &ben).await, FilmId(3)).await.expect("a film");
    assert_eq!((film.likes, film.dislikes), (2, 0));
    assert_eq!(app.count(rows).await, 2);
    assert_eq!(app.count(MISCOUNTED).await, 0);
    let nobody = app.service.remove_vote(&Caller::anonymous(Role::Editor), FilmId(3)).await;
    assert_eq!(nobody.expect_err("a refusal").code(), "UNAUTHENTICATED");
    let nothing = app.service.remove_vote(&caller(&app, &ben).await, FilmId(9_999)).await;
    assert_eq!(nothing.expect_err("a refusal").code(), "FILM_NOT_FOUND");
    // What is in memory is what a new server reads.
    let reopened = app.reopen(UNLIMITED).await;
    assert_eq!(counts(&reopened, 3).await, (2, 0));
}

/// Two servers, a few voters, and all of them change their minds at once.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn however_many_calls_come_at_once_each_account_has_one_vote(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let here = Arc::new(TestApp::on(store, UNLIMITED).await);
    let there = Arc::new(here.beside(UNLIMITED).await);
    let mut keys = Vec::new();
    for name in ["a", "b", "c", "d"] {
        keys.push(voter(&here, name).await);
    }
    let mut calls = JoinSet::new();
    for n in 0..400_usize {
        let app = Arc::clone(if n.is_multiple_of(2) { &here } else { &there });
        let key = keys[n % keys.len()].clone();
        calls.spawn(async move {
            let film = n % 3 + 1;
            match n % 5 {
                0 => {
                    let caller = caller(&app, &key).await;
                    let film = FilmId(i64::try_from(film).expect("a small number"));
                    app.service.remove_vote(&caller, film).await.expect("a film");
                }
                1 | 2 => {
                    get(&app, &format!("/?dislike={film}"), &key).await.expect(200);
                }
                _ => {
                    get(&app, &format!("/?like={film}"), &key).await.expect(200);
                }
            }
        });
    }
    calls.join_all().await;
    assert_eq!(here.count(MISCOUNTED).await, 0);
    let twice =
        "SELECT COUNT(*) FROM (SELECT voter FROM vote GROUP BY voter, film_id HAVING COUNT(*) > 1) AS t";
    assert_eq!(here.count(twice).await, 0);
    for key in &keys {
        for film in 1..=3 {
            get(&here, &format!("/?like={film}"), key).await.expect(200);
        }
    }
    assert_eq!(here.count("SELECT COUNT(*) FROM vote").await, 12);
    for film in 1..=3 {
        assert_eq!(here.count(&format!("SELECT likes FROM film WHERE id = {film}")).await, 4);
        there.until(&format!("/v1/films/{film}"), |answer| answer.json()["likes"] == 4).await;
    }
}

/// Who votes is the account, by whatever credential; and a film that goes takes its votes along.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_one_voter_by_every_key() {
    let app = TestApp::new(UNLIMITED).await;
    let first = voter(&app, "anna").await;
    let id = caller(&app, &first).await.account_id().expect("an account");
    let draft = KeyDraft { name: "second".to_owned(), role: None, expires_at: None, limits: None };
    let second = app.service.accounts().create_key(&Caller::operator(), id, draft).await.expect("a key");
    get(&app, "/?like=1", &first).await.expect(200);
    get(&app, "/?dislike=1", second.secret.expose_secret()).await.expect(200);
    assert_eq!(counts(&app, 1).await, (0, 1));
    app.service.remove_film(&Caller::operator(), FilmId(1)).await.expect("the film");
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    get(&app, "/?like=1", &first).await.expect_problem(404, "FILM_NOT_FOUND");
    app.get("/v1/films/1").await.expect_problem(404, "FILM_NOT_FOUND");
    app.post("/add_film", json!({"name": "Frozen", "studio": "Disney", "year": 2013})).await.expect(201);
}
