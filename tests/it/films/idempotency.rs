//! A change under a key is made once, however often it is asked for.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use filmgate::service::caller::Role;
use rstest::rstest;
use serde_json::{Value, json};
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::support::{Answer, Server, Store, TestApp, UNLIMITED, header_of};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";
const JSON: (&str, &str) = ("content-type", "application/json");

/// As many as a test wants, each counted.
const COUNTED: &str = "film=100/day; add_film=100/day; browse=100/day; flood=1000/day";

/// A call under a key.
async fn call(app: &TestApp, method: Method, path: &str, key: &str, body: Option<Value>) -> Answer {
    app.call(method, path, &[JSON, ("idempotency-key", key)], body.map(|body| body.to_string())).await
}

async fn graphql(app: &TestApp, query: &str, key: &str) -> Answer {
    app.post("/graphql", json!({"query": query, "extensions": {"idempotencyKey": key}})).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == "true"
}

/// As a client does that has lost its connection and not the answer.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_answered_may_ask_again_at_once(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    for round in 0..100 {
        let key = format!("asked-again-{round:04}");
        call(&app, Method::POST, "/v1/films/7/like", &key, None).await.expect(200);
        assert!(is_replayed(&call(&app, Method::POST, "/v1/films/7/like", &key, None).await.expect(200)));
    }
    assert_eq!(app.count("SELECT likes FROM film WHERE id = 7").await, 100);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_is_sent_again_counts_once_and_is_paid_for_once(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, COUNTED).await;
    let quoted = format!("\"{KEY}\"");
    let first = call(&app, Method::POST, "/v1/films/7/like", &quoted, None).await.expect(200);
    assert!(!is_replayed(&first));
    assert_eq!(first.json()["likes"], 1);
    // Somebody else's vote: what is told is how it is now.
    app.post("/v1/films/7/like", json!({})).await.expect(200);
    for key in [KEY, &quoted] {
        let again = call(&app, Method::POST, "/v1/films/7/like", key, None).await.expect(200);
        assert!(is_replayed(&again));
        assert_eq!(again.json()["likes"], 2);
    }
    assert_eq!(app.left("film-1d").await, 98);
    // Four calls, and two questions of what is left.
    assert_eq!(app.left("flood-1d").await, 1_000 - 6);

    // The documented call. A key gives one film and not as many as one likes, or nobody would pay for random ones.
    let mut told = Vec::new();
    for replayed in [false, true, true, true] {
        let answer =
            call(&app, Method::GET, "/?like=8&dislike=9", "documented-call-1", None).await.expect(200);
        assert_eq!(is_replayed(&answer), replayed);
        told.push(answer.json()["id"].clone());
    }
    assert!(told.iter().all(|id| id.is_number() && *id == told[0]), "{told:?}");
    assert_eq!(app.count("SELECT likes FROM film WHERE id = 8").await, 1);
    assert_eq!(app.count("SELECT dislikes FROM film WHERE id = 9").await, 1);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 4);
    assert_eq!(app.left("film-1d").await, 97);

    // At the other surface it is another request; each field is a change of its own.
    let document = "mutation { a: like(id: 7) { likes } b: like(id: 7) { likes } }";
    let first = graphql(&app, document, "graphql-call-0001").await.expect(200);
    assert_eq!(first.json(), json!({"data": {"a": {"likes": 3}, "b": {"likes": 4}}}));
    let again = graphql(&app, document, "graphql-call-0001").await.expect(200);
    let now =
        json!({"data": {"a": {"likes": 4}, "b": {"likes": 4}}, "extensions": {"idempotencyReplayed": true}});
    assert_eq!(again.json(), now);
    assert!(is_replayed(&again) && !is_replayed(&first));
    assert_eq!(app.left("film-1d").await, 95);
}

