//! The documented endpoints, row by row of the contract.

use axum::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Store, TestApp, UNLIMITED};

async fn app(store: Store) -> TestApp {
    TestApp::on(store, UNLIMITED).await
}

async fn film(app: &TestApp, id: i64) -> Value {
    app.get(&format!("/v1/films/{id}")).await.expect(200).json()
}

#[rstest]
#[tokio::test]
async fn the_four_documented_calls_work_word_for_word_on_a_fresh_start(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    assert!(app.films >= 500, "{}", app.films);
    let one = film(&app, 1).await;
    assert_eq!((&one["name"], &one["studio"]), (&json!("Frozen"), &json!("Disney")));

    let random = app.get("/").await.expect(200);
    assert_eq!(random.header("cache-control"), "no-store");
    let text = String::from_utf8(random.body.clone()).expect("UTF-8");
    assert!(text.starts_with("{\"id\":"), "{text}");
    let keys: Vec<String> = random.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys[..3], ["id", "name", "studio"]);

    app.get("/?like=123").await.expect(200);
    assert_eq!(film(&app, 123).await["likes"], 1);
    app.get("/?dislike=456").await.expect(200);
    assert_eq!(film(&app, 456).await["dislikes"], 1);

    let added = app.post("/add_film", json!({"name": "Frozen", "studio": "Disney"})).await.expect(201);
    let id = added.json()["id"].as_i64().expect("an id");
    assert_eq!(added.header("location"), format!("/v1/films/{id}"));
    assert_eq!(film(&app, id).await, added.json());
}

#[rstest]
#[tokio::test]
async fn both_votes_of_a_call_are_recorded_or_neither(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    app.get("/?like=1&dislike=2").await.expect(200);
    assert_eq!(film(&app, 1).await["likes"], 1);
    assert_eq!(film(&app, 2).await["dislikes"], 1);
    app.get("/?like=1&dislike=999999").await.expect_problem(404, "FILM_NOT_FOUND");
    app.get("/?like=999999&dislike=2").await.expect_problem(404, "FILM_NOT_FOUND");
    app.get("/?like=1&dislike=x").await.expect_problem(400, "INVALID_INPUT");
    assert_eq!(film(&app, 1).await["likes"], 1);
    assert_eq!(film(&app, 2).await["dislikes"], 1);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 2);
}

