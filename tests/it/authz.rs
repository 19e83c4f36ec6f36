//! Who may do what: every operation of both doors has a row, and a missing row fails.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use filmgate::service::Hall;
use filmgate::service::caller::Caller;
use filmgate::service::database::{self, Database};
use filmgate::service::film::{FilmDraft, FilmId};
use filmgate::service::hall::Settings;
use filmgate::service::import::{self, Import, OnDuplicate, OnError};
use filmgate::service::policy::{Action, Role, authorize};
use filmgate::service::remove_film::remove_film;
use filmgate::service::vote::{Opinion, Vote};
use filmgate::{graphql, rest};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::support::{Answer, ManualClock, TestApp, limits};

/// An operation by both doors, and the least role that may.
struct Row {
    rest: (&'static str, &'static str),
    path: &'static str,
    body: Option<&'static str>,
    graphql: Option<(&'static str, &'static str)>,
    needs: Role,
}

const FILM: &str = r#"{"name":"N","studio":"S"}"#;
const OTHER: &str = r#"{"name":"M","studio":"S"}"#;

/// Answers that do not end by themselves.
const EVENTS: &str = "/v1/films/events";

const ROWS: [Row; 15] = [
    Row {
        rest: ("get", "/"),
        path: "/",
        body: None,
        graphql: Some(("randomFilm", "{ randomFilm { id } }")),
        needs: Role::Viewer,
    },
    Row { rest: ("get", "/"), path: "/?like=1", body: None, graphql: None, needs: Role::Voter },
    Row {
        rest: ("get", "/v1/films/random"),
        path: "/v1/films/random",
        body: None,
        graphql: None,
        needs: Role::Viewer,
    },
    Row {
        rest: ("get", "/v1/films"),
        path: "/v1/films",
        body: None,
        graphql: Some(("films", "{ films { edges { cursor } } }")),
        needs: Role::Viewer,
    },
    Row {
        rest: ("get", "/v1/films/{id}"),
        path: "/v1/films/1",
        body: None,
        graphql: Some(("film", "{ film(id: 1) { id } }")),
        needs: Role::Viewer,
    },
    Row {
        rest: ("get", EVENTS),
        path: "/v1/films/events?id=1",
        body: None,
        graphql: Some(("filmVoted", "subscription { filmVoted(id: 1) { id } }")),
        needs: Role::Viewer,
    },
    Row {
        rest: ("get", EVENTS),
        path: EVENTS,
        body: None,
        graphql: Some(("filmAdded", "subscription { filmAdded { id } }")),
        needs: Role::Viewer,
    },
    Row {
        rest: ("get", "/v1/rate_limit"),
        path: "/v1/rate_limit",
        body: None,
        graphql: Some(("rateLimit", "{ rateLimit { limits { name } } }")),
        needs: Role::Viewer,
    },
    Row {
        rest: ("post", "/v1/films/{id}/like"),
        path: "/v1/films/1/like",
        body: None,
        graphql: Some(("like", "mutation { like(id: 1) { id } }")),
        needs: Role::Voter,
    },
    Row {
        rest: ("post", "/v1/films/{id}/dislike"),
        path: "/v1/films/1/dislike",
        body: None,
        graphql: Some(("dislike", "mutation { dislike(id: 1) { id } }")),
        needs: Role::Voter,
    },
    Row {
        rest: ("post", "/v1/films"),
        path: "/v1/films",
        body: Some(FILM),
        graphql: Some(("addFilm", "mutation { addFilm(input: {name: \"G\", studio: \"S\"}) { id } }")),
        needs: Role::Editor,
    },
    Row {
        rest: ("post", "/add_film"),
        path: "/add_film",
        body: Some(OTHER),
        graphql: None,
        needs: Role::Editor,
    },
    Row {
        rest: ("get", "/health/live"),
        path: "/health/live",
        body: None,
        graphql: None,
        needs: Role::Viewer,
    },
    Row {
        rest: ("get", "/health/ready"),
        path: "/health/ready",
        body: None,
        graphql: None,
        needs: Role::Viewer,
    },
    // Documented as 200, whoever asks: it adds nothing.
    Row { rest: ("head", "/add_film"), path: "/add_film", body: None, graphql: None, needs: Role::Viewer },
];

async fn app(role: Role) -> TestApp {
    TestApp::with("film=100/day; add_film=100/day", |config| config.auth.anonymous_role = Some(role)).await
}

async fn rest(app: &TestApp, row: &Row) -> Answer {
    if row.rest.1 == EVENTS {
        return app.stream(Method::GET, row.path, None).await.0;
    }
    let method = Method::from_bytes(row.rest.0.to_uppercase().as_bytes()).expect("a method");
    app.call(method, row.path, &[("content-type", "application/json")], row.body.map(str::to_owned)).await
}

