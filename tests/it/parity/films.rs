//! One table of cases, played at both surfaces: equal effect, equal code, equal price.

use axum::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::Played;
use crate::support::{Answer, Store, TestApp};

struct Case {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    body: Value,
    document: &'static str,
    variables: Value,
    code: &'static str,
    /// What is drawn from film, `add_film` and browse.
    price: [u64; 3],
    /// A question to the database that shows the effect.
    effect: (&'static str, i64),
}

const LIMITS: &str = "film=50/day; add_film=50/day; browse=50/day";
const VOTES: &str = "SELECT COUNT(*) FROM vote";
const FILMS: &str = "SELECT COUNT(*) FROM film";
const LIKES: &str = "SELECT likes FROM film WHERE id = 1";
const ADD: &str = "mutation($input: AddFilmInput!) { addFilm(input: $input) { id } }";

fn case(
    name: &'static str,
    rest: (&'static str, &'static str, Value),
    graphql: (&'static str, Value),
    code: &'static str,
    price: [u64; 3],
    effect: (&'static str, i64),
) -> Case {
    let (method, path, body) = rest;
    let (document, variables) = graphql;
    Case { name, method, path, body, document, variables, code, price, effect }
}

fn cases() -> Vec<Case> {
    let null = || Value::Null;
    let long = "9".repeat(300);
    let add = |name: &'static str, film: Value, code, effect| {
        case(
            name,
            ("POST", "/v1/films", film.clone()),
            (ADD, json!({"input": film})),
            code,
            [0, 1, 0],
            (FILMS, effect),
        )
    };
    let like = "mutation($id: ID!) { like(id: $id) { id } }";
    vec![
        case(
            "random film",
            ("GET", "/v1/films/random", null()),
            ("{ randomFilm { id } }", null()),
            "",
            [1, 0, 0],
            (VOTES, 0),
        ),
        case(
            "random film, documented",
            ("GET", "/", null()),
            ("{ randomFilm { id } }", null()),
            "",
            [1, 0, 0],
            (VOTES, 0),
        ),
        case(
            "like",
            ("POST", "/v1/films/1/like", null()),
            (like, json!({"id": "1"})),
            "",
            [1, 0, 0],
            (LIKES, 1),
        ),
        case(
            "like, documented",
            ("GET", "/?like=1", null()),
            (like, json!({"id": "1"})),
            "",
            [1, 0, 0],
            (LIKES, 1),
        ),
        case(
            "dislike",
            ("POST", "/v1/films/1/dislike", null()),
            ("mutation { dislike(id: 1) { id } }", null()),
            "",
            [1, 0, 0],
            ("SELECT dislikes FROM film WHERE id = 1", 1),
        ),
        case(
            "dislike, documented",
            ("GET", "/?dislike=1", null()),
            ("mutation { dislike(id: 1) { id } }", null()),
            "",
            [1, 0, 0],
            ("SELECT dislikes FROM film WHERE id = 1", 1),
        ),
        add(
            "a year with a fraction of zero",
            json!({"name": "Whole", "studio": "S", "year": 1999.0}),
            "",
            621,
        ),
        case(
            "like of no film",
            ("POST", "/v1/films/9999/like", null()),
            (like, json!({"id": "9999"})),
            "FILM_NOT_FOUND",
            [1, 0, 0],
            (VOTES, 0),
        ),
        case(
            "like of no film, documented",
            ("GET", "/?like=9999", null()),
            (like, json!({"id": 9999})),
            "FILM_NOT_FOUND",
            [1, 0, 0],
            (VOTES, 0),
        ),
        case(
            "like of a number too long",
            ("GET", Box::leak(format!("/?like={long}").into_boxed_str()), null()),
            (like, json!({"id": long})),
            "FILM_NOT_FOUND",
            [1, 0, 0],
            (VOTES, 0),
        ),
        case(
            "like of no id",
            ("POST", "/v1/films/x/like", null()),
            (like, json!({"id": "x"})),
            "INVALID_INPUT",
            [0, 0, 0],
            (VOTES, 0),
        ),
        case(
            "like of no id, documented",
            ("GET", "/?like=x", null()),
            ("mutation { like(id: \"x\") { id } }", null()),
            "INVALID_INPUT",
            [0, 0, 0],
            (VOTES, 0),
        ),
        case(
            "like of an empty id",
            ("GET", "/?like=", null()),
            (like, json!({"id": ""})),
            "INVALID_INPUT",
            [0, 0, 0],
            (VOTES, 0),
        ),
        case(
            "like of a negative id",
            ("GET", "/?like=-1", null()),
            ("mutation { like(id: -1) { id } }", null()),
            "INVALID_INPUT",
            [0, 0, 0],
            (VOTES, 0),
        ),
        case(
            "film",
            ("GET", "/v1/films/1", null()),
            ("{ film(id: 1) { id } }", null()),
            "",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "film of no id",
            ("GET", "/v1/films/x", null()),
            ("{ film(id: \"x\") { id } }", null()),
            "INVALID_INPUT",
            [0, 0, 0],
            (VOTES, 0),
        ),
        case(
            "films",
            ("GET", "/v1/films?first=3&sort=likes", null()),
            ("{ films(first: 3, sort: LIKES) { edges { cursor } } }", null()),
            "",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "films, asked for in a body",
            ("QUERY", "/v1/films", json!({"first": 3, "sort": "likes"})),
            ("{ films(first: 3, sort: LIKES) { edges { cursor } } }", null()),
            "",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "too many films, asked for in a body",
            ("QUERY", "/v1/films", json!({"first": 101})),
            ("{ films(first: 101) { edges { cursor } } }", null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "films by a text",
            ("GET", "/v1/films?q=frzoen&order=asc&genre=animation", null()),
            (
                "{ films(filter: {text: \"frzoen\", genre: \"animation\"}, order: ASC) { edges { cursor } totalCount } }",
                null(),
            ),
            "",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "films by a text without a letter",
            ("GET", "/v1/films?q=%3F!", null()),
            ("{ films(filter: {text: \"?!\"}) { edges { cursor } } }", null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "films by their relevance to nothing",
            ("GET", "/v1/films?sort=relevance", null()),
            ("{ films(sort: RELEVANCE) { edges { cursor } } }", null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "films by rating",
            ("GET", "/v1/films?sort=rating&minVotes=1", null()),
            ("{ films(sort: RATING, filter: {minVotes: 1}) { edges { cursor } } }", null()),
            "",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "films at random",
            ("GET", "/v1/films?sort=shuffled&seed=a&first=3&genre=drama", null()),
            (
                "{ films(sort: SHUFFLED, seed: \"a\", first: 3, filter: {genre: \"drama\"}) { edges { cursor } totalCount } }",
                null(),
            ),
            "",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "films at random in a direction",
            ("GET", "/v1/films?sort=shuffled&order=asc", null()),
            ("{ films(sort: SHUFFLED, order: ASC) { edges { cursor } } }", null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "films by name with a seed that is none",
            ("GET", "/v1/films?seed=", null()),
            ("{ films(seed: \"\") { edges { cursor } } }", null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "a random film by a text",
            ("GET", "/v1/films/random?q=disney", null()),
            ("{ randomFilm(filter: {text: \"disney\"}) { id } }", null()),
            "",
            [1, 0, 0],
            (VOTES, 0),
        ),
        case(
            "genres",
            ("GET", "/v1/genres?first=3", null()),
            ("{ genres(first: 3) { edges { node { name films } } } }", null()),
            "",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "genres by a cursor of studios",
            ("GET", "/v1/genres?after=WyJzIiwiYSIsMF0", null()),
            (r#"{ genres(after: "WyJzIiwiYSIsMF0") { edges { cursor } } }"#, null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "studios",
            ("GET", "/v1/studios?last=3", null()),
            ("{ studios(last: 3) { edges { node { name films } } } }", null()),
            "",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "a page too large",
            ("GET", "/v1/films?first=101", null()),
            ("{ films(first: 101) { edges { cursor } } }", null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "a negative page",
            ("GET", "/v1/films?first=-1", null()),
            ("{ films(first: -1) { edges { cursor } } }", null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "a cursor that is none",
            ("GET", "/v1/films?after=x", null()),
            ("{ films(after: \"x\") { edges { cursor } } }", null()),
            "INVALID_INPUT",
            [0, 0, 1],
            (VOTES, 0),
        ),
        case(
            "an excluded id that is none",
            ("GET", "/v1/films/random?exclude=1,x", null()),
            ("{ randomFilm(exclude: [1, \"x\"]) { id } }", null()),
            "INVALID_INPUT",
            [0, 0, 0],
            (VOTES, 0),
        ),
        case(
            "a filter that makes no sense",
            ("GET", "/v1/films/random?minVotes=-1", null()),
            ("{ randomFilm(filter: {minVotes: -1}) { id } }", null()),
            "INVALID_INPUT",
            [1, 0, 0],
            (VOTES, 0),
        ),
        case(
            "security events, by who is no admin",
            ("GET", "/v1/audit_events", null()),
            ("{ auditEvents { edges { cursor } } }", null()),
            "FORBIDDEN",
            [0, 0, 0],
            (VOTES, 0),
        ),
        case(
            "own quotas",
            ("GET", "/v1/rate_limit", null()),
            ("{ rateLimit { limits { name } } }", null()),
            "",
            [0, 0, 0],
            (VOTES, 0),
        ),
        case(
            "add a film, documented",
            ("POST", "/add_film", json!({"name": "N", "studio": "S"})),
            (ADD, json!({"input": {"name": "N", "studio": "S"}})),
            "",
            [0, 1, 0],
            (FILMS, 621),
        ),
        add("add a film", json!({"name": "N", "studio": "S", "year": 2000, "genres": ["Drama"]}), "", 621),
        add(
            "add a film that is there",
            json!({"name": "frozen", "studio": "DISNEY", "year": 2013}),
            "FILM_EXISTS",
            620,
        ),
        add(
            "add a film with faults",
            json!({"name": "", "studio": "\u{7}", "year": 1}),
            "INVALID_INPUT",
            620,
        ),
        add(
            "add a film with too many genres",
            json!({"name": "N", "studio": "S", "genres": (["g"; 11])}),
            "INVALID_INPUT",
            620,
        ),
    ]
}

pub(super) fn played() -> Vec<Played> {
    let played = |case: Case| Played {
        method: case.method.to_owned(),
        path: case.path,
        document: case.document,
        price: ["film-1d", "add_film-1d", "browse-1d"].into_iter().zip(case.price).collect(),
    };
    cases().into_iter().map(played).collect()
}

async fn spent(app: &TestApp) -> [u64; 3] {
    let limits = app.get("/v1/rate_limit").await.expect(200).json();
    ["film-1d", "add_film-1d", "browse-1d"].map(|name| {
        let limits = limits["limits"].as_array().expect("limits");
        let limit = limits.iter().find(|limit| limit["name"] == name).expect(name);
        50 - limit["remaining"].as_u64().expect("a number")
    })
}

async fn check(app: &TestApp, case: &Case, surface: &str, answer: &Answer) {
    let shown =
        format!("{} ({surface}): {} {}", case.name, answer.status, String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.code(), case.code, "{shown}");
    assert_eq!(spent(app).await, case.price, "{shown}");
    assert_eq!(app.count(case.effect.0).await, case.effect.1, "{shown}");
}

#[rstest]
#[tokio::test]
async fn both_surfaces_have_the_same_effect_code_and_price(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    for case in cases() {
        let app = TestApp::on(store, LIMITS).await;
        let method = Method::from_bytes(case.method.as_bytes()).expect("a method");
        let body = (!case.body.is_null()).then(|| case.body.to_string());
        let rest = app.call(method, case.path, &[("content-type", "application/json")], body).await;
        check(&app, &case, "REST", &rest).await;

        let app = TestApp::on(store, LIMITS).await;
        let graphql = app.graphql(case.document, case.variables.clone()).await;
        check(&app, &case, "GraphQL", &graphql).await;
        // The documented endpoints name their parameters otherwise; `/v1` and GraphQL name them alike.
        if case.path.starts_with("/v1") {
            let of_graphql = graphql.json().pointer("/errors/0/extensions/fields").cloned();
            let of_rest = if rest.status.is_success() { None } else { rest.json().get("fields").cloned() };
            // But for a text that is looked for, which everybody calls `q` in an address.
            let of_rest = of_rest.map(|faults| faults.to_string().replace("\"/q\"", "\"/text\""));
            assert_eq!(of_rest, of_graphql.map(|faults| faults.to_string()), "{}", case.name);
        }
    }
}

/// What listens: the same code and price at both surfaces, and the same film in what is told.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn both_surfaces_tell_the_same_at_the_same_price(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let long = "9".repeat(300);
    for (id, code, price) in
        [("1", "", 1), ("9999", "FILM_NOT_FOUND", 1), (&long, "FILM_NOT_FOUND", 1), ("x", "INVALID_INPUT", 0)]
    {
        let app = TestApp::on(store, LIMITS).await;
        let path = format!("/v1/films/events?id={id}");
        let (rest, mut by_rest) = app.stream(Method::GET, &path, None).await;
        assert_eq!(rest.code(), code, "{id}");
        assert_eq!(spent(&app).await, [0, 0, price], "{id}");
        let document = format!(
            "subscription {{ filmVoted(id: \"{id}\") {{ id name studio year genres likes dislikes }} }}"
        );
        let (graphql, mut by_graphql) = app.stream(Method::POST, "/graphql", Some(&document)).await;
        graphql.expect(200);
        assert_eq!(spent(&app).await, [0, 0, 2 * price], "{id}");
        if code.is_empty() {
            app.get("/?like=1").await.expect(200);
            let mut film = by_graphql.data("next").await["data"]["filmVoted"].take();
            film["id"] = json!(1);
            assert_eq!(by_rest.data("filmVoted").await, film);
        } else {
            assert_eq!(by_graphql.data("next").await["errors"][0]["extensions"]["code"], code);
        }
    }
}
