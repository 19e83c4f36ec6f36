//! GraphQL over HTTP: statuses, limits, and what errors say.

use std::time::{Duration, Instant};

use axum::http::Method;
use filmgate::config::Config;
use filmgate::service::caller::Role;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, UNLIMITED};

const JSON: &str = "application/json";
const RESPONSE: &str = "application/graphql-response+json";

async fn post(app: &TestApp, accept: &str, body: &str) -> Answer {
    let headers = [("content-type", JSON), ("accept", accept)];
    app.call(Method::POST, "/graphql", &headers, Some(body.to_owned())).await
}

fn query(text: &str) -> String {
    json!({ "query": text }).to_string()
}

#[tokio::test]
async fn the_status_follows_the_media_type() {
    let app = TestApp::new("film=1/day; browse=1000/day").await;
    app.get("/").await.expect(200);
    for (body, response_status, json_status, code) in [
        ("{".to_owned(), 400, 400, "BAD_REQUEST"),
        ("5".to_owned(), 400, 400, "BAD_REQUEST"),
        // Of two nobody can tell which is meant, at any depth.
        (r#"{"query":"{__typename}","query":"{me{kind}}"}"#.to_owned(), 400, 400, "BAD_REQUEST"),
        (r#"{"query":"{__typename}","variables":{"a":[{"b":1,"b":2}]}}"#.to_owned(), 400, 400, "BAD_REQUEST"),
        (json!({"query": 5}).to_string(), 400, 400, "BAD_REQUEST"),
        (json!({"query": "{__typename}", "variables": []}).to_string(), 400, 400, "BAD_REQUEST"),
        (query("{"), 400, 200, "GRAPHQL_PARSE_FAILED"),
        (query(""), 400, 200, "GRAPHQL_PARSE_FAILED"),
        (query("{ nothing }"), 400, 200, "GRAPHQL_VALIDATION_FAILED"),
        (query("query($id: ID!) { film(id: $id) { id } }"), 400, 200, "GRAPHQL_VALIDATION_FAILED"),
        (query("query A { __typename } query B { __typename }"), 400, 200, "GRAPHQL_VALIDATION_FAILED"),
        (query("{ film(id: \"x\") { id } }"), 400, 200, "INVALID_INPUT"),
        (
            query("{ films(filter: [{genre: \"Drama\"}]) { edges { cursor } } }"),
            400,
            200,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (query("query($a: ID) { randomFilm(exclude: [$a]) { id } }"), 400, 200, "GRAPHQL_VALIDATION_FAILED"),
        (
            query("mutation($n: String) { addFilm(input: {name: $n, studio: \"S\"}) { id } }"),
            400,
            200,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (query("{ a: film(id: 1) { id } a: film(id: 2) { id } }"), 400, 200, "GRAPHQL_VALIDATION_FAILED"),
        (
            query("{ film(id: 1) { id } ...on Query { film(id: 2) { id } } }"),
            400,
            200,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (query("{ films(first: 99999999999) { edges { cursor } } }"), 400, 200, "GRAPHQL_VALIDATION_FAILED"),
        (
            query("{ films(filter: {minVotes: 2147483648}) { edges { cursor } } }"),
            400,
            200,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (query("{ films(first: -1) { edges { cursor } } }"), 200, 200, "INVALID_INPUT"),
        (query(&"{a".repeat(40)), 400, 400, "DOCUMENT_TOO_LARGE"),
        (query(&"x".repeat(70_000)), 413, 413, "DOCUMENT_TOO_LARGE"),
        (query("{ randomFilm { id } }"), 429, 429, "RATE_LIMITED"),
        (query("{ a: randomFilm { id } b: randomFilm { id } }"), 422, 422, "PRICE_ABOVE_BURST"),
    ] {
        for (accept, status) in [(RESPONSE, response_status), (JSON, json_status), ("*/*", json_status)] {
            let answer = post(&app, accept, &body).await;
            let shown: String = body.chars().take(60).collect();
            assert_eq!(answer.status, status, "{accept} {shown}");
            assert_eq!(answer.code(), code, "{accept} {shown}");
            let kind = if accept == RESPONSE { RESPONSE } else { JSON };
            assert_eq!(answer.header("content-type"), format!("{kind}; charset=utf-8"), "{shown}");
            let has_data = answer.json().get("data").is_some();
            assert_eq!(
                has_data,
                code == "INVALID_INPUT" && status == 200 && shown.contains("first"),
                "{shown}"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_is_in_the_form_of_the_surface() {
    let app = TestApp::new("film=1/minute").await;
    app.get("/").await.expect(200);
    let answer = app.graphql("{ randomFilm { id } }", json!({})).await.expect(429);
    assert_eq!(answer.header("retry-after"), "60");
    let error = &answer.json()["errors"][0];
    assert_eq!(error["extensions"]["retryAfter"], 60);
    assert_eq!(error["extensions"]["violated-policies"], json!(["film-1m"]));
    let answer = app.call(Method::DELETE, "/graphql", &[], None).await.expect(405);
    assert!(answer.json()["errors"][0]["message"].is_string());
}

#[tokio::test]
async fn get_is_for_queries() {
    let app = TestApp::new(UNLIMITED).await;
    let get = async |query: &str| {
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        app.call(Method::GET, &format!("/graphql?query={query}"), &[("accept", RESPONSE)], None).await
    };
    let answer = get("{ film(id: 1) { name } }").await.expect(200);
    assert_eq!(answer.json()["data"]["film"]["name"], "Frozen");
    let answer = get("mutation { like(id: 1) { id } }").await.expect(405);
    assert_eq!(answer.header("allow"), "POST");
    get("query A { __typename } mutation B { like(id: 1) { id } }").await.expect(400);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    let path = "/graphql?query=query(%24i:ID!)%7Bfilm(id:%24i)%7Bname%7D%7D&variables=%7B%22i%22:1%7D";
    let answer = app.call(Method::GET, path, &[], None).await.expect(200);
    assert_eq!(answer.json()["data"]["film"]["name"], "Frozen");
    for path in [
        "/graphql",
        "/graphql?query=%7B__typename%7D&variables=x",
        "/graphql?query=%7B__typename%7D&variables=5",
        "/graphql?query=%7B__typename%7D&query=%7B__typename%7D",
    ] {
        assert_eq!(app.call(Method::GET, path, &[], None).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn neither_type_accepted_is_406_and_anything_but_json_415() {
    let app = TestApp::new(UNLIMITED).await;
    post(&app, "text/plain", &query("{__typename}")).await.expect(406);
    let answer = app
        .call(
            Method::POST,
            "/graphql",
            &[("content-type", "application/graphql")],
            Some("{__typename}".to_owned()),
        )
        .await;
    answer.expect(415);
    let headers = [("content-type", "application/json; charset=UTF-8")];
    app.call(Method::POST, "/graphql", &headers, Some(query("{__typename}"))).await.expect(200);
}

#[tokio::test]
async fn one_refused_field_does_not_hide_what_another_did() {
    let app = TestApp::new(UNLIMITED).await;
    let document =
        "mutation { a: like(id: 1) { likes } b: like(id: 9999) { likes } c: dislike(id: 1) { dislikes } }";
    let answer = app.graphql(document, json!({})).await.expect(200).json();
    assert_eq!(answer["data"], json!({"a": {"likes": 1}, "b": null, "c": {"dislikes": 1}}));
    assert_eq!(answer["errors"][0]["path"], json!(["b"]));
    assert_eq!(answer["errors"][0]["extensions"], json!({"code": "FILM_NOT_FOUND"}));
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn faults_of_a_film_have_the_same_fields_as_on_rest() {
    let app = TestApp::new(UNLIMITED).await;
    let film = json!({"name": " ", "studio": "a\u{202e}", "year": 1700});
    let rest = app.post("/v1/films", film.clone()).await.expect(422).json()["fields"].clone();
    let document = "mutation($input: AddFilmInput!) { addFilm(input: $input) { id } }";
    let answer = app.graphql(document, json!({ "input": film })).await.expect(200).json();
    assert_eq!(answer["data"], json!({"addFilm": null}));
    assert_eq!(answer["errors"][0]["extensions"]["fields"], rest);
    assert_eq!(rest.as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_syntax_error_names_its_place_and_echoes_nothing() {
    let app = TestApp::new(UNLIMITED).await;
    let answer = app.graphql("{\n  film(id: 1) { SECRET_TEXT ! }\n}", json!({})).await.expect(400);
    assert!(!String::from_utf8_lossy(&answer.body).contains("SECRET_TEXT"));
    assert_eq!(answer.json()["errors"][0]["locations"][0]["line"], 2);
}

/// Each limit: N passes, N + 1 is refused before anything runs.
#[tokio::test]
async fn each_limit_passes_n_and_refuses_one_more() {
    type Change = fn(&mut Config);
    let spread = |times: usize| {
        let mut fragments = String::from("fragment F0 on Film { id }");
        for level in 1..times {
            fragments += &format!(" fragment F{level} on Film {{ ...F{} ...F{0} }}", level - 1);
        }
        format!("{{ film(id: 1) {{ ...F{} }} }} {fragments}", times - 1)
    };
    let cases: [(&str, Change, String, String); 7] = [
        (
            "nesting",
            |c| c.graphql.max_nesting = 3,
            "{film(id:1){id}}".into(),
            "{film(id:1){id ...{id ...{id}}}}".into(),
        ),
        ("tokens", |c| c.graphql.max_tokens = 11, "{film(id:1){id}}".into(), "{film(id:1){id name}}".into()),
        ("depth", |c| c.graphql.max_depth = 2, "{film(id:1){id}}".into(), "{films{edges{cursor}}}".into()),
        (
            "fields",
            |c| c.graphql.max_fields = 3,
            "{film(id:1){id name}}".into(),
            "{film(id:1){id name year}}".into(),
        ),
        ("spread fields", |c| c.graphql.max_fields = 12, spread(3), spread(4)),
        (
            "aliases",
            |c| c.graphql.max_aliases = 2,
            "{a:film(id:1){b:id}}".into(),
            "{a:film(id:1){b:id c:id}}".into(),
        ),
        (
            "directives",
            |c| c.graphql.max_directives = 1,
            "{film(id:1)@skip(if:false){id}}".into(),
            "{film(id:1)@skip(if:false){id@skip(if:false)}}".into(),
        ),
    ];
    for (name, change, passes, refused) in cases {
        let app = TestApp::with("browse=3/day; flood=1000/day", change).await;
        app.graphql(&refused, json!({})).await.expect(400);
        let answer = app.graphql(&refused, json!({})).await;
        assert_eq!(answer.code(), "DOCUMENT_TOO_LARGE", "{name}");
        for _ in 0..3 {
            let answer = app.graphql(&passes, json!({})).await;
            assert_eq!(answer.status, 200, "{name}: {}", String::from_utf8_lossy(&answer.body));
        }
        app.graphql(&passes, json!({})).await.expect(429);
    }
}

#[tokio::test]
async fn a_batch_pays_the_sum_of_what_is_valid_before_anything_runs() {
    let app = TestApp::new("film=3/day; browse=100/day").await;
    let batch =
        |queries: &[&str]| Value::from(queries.iter().map(|text| json!({"query": text})).collect::<Vec<_>>());
    let like = "mutation { like(id: 1) { likes } }";
    let answer = app.post("/graphql", batch(&[like, "{ nothing }", like, "{"])).await.expect(200);
    let answers = answer.json();
    assert_eq!(answers[0], json!({"data": {"like": {"likes": 1}}}));
    assert_eq!(answers[1]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(answers[2], json!({"data": {"like": {"likes": 2}}}));
    assert_eq!(answers[3]["errors"][0]["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
    // One is left: two are refused as a whole and change nothing.
    app.post("/graphql", batch(&[like, like])).await.expect(429);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 2);
    app.post("/graphql", batch(&[like])).await.expect(200);
    app.post("/graphql", json!([])).await.expect(400);
    app.post("/graphql", batch(&["{__typename}"; 10])).await.expect(200);
    let answer = app.post("/graphql", batch(&["{__typename}"; 11])).await.expect(400);
    assert_eq!(answer.code(), "DOCUMENT_TOO_LARGE");
    app.post("/graphql", json!([{"query": "{__typename}"}, 5])).await.expect(400);
}

/// Each element is a call more that was sent.
#[tokio::test]
async fn each_element_of_a_batch_draws_from_flood() {
    let app = TestApp::new("browse=100/day; flood=12/day").await;
    let batch = |count: usize| Value::from(vec![json!({"query": "{ __typename }"}); count]);
    app.post("/graphql", batch(10)).await.expect(200);
    assert_eq!(app.left("flood-1d").await, 1, "the look has drawn one");
    assert_eq!(app.post("/graphql", batch(2)).await.expect(429).code(), "RATE_LIMITED");
    let app = TestApp::new("browse=100/day; flood=12/day").await;
    app.post("/graphql", batch(1)).await.expect(200);
    assert_eq!(app.left("flood-1d").await, 10);
}

#[tokio::test]
async fn what_introspection_cannot_take_is_told_before_it_runs() {
    let app = TestApp::new(UNLIMITED).await;
    for (query, variables) in [
        ("{ __type(name: \"Film\") { name fields(includeDeprecated: null) { name } } }", json!({})),
        (
            "query($d: Boolean) { __type(name: \"Node\") { fields { name args(includeDeprecated: $d) { name } } } }",
            json!({ "d": null }),
        ),
    ] {
        let answer = app.graphql(query, variables).await.expect(400);
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED", "{query}: {}", answer.json());
    }
    let query = "query($d: Boolean) { __type(name: \"Film\") { fields(includeDeprecated: $d) { name } } }";
    let answer = app.graphql(query, json!({})).await.expect(200).json();
    assert_eq!(answer["data"]["__type"]["fields"][0]["name"], "id", "{answer}");
}

#[tokio::test]
async fn a_number_past_what_int_holds_is_told_as_the_largest() {
    let app = TestApp::new("flood=3000000000/second").await;
    let answer = app
        .graphql("{ rateLimit { limits { bucket quota remaining } } }", json!({}))
        .await
        .expect(200)
        .json();
    let limits = answer["data"]["rateLimit"]["limits"].as_array().expect("windows");
    let flood = limits.iter().find(|window| window["bucket"] == "FLOOD").expect("flood");
    assert_eq!((&flood["quota"], &flood["remaining"]), (&json!(i32::MAX), &json!(i32::MAX)));
}

#[tokio::test]
async fn errors_are_capped() {
    let app = TestApp::new(UNLIMITED).await;
    let fields: String = (0..500).map(|n| format!(" x{n}")).collect();
    let answer = app.graphql(&format!("{{ {fields} }}"), json!({})).await.expect(400).json();
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 21);
    assert_eq!(errors[20]["message"], "480 more errors are not shown.");
    let likes: String = (0..50).map(|n| format!(" a{n}: like(id: 9999) {{ id }}")).collect();
    let answer = app.graphql(&format!("mutation {{ {likes} }}"), json!({})).await.expect(200).json();
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(21));
    assert_eq!(answer["errors"][20]["message"], "30 more errors are not shown.");
    assert_eq!(answer["errors"][20]["extensions"]["code"], "FILM_NOT_FOUND");
}

#[tokio::test]
async fn what_explodes_is_refused_quickly() {
    let app = TestApp::new(UNLIMITED).await;
    let mut doubling = String::from("{ ...F0 }");
    for n in 0..26 {
        doubling += &format!(" fragment F{n} on Query {{ ...F{0} ...F{0} }}", n + 1);
    }
    let of_fields = format!("{doubling} fragment F26 on Query {{ __typename }}");
    let cycle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    let introspection =
        format!("{{ __schema {{ types {{ {} {} }} }} }}", "fields { type { ".repeat(7), "name } }".repeat(7));
    // Each argument of each repetition, in each of the nested fragments, is a fault of validation.
    let arguments: String = (0..300).map(|n| format!("a{n}:1 ")).collect();
    let overlapping =
        format!("{{ {} film({arguments}) {} {} }}", "...{".repeat(25), "film ".repeat(900), "}".repeat(25));
    let spread_values = format!(
        "{{ {} }} fragment F on Query {{ randomFilm(exclude: [{}]) {{ id }} }}",
        "...F ".repeat(300),
        "1 ".repeat(900)
    );
    for (document, code) in [
        (overlapping.as_str(), "GRAPHQL_VALIDATION_FAILED"),
        (spread_values.as_str(), "DOCUMENT_TOO_LARGE"),
        (of_fields.as_str(), "DOCUMENT_TOO_LARGE"),
        // The last fragment is unknown: no field at all, only spreads.
        (doubling.as_str(), "DOCUMENT_TOO_LARGE"),
        (cycle, "GRAPHQL_VALIDATION_FAILED"),
        (introspection.as_str(), "DOCUMENT_TOO_LARGE"),
    ] {
        #[expect(clippy::disallowed_methods, reason = "the promise is about real time")]
        let started = Instant::now();
        let answer = app.graphql(document, json!({})).await.expect(400);
        assert!(started.elapsed() < Duration::from_millis(500), "{:?}: {document}", started.elapsed());
        assert_eq!(answer.code(), code, "{document}");
    }
}

#[tokio::test]
async fn introspection_works_for_graphiql_and_code_generators() {
    let app = TestApp::new(UNLIMITED).await;
    let answer =
        app.graphql(include_str!("../support/introspection.graphql"), json!({})).await.expect(200).json();
    assert_eq!(answer.get("errors"), None);
    let types = answer["data"]["__schema"]["types"].as_array().expect("types");
    for name in ["Film", "FilmConnection", "AddFilmInput", "RateLimit"] {
        assert!(types.iter().any(|kind| kind["name"] == name), "{name}");
    }
}

#[tokio::test]
async fn skipped_fields_and_other_operations_neither_run_nor_cost() {
    let app = TestApp::new("film=2/day").await;
    let document =
        "mutation A($skip: Boolean = true) { like(id: 1) @skip(if: $skip) { likes } dislike(id: 1) { id } }
        mutation B { a: like(id: 2) { id } b: like(id: 2) { id } c: like(id: 2) { id } }";
    let body = json!({"query": document, "operationName": "A"});
    let answer = app.post("/graphql", body).await.expect(200).json();
    assert_eq!(answer, json!({"data": {"dislike": {"id": "1"}}}), "the default of the variable holds");
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 1);
    app.get("/").await.expect(200);
    app.get("/").await.expect(429);
}

/// The database breaks under the app: the client hears one fixed sentence, by either surface.
#[tokio::test]
async fn a_failure_of_ours_leaks_nothing() {
    // Lists come from the database where memory does not hold every film.
    let app = TestApp::with(UNLIMITED, |config| config.catalogue.max_bytes = 0).await;
    app.execute("DROP TABLE film_genre; DROP TABLE vote; ALTER TABLE film RENAME TO filmed").await;
    let list = "{ films { edges { cursor } } }";
    let add = "mutation { addFilm(input: {name: \"N\", studio: \"S\"}) { id } }";
    let film = json!({"name": "N", "studio": "S"});
    for (answer, status, code) in [
        (app.get("/v1/films").await, 500, "INTERNAL"),
        (app.post("/add_film", film).await, 500, "INTERNAL"),
        (app.get("/?like=1").await, 500, "INTERNAL"),
        (app.graphql(list, json!({})).await, 200, "INTERNAL"),
        (app.graphql(add, json!({})).await, 200, "INTERNAL"),
        (app.graphql("mutation { like(id: 1) { id } }", json!({})).await, 200, "INTERNAL"),
    ] {
        let answer = answer.expect(status);
        assert_eq!(answer.code(), code);
        let text = String::from_utf8_lossy(&answer.body).to_lowercase();
        for word in ["sql", "table", "film_genre", "no such", "src/", ".rs"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}

#[tokio::test]
async fn a_field_that_is_asked_for_twice_runs_once_and_costs_one() {
    let app = TestApp::new("film=9/day").await;
    let twice = "mutation { like(id: 1) { id } ...F } fragment F on Mutation { like(id: 1) { likes } }";
    let answer = app.graphql(twice, json!({})).await.expect(200);
    assert_eq!(answer.json(), json!({"data": {"like": {"id": "1", "likes": 1}}}));
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 1);
    assert_eq!(app.left("film-1d").await, 8);
    // One film, not the id of one with the name of another.
    let random = "{ randomFilm { id } randomFilm { name } }";
    let film = app.graphql(random, json!({})).await.expect(200).json()["data"]["randomFilm"].clone();
    let by_id = format!("{{ film(id: {}) {{ id name }} }}", film["id"].as_str().expect("an id"));
    assert_eq!(app.graphql(&by_id, json!({})).await.json()["data"]["film"], film);
    assert_eq!(app.left("film-1d").await, 7);
}

/// An id has as many digits as it likes, in every form.
#[tokio::test]
async fn an_id_longer_than_64_bits_names_nothing() {
    let app = TestApp::new("film=9/day").await;
    let long = "9".repeat(30);
    let by_variable = "mutation($id: ID!) { like(id: $id) { id } }";
    for (document, variables) in [
        (format!("mutation {{ like(id: {long}) {{ id }} }}"), "{}".to_owned()),
        (format!("mutation {{ like(id: \"{long}\") {{ id }} }}"), "{}".to_owned()),
        (by_variable.to_owned(), format!("{{\"id\":{long}}}")),
        (by_variable.to_owned(), format!("{{\"id\":\"{long}\"}}")),
    ] {
        let body = format!("{{\"query\":{},\"variables\":{variables}}}", json!(document));
        assert_eq!(post(&app, RESPONSE, &body).await.expect(200).code(), "FILM_NOT_FOUND", "{body}");
    }
    assert_eq!(app.left("film-1d").await, 5);
}

/// What is left out is not what is null.
#[tokio::test]
async fn a_variable_that_is_left_out_leaves_a_member_out() {
    let app = TestApp::new(UNLIMITED).await;
    let admin = app.account("admin", Role::Admin).await;
    let admin = app.session(admin).await;
    let document = "mutation($y: Int) { updateFilm(id: 1, input: {year: $y}) { year } }";
    for (variables, year) in
        [(json!({}), json!(2013)), (json!({"y": null}), Value::Null), (json!({"y": 2014.0}), json!(2014))]
    {
        let answer = app.graphql_as(Some(&admin), document, variables).await.expect(200).json();
        assert_eq!(answer["data"]["updateFilm"]["year"], year);
    }
}

#[tokio::test]
async fn data_has_a_member_for_each_field_in_the_order_of_the_document() {
    let app = TestApp::new(UNLIMITED).await;
    let answer = app.graphql("mutation { like(id: 9999) { id } }", json!({})).await.expect(200);
    assert_eq!(answer.json()["data"], json!({"like": null}));
    let document = "{ z: films(first: 1) { edges { cursor } } a: film(id: 9999) { id } m: film(id: 1) { id } __typename }";
    let answer = app.graphql(document, json!({})).await.expect(200).json();
    let keys: Vec<&String> = answer["data"].as_object().expect("data").keys().collect();
    assert_eq!(keys, ["z", "a", "m", "__typename"]);
    // What cannot be null takes the rest with it.
    let answer = app.graphql("{ film(id: 1) { id } films(first: -1) { edges { cursor } } }", json!({})).await;
    assert_eq!(answer.expect(200).json()["data"], Value::Null);
    let answer = app.graphql("{ film(id: 1) @skip(if: true) { id } }", json!({})).await.expect(200);
    assert_eq!(answer.json(), json!({"data": {}}));
    // An object of which nothing is chosen is there, and empty.
    for (document, data) in [
        ("{ film(id: 1) { id @skip(if: true) } }", json!({"film": {}})),
        ("{ film(id: 9999) { id @skip(if: true) } }", json!({"film": null})),
        ("{ node(id: 1) { ... on Account { id } } }", json!({"node": {}})),
        (
            "{ films(first: 2) { edges { node { id @include(if: false) } } pageInfo { ...on PageInfo @skip(if: true) { hasNextPage } } } }",
            json!({"films": {"edges": [{"node": {}}, {"node": {}}], "pageInfo": {}}}),
        ),
    ] {
        let answer = app.graphql(document, json!({})).await.expect(200);
        assert_eq!(answer.json(), json!({ "data": data }), "{document}");
    }
}

#[tokio::test]
async fn a_variable_that_is_left_out_leaves_the_default_of_the_argument() {
    let app = TestApp::new(UNLIMITED).await;
    let document = "query($sort: FilmSort) { films(sort: $sort, first: 1) { edges { node { name } } } }";
    let answer = app.graphql(document, json!({})).await.expect(200).json();
    assert_eq!(answer["data"]["films"]["edges"][0]["node"]["name"], "12 Angry Men");
}
