//! Two servers on one PostgreSQL that change the same account or film at once. A lock that a third one holds makes them
//! meet where they would else miss each other.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use filmgate::service::caller::Role;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use crate::support::{Store, TestApp, UNLIMITED};

const ANOTHER: &str = "correct horse battery staple";

struct Scene {
    here: Arc<TestApp>,
    there: Arc<TestApp>,
    third: PgConnection,
}

impl Scene {
    async fn new() -> Option<Self> {
        if Store::Postgres.is_missing() {
            return None;
        }
        let here = Arc::new(TestApp::on(Store::Postgres, UNLIMITED).await);
        let there = Arc::new(here.beside(UNLIMITED).await);
        let third = PgConnection::connect(&here.database_url).await.expect("a connection");
        Some(Self { here, there, third })
    }

    /// No change can be put on record now, so each stays open.
    async fn hold(&mut self) {
        sqlx::raw_sql("BEGIN; LOCK TABLE audit_event IN EXCLUSIVE MODE")
            .execute(&mut self.third)
            .await
            .expect("the lock");
    }

    /// No vote for this film can be written now.
    async fn hold_film(&mut self, id: i64) {
        let hold = format!("BEGIN; SELECT FROM film WHERE id = {id} FOR UPDATE");
        sqlx::raw_sql(sqlx::AssertSqlSafe(hold)).execute(&mut self.third).await.expect("the lock");
    }

