//! What refusals say to people.

use axum::http::Method;
use filmgate::http::catalogue;
use filmgate::limits::parse_policies;
use filmgate::operations;
use filmgate::service::caller::Role;
use serde_json::json;

use crate::support::{TestApp, UNLIMITED};

#[tokio::test]
async fn an_address_where_nothing_is_names_what_is_near() {
    let app = TestApp::new(UNLIMITED).await;
    for (path, near) in [
        ("/films", "/v1/films is near"),
        ("/films/12/like", "/v1/films/12/like is near"),
        ("/problems/FILM_EXIST", "/problems/FILM_EXISTS is near"),
        ("/something/else/altogether", "/openapi.json"),
    ] {
        let answer = app.get(path).await.expect_problem(404, "NOT_FOUND").json();
        assert!(answer["detail"].as_str().expect("a detail").contains(near), "{answer}");
    }
    let answer = app.get("/graphql/console").await.expect(404).json();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
    assert!(answer["errors"][0]["message"].as_str().expect("a message").contains("/graphql"), "{answer}");
}

#[tokio::test]
async fn a_slash_behind_an_address_changes_nothing() {
    let app = TestApp::new(UNLIMITED).await;
    for path in ["/v1/films?first=2", "/v1/films/1", "/health/live", "/openapi.json", "/problems/FILM_EXISTS"]
    {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let with_slash = app.get(&format!("{bare}/?{query}")).await.expect(200);
        assert_eq!(with_slash.body, app.get(path).await.expect(200).body, "{path}");
    }
    app.post("/add_film/", json!({"name": "N", "studio": "S"})).await.expect(201);
    app.call(Method::POST, "/v1/films/1/like/", &[], None).await.expect(200);
    app.post("/graphql/", json!({"query": "{ __typename }"})).await.expect(200);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 1);
    // Two are another address, and no way to the root.
    for path in ["/v1/films//", "//", "//?like=1", "/v1//films"] {
        app.get(path).await.expect(404);
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 1);
    app.get("/playground/films/").await.expect(308);
}

#[tokio::test]
async fn a_parameter_that_is_unknown_is_told_with_those_there_are() {
    let app = TestApp::new(UNLIMITED).await;
    let answer = app.get("/v1/films?studoi=Disney&frist=1").await.expect_problem(400, "INVALID_INPUT").json();
    assert_eq!(answer["fields"][0]["pointer"], "/studoi");
    let detail = answer["fields"][0]["detail"].as_str().expect("a detail");
    for name in ["first", "after", "sort", "studio"] {
        assert!(detail.contains(name), "{detail}");
    }
    assert_eq!(answer["fields"][1]["detail"], "is not a parameter of this call");
    // A pointer of RFC 6901, and the name as it was sent.
    let answer = app.get("/v1/films?a/b~c=1").await.expect_problem(400, "INVALID_INPUT").json();
    assert_eq!(answer["fields"][0]["pointer"], "/a~1b~0c");
    assert!(answer["detail"].as_str().expect("a text").starts_with("a/b~c is not"), "{answer}");
}

#[tokio::test]
async fn a_parameter_has_one_spelling_and_is_text() {
    let app = TestApp::new(UNLIMITED).await;
    for query in
        ["first=%2B1", "yearFrom=%2B2000", "first=1.0", "genre=%ff", "sort=shuffled&seed=%C3", "q=%ED%A0%80"]
    {
        app.get(&format!("/v1/films?{query}")).await.expect_problem(400, "INVALID_INPUT");
    }
    app.get("/graphql?query=%7B__typename%7D&operationName=%ff").await.expect(400);
    app.get("/v1/films?genre=%EF%BF%BD&first=01").await.expect(200);
    // In JSON, a whole number may be written with its fraction.
    let headers = [("content-type", "application/json")];
    let query = app.call(
        Method::from_bytes(b"QUERY").expect("a method"),
        "/v1/films",
        &headers,
        Some("{\"first\":1.0}".into()),
    );
    assert_eq!(query.await.expect(200).json()["films"].as_array().map(Vec::len), Some(1));
}

