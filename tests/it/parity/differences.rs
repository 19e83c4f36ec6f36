//! The differences that the table of operations declares, played: each is as it is declared.

use axum::http::Method;
use filmgate::operations::{self, Difference};
use filmgate::service::caller::Role;
use rstest::rstest;
use serde_json::json;
use strum::VariantArray as _;

use crate::support::{Store, TestApp};

const LIMITS: &str = "film=50/day; add_film=50/day; browse=50/day";
const ADD: &str = "mutation($input: AddFilmInput!) { addFilm(input: $input) { id } }";
const CREATE: &str = "mutation($input: CreateAccountInput!) { createAccount(input: $input) { id } }";

/// What was drawn from film, `add_film` and browse.
async fn spent(app: &TestApp) -> [u64; 3] {
    [50 - app.left("film-1d").await, 50 - app.left("add_film-1d").await, 50 - app.left("browse-1d").await]
}

async fn play(app: &TestApp, admin: &str, difference: Difference) {
    match difference {
        Difference::NothingFound => {
            app.get("/v1/films/9999").await.expect_problem(404, "FILM_NOT_FOUND");
            let answer = app.graphql("{ film(id: 9999) { id } }", json!({})).await.expect(200);
            assert_eq!(answer.json(), json!({"data": {"film": null}}));
            app.get_as(admin, "/v1/accounts/9").await.expect_problem(404, "ACCOUNT_NOT_FOUND");
            let answer =
                app.graphql_as(Some(admin), "{ account(id: 9) { id } }", json!({})).await.expect(200);
            assert_eq!(answer.json(), json!({"data": {"account": null}}));
            assert_eq!(spent(app).await, [0, 0, 4], "all were looked up, all are charged");
        }
        Difference::WrongType => {
            for film in [json!({"name": 5, "studio": "S"}), json!({"studio": "S"})] {
                app.post("/v1/films", film.clone()).await.expect_problem(422, "INVALID_INPUT");
                let answer = app.graphql(ADD, json!({"input": film})).await;
                assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
            }
            let body = json!({"name": 5, "role": "king", "passwort": "x"});
            let answer = app.call_as(Some(admin), Method::POST, "/v1/accounts", Some(body.clone())).await;
            let fields = answer.expect_problem(422, "INVALID_INPUT").json()["fields"].clone();
            let pointers: Vec<&str> = fields
                .as_array()
                .expect("faults")
                .iter()
                .filter_map(|fault| fault["pointer"].as_str())
                .collect();
            assert_eq!(pointers, ["/name", "/role", "/password", "/passwort"]);
            let answer = app.graphql_as(Some(admin), CREATE, json!({ "input": body })).await;
            assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
            assert_eq!(spent(app).await, [0, 2, 1], "only REST was charged");
        }
        Difference::TwoVotes => {
            app.get("/?like=1&dislike=2").await.expect(200);
            assert_eq!(spent(app).await, [1, 0, 0]);
            let both = "mutation { like(id: 1) { id } dislike(id: 2) { id } }";
            app.graphql(both, json!({})).await.expect(200);
            assert_eq!(spent(app).await, [3, 0, 0]);
        }
        Difference::OneStream => {
            app.stream(Method::GET, "/v1/films/events?id=1,2", None).await.0.expect(200);
            assert_eq!(spent(app).await, [0, 0, 1]);
            for id in [1, 2] {
                let document = format!("subscription {{ filmVoted(id: {id}) {{ id }} }}");
                app.stream(Method::POST, "/graphql", Some(&document)).await.0.expect(200);
            }
            assert_eq!(spent(app).await, [0, 0, 3]);
        }
        Difference::OwnVotes => {
            app.call_as(Some(admin), Method::POST, "/v1/films/7/dislike", None).await.expect(200);
            let films = app.get_as(admin, "/v1/films?sort=newest&order=asc&first=9").await.expect(200).json();
            assert_eq!(films, app.get("/v1/films?sort=newest&order=asc&first=9").await.json());
            let votes = app.get_as(admin, "/v1/me/votes?film=1,2,3,4,5,6,7,8,9").await.expect(200).json();
            assert_eq!(votes["votes"].as_array().expect("votes").len(), 1);
            assert_eq!(
                (&votes["votes"][0]["film"]["id"], &votes["votes"][0]["direction"]),
                (&json!(7), &json!("dislike"))
            );
            let page = "{ films(sort: NEWEST, order: ASC, first: 9) { edges { node { id myVote } } } }";
            let answer = app.graphql_as(Some(admin), page, json!({})).await.expect(200).json();
            let told = &answer["data"]["films"]["edges"][6]["node"];
            assert_eq!(*told, json!({"id": "7", "myVote": "DISLIKE"}));
            assert_eq!(spent(app).await, [1, 0, 4], "the second call is what REST needs besides");
        }
        Difference::HeadersOnly => {
            app.head("/add_film").await.expect(200);
            assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620);
            assert_eq!(spent(app).await, [0, 1, 0]);
        }
        Difference::RestOnly | Difference::GraphQlOnly => {
            let mut browsed = 0;
            for operation in operations::ALL.iter().filter(|row| row.differences.contains(&difference)) {
                for (_, path) in operation.rest {
                    app.get(path).await.expect(200);
                    browsed += u64::from(operation.bucket.is_some());
                }
                for field in operation.graphql {
                    let document = match field.name {
                        "__type" => "{ __type(name: \"Film\") { name } }",
                        "__schema" => "{ __schema { queryType { name } } }",
                        _ => "{ __typename }",
                    };
                    let answer = app.graphql(document, json!({})).await.expect(200).json();
                    assert!(!answer["data"][field.name].is_null(), "{answer}");
                    browsed += u64::from(operation.bucket.is_some());
                }
            }
            assert!(browsed > 0);
            assert_eq!(spent(app).await, [0, 0, browsed]);
        }
    }
}

#[rstest]
#[tokio::test]
async fn each_declared_difference_is_as_declared(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    for &difference in Difference::VARIANTS {
        let is_declared = operations::ALL.iter().any(|operation| operation.differences.contains(&difference));
        assert!(is_declared, "no operation differs so: {difference}");
        let app = TestApp::on(store, LIMITS).await;
        let account = app.account("admin", Role::Admin).await;
        let admin = app.session(account).await;
        play(&app, &admin, difference).await;
    }
}
