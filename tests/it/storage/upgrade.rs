//! Databases that earlier releases have written, opened by this one. `tests/data/upgrade/README.md` says how they are made.

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::Method;
use migration::MIGRATIONS;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Postgres, Server, Store, TestApp};

/// Version and date of the releases, how many of the migrations each of them knew, and how many films it has left.
const RELEASES: [(&str, usize, usize); 2] = [("0.1.0-2026-11-25", 8, 622), (BEFORE_KEYS, 9, 627)];

/// The release that compared names with what nobody sees in them.
const BEFORE_KEYS: &str = "0.1.0-2026-11-28";

/// The passwords that `write.sh` gives to the accounts.
const ADMIN: (&str, &str) = ("anna", "correct horse anna");
const VOTER: (&str, &str) = ("bert", "correct horse bert");

/// Films whose counts are not their entries.
const MISCOUNTED: &str = "SELECT COUNT(*) FROM film
    WHERE likes <> (SELECT COUNT(*) FROM vote WHERE film_id = film.id AND value = 1)
       OR dislikes <> (SELECT COUNT(*) FROM vote WHERE film_id = film.id AND value = -1)";

fn data(name: &str, ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/upgrade/{name}.{ending}"))
}

/// A key that was made when the database was written: `good`, or `revoked`.
fn key(name: &str, store: Store, kind: &str) -> String {
    let keys = std::fs::read_to_string(data(name, "keys")).expect("the keys");
    let store = match store {
        Store::Sqlite => "sqlite",
        Store::Postgres => "postgres",
    };
    let line = keys.lines().find_map(|line| line.strip_prefix(&format!("{store} {kind} ")));
    line.expect("a key").to_owned()
}

/// A copy of what a release has left in its database.
async fn written(name: &str, store: Store, folder: &Path) -> String {
    let url = store.url(folder).await;
    match store {
        Store::Sqlite => {
            std::fs::copy(data(name, "db"), folder.join("test.db")).expect("a copy");
        }
        Store::Postgres => {
            let dump = std::fs::read_to_string(data(name, "sql")).expect("a dump");
            Postgres::shared().expect("asked before").execute(&url, &dump).await;
        }
    }
    url
}

/// How many migrations are applied, and how many are pending.
fn migrations(folder: &Path, url: &str) -> (usize, usize) {
    let output = Server::output(folder, &["migrate", "status"], &[("FILMGATE_DATABASE_URL", url)]);
    let text = String::from_utf8(output.stdout).expect("a text");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    (text.matches("applied  m").count(), text.matches("pending  m").count())
}