#[rstest]
#[tokio::test]
async fn an_id_is_ascii_digits_and_a_number_without_a_film_is_not_found(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    for query in [
        "like=",
        "like=abc",
        "like=1.0",
        "like=-1",
        "like=+1",
        "like=%201",
        "like=1%00",
        "like=0x1",
        "like=%D9%A1",
        "like=1&like=1",
        "like=1'--",
        "dislike=",
        "dislike=1&dislike=2",
        "like=1%20OR%201%3D1",
    ] {
        let answer = app.get(&format!("/?{query}")).await.expect_problem(400, "INVALID_INPUT");
        assert_eq!(answer.json()["fields"].as_array().map(Vec::len), Some(1), "{query}");
    }
    let long = "9".repeat(2_000);
    for id in ["0", "621", "9223372036854775807", "9223372036854775808", long.as_str()] {
        app.get(&format!("/?like={id}")).await.expect_problem(404, "FILM_NOT_FOUND");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    app.get("/?like=0001").await.expect(200);
    assert_eq!(film(&app, 1).await["likes"], 1);
}

#[rstest]
#[tokio::test]
async fn unknown_parameters_are_ignored(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    app(store).await.get("/?utm_source=x&liked=1").await.expect(200);
}

#[rstest]
#[tokio::test]
async fn head_has_the_headers_and_does_nothing(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    for path in ["/", "/?like=1", "/add_film"] {
        let answer = app.head(path).await.expect(200);
        assert!(answer.body.is_empty(), "{path}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620);
}

#[rstest]
#[tokio::test]
async fn without_a_film_there_is_none_to_give(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::empty_on(store).await;
    app.get("/").await.expect_problem(404, "FILM_NOT_FOUND");
    app.head("/").await.expect(404);
    app.get("/?like=1").await.expect_problem(404, "FILM_NOT_FOUND");
    let answer = app.graphql("{ randomFilm { id } }", json!({})).await.expect(200);
    assert_eq!(answer.json(), json!({"data": {"randomFilm": null}}));
}

#[rstest]
#[tokio::test]
async fn every_fault_of_a_film_is_told_at_once(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    let wrong =
        json!({"name": 5, "studio": " ", "year": 1700, "genres": ["ok", 7, "x".repeat(41), "a\u{202e}b"]});
    let answer = app.post("/add_film", wrong).await.expect_problem(422, "INVALID_INPUT");
    let mut pointers: Vec<String> = answer.json()["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .map(|field| field["pointer"].as_str().expect("a pointer").to_owned())
        .collect();
    pointers.sort();
    assert_eq!(pointers, ["/genres/1", "/genres/2", "/genres/3", "/name", "/studio", "/year"]);
    for (body, pointer) in [
        (json!({"studio": "S"}), "/name"),
        (json!({"name": null, "studio": "S"}), "/name"),
        (json!({"name": "x".repeat(201), "studio": "S"}), "/name"),
        (json!({"name": "a\u{0}b", "studio": "S"}), "/name"),
        (json!({"name": "N", "studio": "S", "year": "1999"}), "/year"),
        (json!({"name": "N", "studio": "S", "year": 1999.5}), "/year"),
        (json!({"name": "N", "studio": "S", "year": 2032}), "/year"),
        (json!({"name": "N", "studio": "S", "year": 99_999_999_999_i64}), "/year"),
        (json!({"name": "N", "studio": "S", "genres": "Drama"}), "/genres"),
        (json!({"name": "N", "studio": "S", "genres": (["g"; 11])}), "/genres"),
    ] {
        let answer = app.post("/add_film", body.clone()).await.expect_problem(422, "INVALID_INPUT");
        assert_eq!(answer.json()["fields"][0]["pointer"], pointer, "{body}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620);
}

#[rstest]
#[tokio::test]
async fn names_are_trimmed_and_normalised_and_limits_are_inclusive(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    let body = json!({"name": "  Cafe\u{301}  ", "studio": "S".repeat(200), "year": 2031, "genres": ["g".repeat(40), "G".repeat(40)]});
    let film = app.post("/add_film", body).await.expect(201).json();
    assert_eq!(film["name"], "Caf\u{e9}");
    assert_eq!(film["genres"].as_array().map(Vec::len), Some(1), "equal genres are one");
}

#[rstest]
#[tokio::test]
async fn a_film_that_is_there_is_named(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    let same = json!({"name": "FROZEN", "studio": "disney", "year": 2013});
    let answer = app.post("/add_film", same).await.expect_problem(409, "FILM_EXISTS");
    assert_eq!(answer.json()["filmId"], 1);
    let told = answer.json()["detail"].to_string();
    assert!(told.contains("Frozen (Disney, 2013)"), "{told}");
    // No year is a value of its own.
    app.post("/add_film", json!({"name": "Frozen", "studio": "Disney"})).await.expect(201);
    app.post("/add_film", json!({"name": "frozen", "studio": "Disney"}))
        .await
        .expect_problem(409, "FILM_EXISTS");
    app.post("/add_film", json!({"name": "Frozen", "studio": "Disney", "year": 2014})).await.expect(201);
}

#[rstest]
#[tokio::test]
async fn members_that_are_not_taken_are_ignored_here_and_refused_by_name_in_v1(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    let body = json!({"name": "N", "studio": "S", "id": 7, "likes": 99, "x/y": 1});
    let added = app.post("/add_film", body.clone()).await.expect(201);
    assert_eq!(added.header("filmgate-ignored"), r#""id", "likes", "x/y""#);
    let film = added.json();
    assert_eq!((&film["id"], &film["likes"]), (&json!(621), &json!(0)));
    let answer = app.post("/v1/films", body).await.expect_problem(422, "INVALID_INPUT");
    let pointers: Vec<Value> =
        answer.json()["fields"].as_array().expect("fields").iter().map(|f| f["pointer"].clone()).collect();
    assert_eq!(pointers, ["/id", "/likes", "/x~1y"]);
}

/// A list of strings as structured fields have them, bounded, whatever the names are.
#[tokio::test]
async fn what_is_ignored_is_named_in_a_header_that_holds() {
    let app = app(Store::Sqlite).await;
    let all = app
        .post("/add_film", json!({"name": "A", "studio": "S", "year": 1999, "genres": []}))
        .await
        .expect(201);
    assert_eq!(all.header("filmgate-ignored"), "");
    let mut body =
        json!({"name": "B", "studio": "S", "Year": 1999, "a\"b\\c": 1, "日\r\nx: y": 2, "\u{7f}": 3});
    let long = "x".repeat(200);
    body[&long] = json!(1);
    let named = app.post("/add_film", body.clone()).await.expect(201);
    let long = &long[..64];
    assert_eq!(named.header("filmgate-ignored"), format!(r#""Year", "a\"b\\c", "???x: y", "?", "{long}""#));
    (body["name"], body["0"]) = (json!("C"), json!(0));
    for number in 1..20 {
        body[number.to_string()] = json!(number);
    }
    let many = app.post("/add_film", body).await.expect(201);
    assert!(many.header("filmgate-ignored").ends_with(r#""0", "1", "2", "3", "4""#), "ten of them");
    // What was ignored may be why a film is refused.
    let (lacks, is_there) =
        (json!({"Name": "D", "studio": "S"}), json!({"name": "b", "studio": "s", "Year": 2}));
    for (body, status, code, names) in
        [(lacks, 422, "INVALID_INPUT", "\"Name\""), (is_there, 409, "FILM_EXISTS", "\"Year\"")]
    {
        let refused = app.post("/add_film", body.clone()).await.expect_problem(status, code);
        assert_eq!(refused.header("filmgate-ignored"), names);
        let refused = app.post("/v1/films", body).await;
        assert_eq!(refused.header("filmgate-ignored"), "");
    }
}

/// Nobody can tell which of two values is meant.
#[tokio::test]
async fn a_member_that_is_given_twice_is_refused_by_its_name() {
    let app = app(Store::Sqlite).await;
    let before = app.count("SELECT COUNT(*) FROM film").await;
    let json_headers = [("content-type", "application/json")];
    for (body, pointers) in [
        (r#"{"name": "A", "studio": "S", "name": "B"}"#, vec!["/name"]),
        (r#"{"name": "A", "studio": "S", "n\u0061me": "A"}"#, vec!["/name"]),
        (
            r#"{"name": "A", "studio": "S", "x/y": 1, "x/y": 1, "x/y": 1, "a": 1, "a": 2}"#,
            vec!["/a", "/x~1y"],
        ),
    ] {
        for (method, path) in [
            (Method::POST, "/add_film"),
            (Method::POST, "/v1/films"),
            (Method::PATCH, "/v1/films/1"),
            (Method::POST, "/v1/session"),
            (Method::POST, "/v1/accounts"),
        ] {
            let answer = app.call(method, path, &json_headers, Some(body.to_owned())).await;
            let answer = answer.expect_problem(422, "INVALID_INPUT").json();
            let fields = answer["fields"].as_array().expect("fields");
            let found: Vec<&Value> = fields.iter().map(|fault| &fault["pointer"]).collect();
            assert_eq!(found, pointers, "{path} {body}");
            assert!(fields.iter().all(|fault| fault["detail"] == "is given twice"), "{answer}");
        }
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, before);
    for (body, status) in
        [("[1", 400), ("[1]", 422), ("{\"a\": 1} x", 400), ("\"text\"", 422), ("{\"a\"}", 400)]
    {
        let answer = app.call(Method::POST, "/add_film", &json_headers, Some(body.to_owned())).await;
        assert_eq!(answer.status, status, "{body}");
    }
}

#[rstest]
#[tokio::test]
async fn a_body_that_is_not_json_is_refused(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    let body = || Some(json!({"name": "N", "studio": "S"}).to_string());
    let json_type = [("content-type", "application/json")];
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
    ] {
        let answer = app.call(Method::POST, "/add_film", &[("content-type", kind)], body()).await;
        let answer = answer.expect_problem(415, "UNSUPPORTED_MEDIA_TYPE");
        assert!(
            answer.json()["detail"].as_str().expect("a detail").contains("Content-Type: application/json")
        );
    }
    app.call(Method::POST, "/add_film", &[], body()).await.expect_problem(415, "UNSUPPORTED_MEDIA_TYPE");
    let patch = [("content-type", "application/merge-patch+json")];
    let told = app.call(Method::PATCH, "/v1/films/1", &patch, body()).await;
    assert_eq!(told.expect(415).header("accept-patch"), "application/json");
    for broken in ["", "{", "{\"name\":}", "\u{0}", "{\"name\":\"N\",\"studio\":\"S\"} x"] {
        let answer = app.call(Method::POST, "/add_film", &json_type, Some(broken.to_owned())).await;
        answer.expect_problem(400, "BAD_REQUEST");
    }
    let deep = format!("{{\"name\":{}", "[".repeat(50_000));
    app.call(Method::POST, "/add_film", &json_type, Some(deep)).await.expect_problem(400, "BAD_REQUEST");
    for other in ["[]", "5", "null", "\"x\""] {
        let answer = app.call(Method::POST, "/add_film", &json_type, Some(other.to_owned())).await;
        answer.expect_problem(422, "INVALID_INPUT");
    }
    let large = json!({"name": "N".repeat(70_000)}).to_string();
    app.call(Method::POST, "/add_film", &json_type, Some(large))
        .await
        .expect_problem(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620);
}

#[rstest]
#[tokio::test]
async fn another_method_is_refused_with_those_that_are_taken(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = app(store).await;
    for (method, path, allow) in [
        (Method::POST, "/", "GET,HEAD"),
        (Method::DELETE, "/?like=1", "GET,HEAD"),
        (Method::GET, "/add_film", "HEAD,POST"),
        (Method::PUT, "/add_film", "HEAD,POST"),
        (Method::GET, "/v1/films/1/like", "POST"),
        (Method::OPTIONS, "/add_film", "HEAD,POST"),
    ] {
        let answer = app.call(method.clone(), path, &[], None).await;
        let answer = answer.expect_problem(405, "METHOD_NOT_ALLOWED");
        let mut allowed: Vec<&str> = answer.header("allow").split(',').collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(","), allow, "{method} {path}");
    }
    app.get("/nothing").await.expect_problem(404, "NOT_FOUND");
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
}