/// The type of a refusal is the address of a page, which needs nothing but this server.
#[tokio::test]
async fn the_type_of_a_refusal_leads_to_a_page_about_its_code() {
    let app = TestApp::new("film=1/day; browse=1000/day").await;
    for (path, code) in
        [("/v1/films/9999", "FILM_NOT_FOUND"), ("/nothing", "NOT_FOUND"), ("/?like=x", "INVALID_INPUT")]
    {
        let problem = app.get(path).await.json();
        assert_eq!(problem["type"], format!("/problems/{code}"));
    }
    let pages = app.get("/problems").await.expect(200);
    for entry in catalogue::ALL {
        let path = catalogue::page(entry.code);
        let answer = app.get(&path).await.expect(200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        let html = String::from_utf8(answer.body).expect("UTF-8");
        assert!(
            html.contains(entry.code) && html.contains(entry.meaning) && html.contains(entry.remedy),
            "{html}"
        );
        assert!(!html.contains("http:") && !html.contains("<script"), "{html}");
        assert!(String::from_utf8_lossy(&pages.body).contains(&path));
    }
    app.get("/problems/NOTHING").await.expect_problem(404, "NOT_FOUND");
    // What others have a name for keeps it.
    app.get("/").await.expect(200);
    let problem = app.get("/").await.expect_problem(429, "RATE_LIMITED").json();
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
}

/// One fault and several are told alike, before the price and after it, at both surfaces.
#[tokio::test]
async fn faults_are_told_in_one_style() {
    let app = TestApp::new(UNLIMITED).await;
    let name = "name must not be empty";
    for (film, detail) in [
        (json!({"name": "", "studio": "S"}), format!("{name}.")),
        (json!({"name": "", "studio": "S", "year": 1}), format!("{name}; year must lie between ")),
        (json!({"name": "N", "studio": "S", "genres": ["G", ""]}), "genres/1 must not be empty".to_owned()),
    ] {
        let answer = app.post("/v1/films", film.clone()).await.expect_problem(422, "INVALID_INPUT").json();
        let told = answer["detail"].as_str().expect("a detail");
        assert!(told.starts_with(&detail) && told.ends_with('.'), "{told} {detail}");
        let document = "mutation($film: AddFilmInput!) { addFilm(input: $film) { id } }";
        let answer = app.graphql(document, json!({"film": film})).await.json();
        assert_eq!(answer["errors"][0]["message"], told);
    }
    let answer = app.get("/?like=x&dislike=").await.expect_problem(400, "INVALID_INPUT").json();
    let one = "must be the id of a film, in digits";
    assert_eq!(answer["detail"], format!("like {one}; dislike {one}."));
}

/// Who runs the server is told how to raise a limit: by which line, below which, and that it takes a restart.
#[tokio::test]
async fn a_limit_on_this_machine_is_told_with_how_to_raise_it() {
    let app = TestApp::with("film=1/second, 50/hour, 200/day", |config| {
        config.listen = "0.0.0.0:3000".parse().expect("an address");
    })
    .await;
    let told = async |host: &str| {
        app.call(Method::GET, "/", &[("host", host)], None).await;
        let answer = app.call(Method::GET, "/", &[("host", host)], None).await.expect(429).json();
        answer["detail"].as_str().expect("a detail").to_owned()
    };
    let detail = told("localhost:3000").await;
    for word in ["[limits]", "FILMGATE_LIMITS__ENABLED=false", "restart"] {
        assert!(detail.contains(word), "{detail}");
    }
    let sample = detail.split_once("film = \"").expect("a sample").1.split('"').next().expect("an end");
    let (raised, now) = (
        parse_policies(sample).expect(sample),
        parse_policies("1/second, 50/hour, 200/day").expect("policies"),
    );
    assert_eq!(raised.len(), now.len());
    for (raised, now) in raised.iter().zip(now) {
        assert!(raised.window() == now.window() && raised.amount > now.amount, "{sample}");
    }
    // A page behind a foreign name learns nothing of it.
    assert!(!told("evil.example").await.contains("FILMGATE"));
}

/// A call that takes no parameter ignores none: `?first=1` where it means nothing is somebody's mistake. The documented
/// calls, outside of `/v1`, ignore them as they always have.
#[tokio::test]
async fn every_call_refuses_parameters_that_it_does_not_take() {
    let app = TestApp::new(UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    let session = app.session(admin).await;
    for (method, path) in operations::ALL.iter().flat_map(|operation| operation.rest) {
        let path = path.replace("{id}", "1");
        let sign = if path.contains('?') { '&' } else { '?' };
        let method: Method = method.parse().expect("a method");
        let body = (method != Method::GET).then(|| json!({"name": "N", "studio": "S"}));
        let answer = app.call_as(Some(&session), method, &format!("{path}{sign}nope=1"), body).await;
        if path.starts_with("/v1/") {
            let answer = answer.expect_problem(400, "INVALID_INPUT");
            let told = answer.json()["detail"].to_string();
            assert!(told.contains("nope is not a parameter of this call, which takes "), "{path}: {told}");
        } else {
            assert!(answer.status.is_success(), "{path}: {}", answer.status);
        }
    }
    let none = app.get("/v1/rate_limit?x").await.expect_problem(400, "INVALID_INPUT").json();
    assert_eq!(none["detail"], "x is not a parameter of this call, which takes none.");
    app.get("/v1/rate_limit?").await.expect(200);
    // A film has not been removed, and nobody has been signed out.
    app.get_as(&session, "/v1/films/1").await.expect(200);
}