/// While the removal waits for somebody who holds its film, another server makes another change under the same key.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_another_server_was_quicker_than_is_told_so() {
    if Store::Postgres.is_missing() {
        return;
    }
    let one = TestApp::on(Store::Postgres, UNLIMITED).await;
    let other = one.beside(UNLIMITED).await;
    let admin = one.account("root", Role::Admin).await;
    let (name, admin) = header_of(&one.key(admin).await.1);
    let ask = async |app: &TestApp, method, path: &str, key: &str, body: Option<Value>| {
        let headers = [JSON, (name, &*admin), ("idempotency-key", key)];
        app.call(method, path, &headers, body.map(|body| body.to_string())).await
    };
    let mut holding = sqlx::PgConnection::connect(&one.database_url).await.expect("a connection");
    let query = |field: &str| Some(json!({"query": format!("mutation {{ {field} {{ id }} }}")}));
    for (key, removal, change) in [
        (
            "quicker-by-rest-01",
            (Method::DELETE, "/v1/films/5", None),
            (Method::POST, "/v1/films/6/like", None),
        ),
        (
            "quicker-by-graphql",
            (Method::POST, "/graphql", query("removeFilm(id: 5)")),
            (Method::POST, "/graphql", query("removeFilm: dislike(id: 6)")),
        ),
    ] {
        let hold = "BEGIN; SELECT id FROM film WHERE id = 5 FOR UPDATE";
        sqlx::raw_sql(hold).execute(&mut holding).await.expect("held");
        let removal = ask(&other, removal.0, removal.1, key, removal.2);
        let change = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let changed = ask(&one, change.0, change.1, key, change.2).await;
            sqlx::raw_sql("COMMIT").execute(&mut holding).await.expect("let go");
            changed
        };
        let (removed, changed) = tokio::join!(removal, change);
        assert_eq!(changed.expect(200).code(), "", "{key}");
        assert_eq!(removed.code(), "IDEMPOTENCY_KEY_REUSED", "{key}: {}", removed.json());
    }
    one.get("/v1/films/5").await.expect(200);
    assert_eq!(one.count("SELECT COUNT(*) FROM idempotency").await, 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn films_are_added_changed_and_removed_once(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, COUNTED).await;
    let film = json!({"name": "Once", "studio": "Only", "year": 2001});
    for path in ["/add_film", "/v1/films"] {
        let key = format!("add by {path}").replace(' ', "-") + "-0001";
        let film = json!({"name": path, "studio": "Only"});
        let first = call(&app, Method::POST, path, &key, Some(film.clone())).await.expect(201);
        let again = call(&app, Method::POST, path, &key, Some(film)).await.expect(201);
        assert!(is_replayed(&again) && !is_replayed(&first));
        assert_eq!((again.json(), &again.headers["location"]), (first.json(), &first.headers["location"]));
    }
    let add = "mutation($input: AddFilmInput!) { addFilm(input: $input) { id } }";
    let body = json!({"query": add, "variables": {"input": film}});
    let first = call(&app, Method::POST, "/graphql", KEY, Some(body.clone())).await.expect(200);
    let again = call(&app, Method::POST, "/graphql", KEY, Some(body)).await.expect(200);
    assert_eq!(first.json()["data"], again.json()["data"]);
    assert!(is_replayed(&again));
    let id = first.json()["data"]["addFilm"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(app.left("add_film-1d").await, 97);
    assert_eq!(app.count("SELECT COUNT(*) FROM film WHERE studio = 'Only'").await, 3);

    let admin = app.account("root", Role::Admin).await;
    let (name, admin) = header_of(&app.key(admin).await.1);
    let path = format!("/v1/films/{id}");
    let headers = [JSON, (name, &*admin), ("idempotency-key", "change-of-a-film-1")];
    for replayed in [false, true] {
        let body = json!({"year": 2002}).to_string();
        let changed = app.call(Method::PATCH, &path, &headers, Some(body)).await.expect(200);
        assert_eq!((is_replayed(&changed), &changed.json()["year"]), (replayed, &json!(2002)));
    }
    let headers = [(name, &*admin), ("idempotency-key", "removal-of-a-film-1")];
    let removed = app.call(Method::DELETE, &path, &headers, None).await.expect(200);
    assert_eq!(removed.json()["name"], "Once");
    // What is told is how it is now.
    let again = app.call(Method::DELETE, &path, &headers, None).await.expect(404);
    assert!(is_replayed(&again));
    assert_eq!(again.json()["code"], "FILM_NOT_FOUND");
}

/// What is refused for another reason was not made by this request.
#[tokio::test]
async fn a_refusal_is_not_told_as_a_replay() {
    let app = TestApp::with(COUNTED, |_| {}).await;
    let ada = app.account("ada", Role::Voter).await;
    let session = app.session(ada).await;
    let like = async || {
        let (name, value) = header_of(&session);
        let headers = [(name, value.as_str()), ("idempotency-key", KEY)];
        app.call(Method::POST, "/v1/films/7/like", &headers, None).await
    };
    let mutation = async || {
        let (name, value) = header_of(&session);
        let body = json!({"query": "mutation { like(id: 8) { id } }", "extensions": {"idempotencyKey": KEY}});
        app.call(Method::POST, "/graphql", &[JSON, (name, value.as_str())], Some(body.to_string())).await
    };
    like().await.expect(200);
    app.execute("DELETE FROM idempotency").await;
    assert_eq!(mutation().await.json()["data"]["like"]["id"], "8");
    let told = mutation().await;
    assert!(
        is_replayed(&told) && told.json()["extensions"]["idempotencyReplayed"] == true,
        "{}",
        told.json()
    );
    app.execute("UPDATE account SET role = 'viewer'").await;
    let told = mutation().await;
    assert_eq!(told.code(), "FORBIDDEN", "{}", told.json());
    assert!(
        !is_replayed(&told) && told.json()["extensions"]["idempotencyReplayed"].is_null(),
        "{}",
        told.json()
    );
    app.execute("UPDATE account SET role = 'voter'; DELETE FROM idempotency").await;
    like().await.expect(200);
    app.execute("UPDATE account SET role = 'viewer'").await;
    let refused = like().await.expect_problem(403, "FORBIDDEN");
    assert!(!is_replayed(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_request_under_the_same_key_is_refused_and_another_caller_has_keys_of_their_own() {
    let app = TestApp::with(COUNTED, |config| {
        config.trusted_proxies = vec!["0.0.0.0/0".parse().expect("a network")];
    })
    .await;
    let from = async |client: &str, path: &str| {
        let headers = [("x-forwarded-for", client), ("idempotency-key", KEY)];
        app.call(Method::POST, path, &headers, None).await
    };
    from("192.0.2.1", "/v1/films/7/like").await.expect(200);
    for path in ["/v1/films/8/like", "/v1/films/7/dislike"] {
        let refused = from("192.0.2.1", path).await.expect(422);
        assert_eq!(refused.json()["code"], "IDEMPOTENCY_KEY_REUSED");
    }
    let other = from("192.0.2.2", "/v1/films/8/like").await.expect(200);
    assert!(!is_replayed(&other));
    assert!(is_replayed(&from("192.0.2.1", "/v1/films/7/like").await.expect(200)));
    // A whole /64 is one caller.
    assert!(!is_replayed(&from("2001:db8::1", "/v1/films/9/like").await.expect(200)));
    assert!(is_replayed(&from("2001:db8::ffff", "/v1/films/9/like").await.expect(200)));
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_not_made_and_a_document_goes_on_where_it_was_cut() {
    let app = TestApp::new(COUNTED).await;
    for _ in 0..2 {
        let refused = call(&app, Method::POST, "/v1/films/9999/like", KEY, None).await.expect(404);
        assert!(!is_replayed(&refused));
    }
    assert_eq!(app.left("film-1d").await, 98);
    let document = r#"mutation { a: like(id: 1) { likes } b: addFilm(input: {name: "Frozen", studio: "Disney", year: 2013}) { name } c: like(id: 2) { likes } }"#;
    let first = graphql(&app, document, "a-document-that-is-cut").await.expect(200).json();
    assert_eq!(
        (&first["data"]["b"], &first["errors"][0]["extensions"]["code"]),
        (&Value::Null, &json!("FILM_EXISTS"))
    );
    app.execute("UPDATE film SET name_key = 'otherwise' WHERE id = 1").await;
    let again = graphql(&app, document, "a-document-that-is-cut").await.expect(200);
    assert!(!is_replayed(&again), "a part of it was done now");
    let told = json!({"a": {"likes": 1}, "b": {"name": "Frozen"}, "c": {"likes": 1}});
    assert_eq!(again.json(), json!({"data": told}));
    assert!(is_replayed(&graphql(&app, document, "a-document-that-is-cut").await.expect(200)));
    assert_eq!((app.left("film-1d").await, app.left("add_film-1d").await), (96, 98));
}

/// A client that goes away while its vote waits, as one with a time limit does: it is at work until it is settled, and paid for
/// once.
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_and_asks_again_pays_once() {
    let app = TestApp::new(COUNTED).await;
    let database = sqlx::SqlitePool::connect(&app.database_url).await.expect("the database");
    let mut other = database.acquire().await.expect("a connection");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *other).await.expect("a lock");
    let like = || call(&app, Method::POST, "/v1/films/7/like", KEY, None);
    let left = tokio::time::timeout(Duration::from_millis(300), like()).await;
    assert!(left.is_err(), "it waits");
    assert_eq!(like().await.expect(409).code(), "IDEMPOTENCY_KEY_IN_USE");
    sqlx::raw_sql("COMMIT").execute(&mut *other).await.expect("an end");
    let mut again = like().await;
    while again.status == 409 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        again = like().await;
    }
    assert!(is_replayed(&again.expect(200)));
    assert_eq!((app.left("film-1d").await, app.count("SELECT COUNT(*) FROM vote").await), (99, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_is_refused_and_what_changes_nothing_needs_none() {
    let app = TestApp::new(COUNTED).await;
    for key in ["short", "\"not closed by a quote", "with spaces in between it", &"k".repeat(129)] {
        let refused = call(&app, Method::POST, "/v1/films/7/like", key, None).await.expect(400);
        assert!(
            refused.json()["detail"].as_str().is_some_and(|detail| detail.contains("16 to 128")),
            "{key}"
        );
        let refused = graphql(&app, "mutation { like(id: 7) { id } }", key).await;
        if key != "\"not closed by a quote" {
            assert_eq!(refused.expect(400).json()["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{key}");
        }
    }
    let body = json!({"query": "mutation { like(id: 7) { id } }", "extensions": {"idempotencyKey": 7}});
    app.post("/graphql", body).await.expect(400);
    let body = json!({"query": "mutation { like(id: 7) { id } }", "extensions": {"idempotencyKey": "another-key-than-that"}});
    call(&app, Method::POST, "/graphql", KEY, Some(body)).await.expect(400);
    call(&app, Method::POST, "/graphql", KEY, Some(json!([{"query": "{ me { role } }"}]))).await.expect(400);
    let twice = json!({"query": "mutation { like(id: 7) { id } }", "extensions": {"idempotencyKey": KEY}});
    assert_eq!(app.post("/graphql", json!([twice, twice])).await.expect(400).code(), "BAD_REQUEST");
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    let nothing = graphql(&app, "mutation { __typename }", "a-mutation-of-nothing").await.expect(200);
    assert!(!is_replayed(&nothing), "{}", nothing.json());
    for _ in 0..2 {
        let read = call(&app, Method::GET, "/", KEY, None).await.expect(200);
        assert!(!is_replayed(&read));
        assert!(!is_replayed(&graphql(&app, "{ film(id: 1) { name } }", KEY).await.expect(200)));
    }
    assert_eq!(app.left("film-1d").await, 98);
}

/// A client that makes its body anew may write its members in another order.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_may_be_written_in_another_order() {
    let app = TestApp::new(COUNTED).await;
    let film = [r#"{"name":"N","studio":"S","year":2000}"#, r#"{"year":2000, "studio":"S","name":"N"}"#];
    for (count, body) in film.iter().enumerate() {
        let headers = [JSON, ("idempotency-key", KEY)];
        let added = app.call(Method::POST, "/v1/films", &headers, Some((*body).to_owned())).await.expect(201);
        assert_eq!(is_replayed(&added), count > 0, "{body}");
    }
    let query = "mutation A($i: ID!, $j: ID!) { a: like(id: $i) { id } b: like(id: $j) { id } }";
    let bodies = [
        format!(r#"{{"query":"{query}","operationName":"A","variables":{{"i":1,"j":2}}}}"#),
        format!(r#"{{"variables":{{"j":2,"i":1}},"query":"{query}"}}"#),
    ];
    for (count, body) in bodies.into_iter().enumerate() {
        let headers = [JSON, ("idempotency-key", "another-key-than-that")];
        let liked = app.call(Method::POST, "/graphql", &headers, Some(body)).await.expect(200);
        assert_eq!(is_replayed(&liked), count > 0, "{}", liked.json());
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 2);
}

/// In whatever form the answer is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_and_an_event_stream_say_that_they_are_replayed() {
    let app = TestApp::new(COUNTED).await;
    let like = |key: &str| json!({"query": "mutation { like(id: 7) { likes } }", "extensions": {"idempotencyKey": key}});
    let (one, other) = (like("the-first-of-some-keys"), like("the-second-of-some-keys"));
    for replayed in [false, true] {
        let batch = app.post("/graphql", json!([one])).await.expect(200);
        assert_eq!(is_replayed(&batch), replayed, "{}", batch.json());
    }
    assert!(!is_replayed(&app.post("/graphql", json!([one, other])).await.expect(200)), "one of two is new");
    assert!(is_replayed(&app.post("/graphql", json!([one, other])).await.expect(200)));
    let headers = [JSON, ("accept", "text/event-stream")];
    let stream = app.call(Method::POST, "/graphql", &headers, Some(one.to_string())).await.expect(200);
    assert!(is_replayed(&stream) && stream.header("content-type") == "text/event-stream");
}

/// However many come at once, to whichever server: one is made, and nobody is told that theirs failed.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_one_change(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let one = Arc::new(TestApp::on(store, UNLIMITED).await);
    let two = Arc::new(one.beside(UNLIMITED).await);
    for round in 0..20_u32 {
        let key = format!("many-at-once-round-{round}");
        let mut calls = JoinSet::new();
        for place in 0..12_u32 {
            let app = Arc::clone(if place % 2 == 0 { &one } else { &two });
            let key = key.clone();
            calls.spawn(async move {
                loop {
                    let answer = if round % 2 == 0 {
                        call(&app, Method::POST, "/v1/films/7/like", &key, None).await
                    } else {
                        let film = json!({"name": format!("Round {round}"), "studio": "S"});
                        call(&app, Method::POST, "/v1/films", &key, Some(film)).await
                    };
                    match answer.status.as_u16() {
                        200 | 201 => return,
                        409 => {
                            assert_eq!(
                                answer.json()["code"],
                                "IDEMPOTENCY_KEY_IN_USE",
                                "{:?}",
                                answer.json()
                            );
                            assert_eq!(answer.headers["retry-after"], "1");
                        }
                        other => panic!("{other}: {:?}", answer.json()),
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
        }
        calls.join_all().await;
    }
    assert_eq!(one.count("SELECT likes FROM film WHERE id = 7").await, 10);
    assert_eq!(one.count("SELECT COUNT(*) FROM vote").await, 10);
    assert_eq!(one.count("SELECT COUNT(*) FROM film WHERE studio = 'S'").await, 10);
}

/// One key for two films, at two servers at once: one vote is made, and the other is told that the key is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_is_acknowledged_is_recorded_whoever_has_the_same_key() {
    if Store::Postgres.is_missing() {
        return;
    }
    let one = TestApp::on(Store::Postgres, UNLIMITED).await;
    let two = one.beside(UNLIMITED).await;
    let mut acknowledged = 0;
    for round in 0..30 {
        let key = format!("one-key-for-two-films-{round}");
        let (first, second) = tokio::join!(
            call(&one, Method::POST, "/v1/films/7/like", &key, None),
            call(&two, Method::POST, "/v1/films/8/like", &key, None),
        );
        for answer in [first, second] {
            match answer.status.as_u16() {
                200 => acknowledged += 1,
                422 => assert_eq!(answer.code(), "IDEMPOTENCY_KEY_REUSED"),
                other => panic!("{other}: {:?}", answer.json()),
            }
        }
    }
    assert_eq!(one.count("SELECT COUNT(*) FROM vote").await, acknowledged);
    assert_eq!(acknowledged, 30);
    // Another server tells at once what was made at this one.
    call(&one, Method::POST, "/v1/films/9/like", "told-at-the-other-1", None).await.expect(200);
    let told = call(&two, Method::POST, "/v1/films/9/like", "told-at-the-other-1", None).await.expect(200);
    assert_eq!((is_replayed(&told), &told.json()["likes"]), (true, &json!(1)));
}

/// The answer is cut between commit and client, a hundred times at each surface: one vote and one charge each.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_a_hundred_times_is_no_vote_more() {
    const CALLS: i64 = 100;
    let folder = TempDir::new().expect("a folder");
    let day = [("FILMGATE_LIMITS__FILM", "1000/day"), ("FILMGATE_LIMITS__FLOOD", "100000/day")];
    let server = Server::start(folder.path(), &day);
    let body = |n| {
        let query = "mutation { like(id: 8) { likes } }";
        json!({"query": query, "extensions": {"idempotencyKey": format!("lost-by-graphql-{n}")}}).to_string()
    };
    let requests = |n: i64| {
        let body = body(n);
        [
            format!(
                "POST /v1/films/7/like HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: \"lost-by-rest-number-{n}\"\r\nConnection: close\r\n\r\n"
            ),
            format!(
                "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            ),
        ]
    };
    let url = format!("sqlite://{}", folder.path().join("filmgate.db").display());
    for n in 0..CALLS {
        let streams = requests(n).map(|request| {
            let mut stream = TcpStream::connect(server.address()).expect("a connection");
            stream.write_all(request.as_bytes()).expect("a request");
            stream
        });
        // Both votes are in, and nobody has read an answer.
        let votes = async {
            while crate::support::count(&url, "SELECT COUNT(*) FROM vote").await < 2 * (n + 1) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), votes).await.expect("two votes");
        for stream in streams {
            stream.shutdown(Shutdown::Both).expect("an end");
        }
    }
    for n in 0..CALLS {
        for request in requests(n) {
            let mut stream = TcpStream::connect(server.address()).expect("a connection");
            stream.write_all(request.as_bytes()).expect("a request");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            let is_replayed = answer.to_ascii_lowercase().contains("\r\nidempotency-replayed: true\r\n");
            assert!(answer.starts_with("HTTP/1.1 200") && is_replayed, "{answer}");
        }
    }
    assert_eq!(crate::support::count(&url, "SELECT likes FROM film WHERE id = 7").await, 100);
    assert_eq!(crate::support::count(&url, "SELECT likes FROM film WHERE id = 8").await, 100);
    assert_eq!(crate::support::count(&url, "SELECT COUNT(*) FROM vote").await, 200);
    let limits: Value = reqwest::get(format!("{}/v1/rate_limit", server.url))
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let film =
        limits["limits"].as_array().and_then(|all| all.iter().find(|limit| limit["name"] == "film-1d"));
    assert_eq!(film.expect("a window")["remaining"], 1_000 - 200);
}

/// What was acknowledged is known as made by the server that comes after one that was killed.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_known_after_a_kill() {
    let folder = TempDir::new().expect("a folder");
    let unlimited = [("FILMGATE_LIMITS__ENABLED", "false")];
    let client = reqwest::Client::new();
    for round in 0..5 {
        let mut answers = Vec::new();
        for replayed in [false, true] {
            let server = Server::start(folder.path(), &unlimited);
            let request = client.post(format!("{}/v1/films/7/like", server.url));
            let request = request.header("idempotency-key", format!("known-after-a-kill-{round}"));
            let answer = request.send().await.expect("an answer");
            assert_eq!(
                (answer.status().as_u16(), answer.headers().contains_key("idempotency-replayed")),
                (200, replayed)
            );
            answers.push(answer.json::<Value>().await.expect("a film"));
            server.kill();
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0]["likes"], round + 1);
    }
}