async fn counts(app: &TestApp, film: i64) -> (i64, i64) {
    let film = app.get(&format!("/v1/films/{film}")).await.expect(200).json();
    (film["likes"].as_i64().expect("a number"), film["dislikes"].as_i64().expect("a number"))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_each_release_goes_on(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    for (name, known, films) in RELEASES {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().to_owned();
        let url = written(name, store, &path).await;
        assert_eq!(migrations(&path, &url), (known, MIGRATIONS.len() - known), "{name}");
        let app = TestApp::on_database(folder, url.clone()).await;
        assert_eq!(migrations(&path, &url), (MIGRATIONS.len(), 0), "{name}");

        assert_eq!(app.films, films, "{name}");
        films_are_as_they_were(&app).await;
        films_have_the_words_of_a_new_start(&app, store).await;
        documented_calls_add_to_what_is_stored(&app).await;
        old_events_are_told(&app, &key(name, store, "good")).await;
        credentials_hold_and_votes_stay_one_each(&app, name, store).await;
        assert_eq!(app.count(MISCOUNTED).await, 0, "{name}");

        // The same after one more start.
        let stored = (counts(&app, 1).await, counts(&app, 3).await);
        let app = app.reopen("").await;
        assert_eq!((counts(&app, 1).await, counts(&app, 3).await), stored, "{name}");
    }
}

async fn films_are_as_they_were(app: &TestApp) {
    // 620 of the starter catalogue, some that were added, and one that was removed.
    app.get("/v1/films/7").await.expect_problem(404, "FILM_NOT_FOUND");
    let film = async |id: i64| app.get(&format!("/v1/films/{id}")).await.expect(200).json();
    assert_eq!(film(8).await["studio"], "Changed Studio");
    assert_eq!(film(621).await["name"], "Old Endpoint");
    let added = film(622).await;
    assert_eq!(added["name"], "Zażółć gęślą jaźń");
    assert_eq!((&added["year"], &added["genres"]), (&json!(1987), &json!(["drama", "comedy"])));
    assert_eq!(film(623).await["name"], "Graph");
}

/// What the migration makes of their names is what films get that are added.
async fn films_have_the_words_of_a_new_start(app: &TestApp, store: Store) {
    let fresh = TestApp::on(store, "").await;
    for columns in ["COUNT(*)", "SUM(film_id)", "SUM(LENGTH(word))", "SUM(LENGTH(word) * film_id)"] {
        // Those of the starter catalogue but for one that was removed and one that was changed.
        let sql = format!(
            "SELECT CAST({columns} AS bigint) FROM film_word WHERE film_id <= 620 AND film_id NOT IN (7, 8)"
        );
        assert_eq!(app.count(&sql).await, fresh.count(&sql).await, "{columns}");
    }
    for text in ["zazolc", "changed", "graph"] {
        let found = app.get(&format!("/v1/films?q={text}")).await.expect(200).json();
        assert_ne!(found["totalCount"], 0, "{text}");
    }
}

async fn documented_calls_add_to_what_is_stored(app: &TestApp) {
    assert_eq!((counts(app, 1).await, counts(app, 2).await), ((3, 1), (0, 2)));
    let random = app.get("/").await.expect(200).json();
    let keys: Vec<&String> = random.as_object().expect("an object").keys().collect();
    assert_eq!(keys[..3], ["id", "name", "studio"]);
    app.get("/?like=1").await.expect(200);
    app.get("/?dislike=2").await.expect(200);
    assert_eq!((counts(app, 1).await, counts(app, 2).await), ((4, 1), (0, 3)));
    let added = app.post("/add_film", json!({"name": "Frozen", "studio": "Disney"})).await.expect(201);
    // No id is given a second time, and one film is gone.
    let next = app.films + 2;
    assert_eq!(added.json()["id"], next);
    assert_eq!(added.header("location"), format!("/v1/films/{next}"));
    assert!(app.head("/add_film").await.expect(200).body.is_empty());
    // A film of before is known as there already.
    let again = json!({"name": "old endpoint", "studio": "UPGRADE"});
    let refused = app.post("/add_film", again).await.expect_problem(409, "FILM_EXISTS");
    assert_eq!(refused.json()["filmId"], 621);
}

async fn old_events_are_told(app: &TestApp, key: &str) {
    let page = app.get_as(key, "/v1/audit_events?first=100").await.expect(200).json();
    let events = page["auditEvents"].as_array().expect("events");
    let is_told = |event: &str, actor: &str, surface: &str, what: &str| {
        events.iter().any(|told| {
            let text = |member: &str| told[member].as_str().unwrap_or_default();
            (text("event"), text("actor"), text("surface")) == (event, actor, surface)
                && (text("target").contains(what) || text("detail").contains(what))
        })
    };
    for (event, actor, surface, what) in [
        ("account_created", "operator", "command", "account 1 (anna)"),
        ("key_created", "operator", "command", "key 2"),
        ("film_added", "account anna", "rest", "film 621 (Old Endpoint)"),
        ("film_added", "account anna", "graphql", "film 623 (Graph)"),
        ("film_changed", "account anna", "rest", "to \"Changed Studio\""),
        ("film_removed", "account anna", "rest", "film 7 "),
        ("key_revoked", "account anna", "graphql", "key 2"),
        ("signed_in", "anonymous", "rest", "account 2 (bert)"),
        ("sign_in_failed", "anonymous", "rest", "account 2 (bert)"),
        ("credential_refused", "anonymous", "rest", "not valid"),
        ("right_refused", "account bert", "rest", "needs the role admin"),
        ("right_refused", "account bert", "graphql", "needs the role admin"),
        ("quota_refused", "anonymous", "rest", "film-1d"),
    ] {
        assert!(is_told(event, actor, surface, what), "no {event} of {actor} by {surface}: {page}");
    }
    let query = "{ auditEvents(first: 1, filter: {event: KEY_REVOKED}) { edges { node { surface } } } }";
    let told = app.graphql_as(Some(key), query, json!({})).await.expect(200).json();
    assert_eq!(told["data"]["auditEvents"]["edges"][0]["node"]["surface"], "GRAPHQL", "{told}");
}

async fn credentials_hold_and_votes_stay_one_each(app: &TestApp, name: &str, store: Store) {
    let good = key(name, store, "good");
    app.get_as(&key(name, store, "revoked"), "/v1/me").await.expect_problem(401, "UNAUTHENTICATED");
    let signed_in = async |(name, password): (&str, &str)| -> Value {
        app.sign_in(name, "correct horse").await.expect(401);
        app.sign_in(name, password).await.expect(201).json()
    };
    let (admin, voter) = (signed_in(ADMIN).await, signed_in(VOTER).await);
    for (session, account, role) in [(&admin, "anna", "admin"), (&voter, "bert", "voter")] {
        let token = session["token"].as_str().expect("a token");
        let me = app.get_as(token, "/v1/me").await.expect(200).json();
        assert_eq!((&me["account"]["name"], &me["role"]), (&json!(account), &json!(role)), "{me}");
    }
    let voter = voter["token"].as_str().expect("a token");

    // Both have liked film 3, and the voter film 4: the same again changes nothing, the other way switches.
    let rows = "SELECT COUNT(*) FROM vote WHERE voter IS NOT NULL";
    assert_eq!((counts(app, 3).await, counts(app, 4).await, app.count(rows).await), ((2, 0), (1, 0), 3));
    app.get_as(&good, "/?like=3").await.expect(200);
    let like = "mutation { like(id: 3) { id likes } }";
    app.graphql_as(Some(voter), like, json!({})).await.expect(200);
    app.call_as(Some(voter), Method::POST, "/v1/films/4/like", None).await.expect(200);
    assert_eq!((counts(app, 3).await, counts(app, 4).await, app.count(rows).await), ((2, 0), (1, 0), 3));
    app.get_as(voter, "/?dislike=3").await.expect(200);
    assert_eq!((counts(app, 3).await, app.count(rows).await), ((1, 1), 3));
    app.call_as(Some(voter), Method::DELETE, "/v1/films/4/vote", None).await.expect(200);
    assert_eq!((counts(app, 4).await, app.count(rows).await), ((0, 0), 2));
}

/// What looks alike today was stored as two: both stay, the older is known by the name, and the operator is told of the
/// newer.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn names_that_look_alike_stay_apart(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().to_owned();
    let url = written(BEFORE_KEYS, store, &path).await;
    let migrate = |arguments: &[&str]| {
        let output = Server::output(&path, arguments, &[("FILMGATE_DATABASE_URL", &url)]);
        let told = String::from_utf8(output.stderr).expect("a text");
        assert!(output.status.success(), "{told}");
        told
    };
    let told = migrate(&["migrate", "up"]);
    for (newer, older) in [
        ("film 624", "film 1"),
        ("film 626", "film 625"),
        ("film 628", "film 627"),
        ("account 3", "account 1"),
        ("account 6", "account 5"),
    ] {
        let is_told =
            |line: &str| line.starts_with(&format!("{newer} (")) && line.contains(&format!("{older};"));
        assert!(told.lines().any(is_told), "{newer}: {told}");
    }
    assert_eq!(told.lines().count(), 5, "{told}");
    assert!(told.contains(r#"film 624 ("Frozen\u{200b}")"#), "{told}");
    // Back, as the release before needs it, and once more.
    let down = ["migrate", "down", "--steps", "5", "--yes"];
    migrate(&down);
    assert_eq!(migrate(&["migrate", "up"]), told);
    // A server that brings it up to date says so in its log.
    migrate(&down);
    let mut server = Server::start(&path, &[("FILMGATE_DATABASE_URL", url.as_str())]);
    server.await_log(5, |line| line["message"].as_str().is_some_and(|text| text.contains("looks like")));
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_mins(1)), Some(0));

    let app = TestApp::on_database(folder, url.clone()).await;
    for id in 624..=628 {
        app.get(&format!("/v1/films/{id}")).await.expect(200);
        app.get(&format!("/?like={id}")).await.expect(200);
    }
    every_list_has_every_film_once(&app).await;
    let of_genre = app.get("/v1/films?genre=drama&studio=upgrade&sort=name").await.expect(200).json();
    assert_eq!(of_genre["films"][0]["id"], 627, "{of_genre}");

    let good = &key(BEFORE_KEYS, store, "good");
    let add = async |film: Value| app.call_as(Some(good), Method::POST, "/v1/films", Some(film)).await;
    for (name, studio, year, known) in [
        ("frozen\u{ad}", "DISNEY\u{3000}", json!(2013), 1),
        ("late\u{a0}riser", "Upgrade", Value::Null, 627),
        ("Late Riser\u{2060}", "Upgrade", Value::Null, 627),
    ] {
        let refused = add(json!({"name": name, "studio": studio, "year": year})).await;
        let problem = refused.expect_problem(409, "FILM_EXISTS").json();
        assert!(
            problem["detail"].as_str().expect("a text").contains(&format!("the id {known}:")),
            "{problem}"
        );
    }

    // A film that is there is changed in what the rules do not forbid, whatever its name is.
    let change = async |id: i64, change: Value| {
        app.call_as(Some(good), Method::PATCH, &format!("/v1/films/{id}"), Some(change)).await
    };
    for id in [624, 625, 626, 628] {
        let known = app.get(&format!("/v1/films/{id}")).await.expect(200).json();
        let changed = change(id, json!({"name": known["name"], "genres": ["Kept"]})).await.expect(200).json();
        assert_eq!((&changed["name"], &changed["genres"]), (&known["name"], &json!(["Kept"])), "{changed}");
    }
    change(626, json!({"name": "\u{3164}\u{3164}"})).await.expect_problem(422, "INVALID_INPUT");
    change(628, json!({"name": "Late RISER"})).await.expect(200);
    change(628, json!({"year": 2001})).await.expect(200);
    // Apart from its neighbour it is known by its name again.
    add(json!({"name": "Late Riser", "studio": "Upgrade", "year": 2001}))
        .await
        .expect_problem(409, "FILM_EXISTS");

    // Whoever has an account signs in, by the name as they know it.
    for (typed, password, account) in [
        ("anna", "anna", 1),
        ("ANNA", "anna", 1),
        ("\u{ff41}nna", "\u{ff41}nna", 3),
        ("\u{430}dmin", "\u{430}dmin", 4),
        ("\u{ff43}arl", "\u{ff43}arl", 5),
        ("Carl", "\u{ff43}arl", 5),
        ("carl", "carl", 6),
    ] {
        let session = app.sign_in(typed, &format!("correct horse {password}")).await.expect(201).json();
        assert_eq!(session["account"]["id"], account, "{typed}: {session}");
    }
}

async fn every_list_has_every_film_once(app: &TestApp) {
    for sort in ["name", "year", "likes", "newest"] {
        let (mut ids, mut after) = (Vec::new(), String::new());
        loop {
            let page = app.get(&format!("/v1/films?sort={sort}&first=1{after}")).await.expect(200).json();
            let films = page["films"].as_array().expect("films");
            ids.extend(films.iter().map(|film| film["id"].as_i64().expect("a number")));
            if ids.len() > app.films || page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = format!("&after={}", page["pageInfo"]["endCursor"].as_str().expect("a cursor"));
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), app.films, "{sort}");
    }
}