#[tokio::test]
async fn the_table_is_played_at_both_doors_and_a_refusal_costs_nothing() {
    for role in [Role::Viewer, Role::Voter, Role::Editor] {
        for row in &ROWS {
            let app = app(role).await;
            let may = role >= row.needs;
            let before = app.get("/v1/rate_limit").await.json();
            let mut answers = vec![rest(&app, row).await];
            if let Some((_, document)) = row.graphql {
                answers.push(match row.rest.1 {
                    EVENTS => app.stream(Method::POST, "/graphql", Some(document)).await.0,
                    _ => app.graphql(document, json!({})).await,
                });
            }
            for answer in answers {
                let shown =
                    format!("{role} {} {}: {}", row.rest.0, row.path, String::from_utf8_lossy(&answer.body));
                assert_eq!(answer.status.is_success(), may, "{shown}");
                if !may {
                    assert_eq!(
                        (answer.status.as_u16(), answer.code().as_str()),
                        (403, "FORBIDDEN"),
                        "{shown}"
                    );
                }
            }
            if !may {
                assert_eq!(app.get("/v1/rate_limit").await.json(), before);
            }
        }
    }
}

#[test]
fn each_role_may_what_the_table_says_and_no_more() {
    let table = [
        (Action::ReadFilm, Role::Viewer),
        (Action::Vote, Role::Voter),
        (Action::AddFilm, Role::Editor),
        (Action::RemoveFilm, Role::Admin),
        (Action::ImportFilms, Role::Admin),
        (Action::UpdateFilm, Role::Admin),
        (Action::ManageAccounts, Role::Admin),
        (Action::ReadAudit, Role::Admin),
    ];
    for action in Action::ALL {
        let (_, least) = table.iter().find(|(known, _)| *known == action).expect("a row for each action");
        for role in [Role::Viewer, Role::Voter, Role::Editor, Role::Admin] {
            let may = authorize(&Caller::anonymous(role), action).is_ok();
            assert_eq!(may, role >= *least, "{role}: {action}");
        }
    }
}

#[test]
fn every_operation_of_both_schemas_has_a_row() {
    let document: Value = serde_json::from_str(&rest::openapi::document()).expect("JSON");
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            let row = ROWS.iter().find(|row| row.rest == (method.as_str(), path.as_str()));
            assert!(row.is_some(), "no row for {method} {path}");
        }
    }
    let sdl = graphql::schema::sdl();
    for kind in ["type Query {", "type Mutation {", "type Subscription {"] {
        let body = sdl.split_once(kind).expect(kind).1.split_once("\n}").expect("an end").0;
        for line in body.lines().filter_map(|line| line.strip_prefix('\t')) {
            let name = line.split(['(', ':']).next().expect("a name");
            if name.is_empty() || !name.chars().all(char::is_alphanumeric) {
                continue;
            }
            let row = ROWS.iter().find(|row| row.graphql.is_some_and(|(field, _)| field == name));
            assert!(row.is_some(), "no row for {name}");
        }
    }
}

#[tokio::test]
async fn an_anonymous_caller_edits_only_when_it_is_local_and_direct() {
    let add = async |app: &TestApp, peer: &str, headers: &[(&str, &str)]| {
        let headers = [&[("content-type", "application/json")], headers].concat();
        app.call_from(peer, Method::POST, "/add_film", &headers, Some(FILM.to_owned())).await.status.as_u16()
    };
    let plain = TestApp::with("", |config| config.limits = limits("")).await;
    assert_eq!(add(&plain, "192.0.2.1:1", &[]).await, 403);
    assert_eq!(add(&plain, "127.0.0.1:1", &[("x-forwarded-for", "192.0.2.1")]).await, 403);
    assert_eq!(add(&plain, "127.0.0.1:1", &[("forwarded", "for=127.0.0.1")]).await, 403);
    assert_eq!(add(&plain, "127.0.0.1:1", &[]).await, 201);
    let proxied = TestApp::with("", |config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    assert_eq!(add(&proxied, "127.0.0.1:1", &[]).await, 403);
    assert_eq!(add(&proxied, "127.0.0.1:1", &[("x-forwarded-for", "127.0.0.1")]).await, 403);
}

/// The hall asks the table itself: a door that forgot to would still be held.
#[tokio::test]
async fn the_hall_refuses_by_itself() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    let database = Database::open(&url, &database::Settings::default()).await.expect("a database");
    let settings = Settings { catalogue_bytes: 0, max_page: 10, session_lifetime: Duration::from_mins(1) };
    let randomness = Box::new(StdRng::seed_from_u64(1));
    let hall = Hall::open(database.clone(), &settings, Arc::new(ManualClock::new()), randomness)
        .await
        .expect("a hall");
    let editor = Caller::anonymous(Role::Editor);
    let viewer = Caller::anonymous(Role::Viewer);
    let voter = Caller::anonymous(Role::Voter);
    let vote = Vote { film: FilmId(1), opinion: Opinion::Like };
    let import =
        import::Settings { on_duplicate: OnDuplicate::Skip, on_error: OnError::Stop, dry_run: false };
    let refused = [
        remove_film(&database, &editor, FilmId(1), &ManualClock::new()).await.map(drop),
        Import::begin(database.clone(), &editor, import, Arc::new(ManualClock::new())).map(drop),
        hall.like(&viewer, FilmId(1)).await.map(drop),
        hall.dislike(&viewer, FilmId(1)).await.map(drop),
        hall.vote(&viewer, vec![vote]).await,
        hall.add_film(&voter, FilmDraft::default()).await.map(drop),
    ];
    for result in refused {
        assert_eq!(result.expect_err("a refusal").code().0, "FORBIDDEN");
    }
    let admitted = hall.like(&voter, FilmId(1)).await.expect_err("no film is there");
    assert_eq!(admitted.code().0, "FILM_NOT_FOUND");
}