    /// Returns once so many calls wait for a lock.
    async fn meet(&mut self, calls: i64) {
        const WAITING: &str = "SELECT COUNT(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..500 {
            // Within a transaction it would tell the same again and again.
            sqlx::raw_sql("SELECT pg_stat_clear_snapshot()").execute(&mut self.third).await.expect("none");
            let waiting: i64 = sqlx::query_scalar(WAITING).fetch_one(&mut self.third).await.expect("a count");
            if waiting == calls {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{calls} calls never wait");
    }

    async fn let_go(&mut self) {
        sqlx::raw_sql("COMMIT").execute(&mut self.third).await.expect("no lock");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_of_an_old_password_survives_a_new_one() {
    let Some(mut scene) = Scene::new().await else { return };
    let (here, there) = (Arc::clone(&scene.here), Arc::clone(&scene.there));
    let ada = here.account("ada", Role::Editor).await;
    let chief = here.account("chief", Role::Admin).await;
    let (_, key) = here.key(chief).await;
    scene.hold().await;
    let signing_in = tokio::spawn(async move { here.sign_in("ada", crate::support::PASSWORD).await });
    scene.meet(1).await;
    let changing = tokio::spawn(async move {
        let change = json!({"password": ANOTHER});
        there.call_as(Some(&key), Method::PATCH, &format!("/v1/accounts/{ada}"), Some(change)).await
    });
    scene.meet(2).await;
    scene.let_go().await;
    let signed_in = signing_in.await.expect("an answer").expect(201).json();
    changing.await.expect("an answer").expect(200);
    let token = signed_in["token"].as_str().expect("a token");
    scene.here.get_as(token, "/v1/me").await.expect_problem(401, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_one_server_undoes_none_of_the_other() {
    let Some(mut scene) = Scene::new().await else { return };
    let chief = scene.here.account("chief", Role::Admin).await;
    let (_, key) = scene.here.key(chief).await;
    scene.hold().await;
    let mut calls = Vec::new();
    let (here, there) = (Arc::clone(&scene.here), Arc::clone(&scene.there));
    let changes = [(&here, json!({"name": "Anew"})), (&there, json!({"year": 1999}))];
    for (waiting, (app, change)) in (1..).zip(changes) {
        let (app, key) = (Arc::clone(app), key.clone());
        calls.push(tokio::spawn(async move {
            app.call_as(Some(&key), Method::PATCH, "/v1/films/5", Some(change)).await.expect(200);
        }));
        scene.meet(waiting).await;
    }
    scene.let_go().await;
    for call in calls {
        call.await.expect("an answer");
    }
    let kept = "SELECT COUNT(*) FROM film WHERE id = 5 AND name = 'Anew' AND year = 1999";
    assert_eq!(scene.here.count(kept).await, 1);

    scene.hold().await;
    let mut calls = Vec::new();
    for (waiting, app) in (1..).zip([&here, &there]) {
        let (app, key) = (Arc::clone(app), key.clone());
        calls.push(tokio::spawn(async move {
            app.call_as(Some(&key), Method::DELETE, "/v1/films/6", None).await.status.as_u16()
        }));
        scene.meet(waiting).await;
    }
    scene.let_go().await;
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.expect("an answer"));
    }
    assert_eq!(statuses, [200, 404]);
    assert_eq!(scene.here.count("SELECT COUNT(*) FROM audit_event WHERE event = 'film_removed'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_admins_who_lower_each_other_one_stays() {
    let Some(mut scene) = Scene::new().await else { return };
    let mut admins = Vec::new();
    for name in ["ada", "bob"] {
        let id = scene.here.account(name, Role::Admin).await;
        admins.push((id, scene.here.session(id).await, scene.here.key(id).await.1));
    }
    for (by_key, change) in [(false, json!({"role": "viewer"})), (true, json!({"disabled": true}))] {
        scene.hold().await;
        let mut calls = Vec::new();
        let apps = [Arc::clone(&scene.here), Arc::clone(&scene.there)];
        for (waiting, (app, (who, whom))) in (1..).zip(apps.into_iter().zip([(0, 1), (1, 0)])) {
            let (_, session, key) = &admins[who];
            let credential = if by_key { key.clone() } else { session.clone() };
            let (path, change) = (format!("/v1/accounts/{}", admins[whom].0), change.clone());
            calls.push(tokio::spawn(async move {
                app.call_as(Some(&credential), Method::PATCH, &path, Some(change)).await.status.as_u16()
            }));
            scene.meet(waiting).await;
        }
        scene.let_go().await;
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.expect("an answer"));
        }
        assert_eq!(statuses, if by_key { [200, 401] } else { [200, 403] }, "{change}");
        let left = "SELECT COUNT(*) FROM account WHERE role = 'admin' AND disabled_at IS NULL";
        assert_eq!(scene.here.count(left).await, 1);
        scene.here.execute("UPDATE account SET role = 'admin', disabled_at = NULL").await;
        // What was refused goes on record by itself, and would wait for the lock of the next round in a call's place.
        scene.there.service.close().await;
    }
}

/// Votes of one server for two films, and of the other for the same two in the other order.
#[tokio::test(flavor = "multi_thread")]
async fn groups_of_two_servers_wait_for_each_other_in_no_circle() {
    let Some(scene) = Scene::new().await else { return };
    let apps = [Arc::clone(&scene.here), Arc::clone(&scene.there)];
    let calls = apps.into_iter().zip(["/?like=1&dislike=2", "/?like=2&dislike=1"]).map(|(app, path)| {
        tokio::spawn(async move {
            for _ in 0..10 {
                // With one that names no film: none of its votes counts, and all others do.
                let mut calls: Vec<_> = (0..20).map(|_| (path, 200)).collect();
                calls.extend([("/?like=1&dislike=999999", 404), ("/?like=999999", 404)]);
                let calls = calls.into_iter().map(async |(path, status)| {
                    app.get(path).await.expect(status);
                });
                futures_util::future::join_all(calls).await;
            }
        })
    });
    for calls in calls.collect::<Vec<_>>() {
        calls.await.expect("no panic");
    }
    for film in ["1", "2"] {
        let counts = format!("SELECT likes * 1000 + dislikes FROM film WHERE id = {film}");
        assert_eq!(scene.here.count(&counts).await, 200_200, "film {film}");
    }
    assert_eq!(scene.here.count("SELECT COUNT(*) FROM vote").await, 800);
    assert_eq!(
        scene.here.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await,
        0
    );
}

/// What was sent may have been written, so nobody is told to vote again.
#[tokio::test(flavor = "multi_thread")]
async fn a_vote_whose_connection_is_cut_in_the_middle_is_said_to_be_in_doubt() {
    let Some(mut scene) = Scene::new().await else { return };
    scene.hold_film(1).await;
    let here = Arc::clone(&scene.here);
    let vote = tokio::spawn(async move { here.get("/?like=1").await });
    scene.meet(1).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    sqlx::raw_sql(cut).execute(&mut scene.third).await.expect("to be cut");
    let answer = vote.await.expect("an answer").expect_problem(503, "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), "");
    assert!(answer.json()["detail"].as_str().is_some_and(|text| text.contains("before you repeat")));
    scene.let_go().await;
    scene.here.get("/?like=1").await.expect(200);
    assert_eq!(scene.here.count("SELECT likes FROM film WHERE id = 1").await, 1);
    scene.here.until("/v1/films/1", |answer| answer.json()["likes"] == 1).await;
}
