//! Sign-in under attack.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use filmgate::front::Front;
use filmgate::service::caller::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Live, NOBODY, PASSWORD, Server, Socket, TestApp, UNLIMITED};

const WRONG: &str = "not the password";

fn problem(answer: Answer) -> Value {
    let mut problem = answer.expect_problem(429, "RATE_LIMITED").json();
    problem["instance"] = Value::Null;
    problem
}

#[tokio::test]
async fn a_client_tries_so_many_passwords_and_no_more() {
    let app = TestApp::new("login=3/day; browse=9/day").await;
    let id = app.account("ada", Role::Viewer).await;
    let session = app.session(id).await;
    // Whatever the names are, and through whichever surface.
    app.sign_in("one", WRONG).await.expect_problem(401, "UNAUTHENTICATED");
    let document = "mutation { signIn(input: {name: \"two\", password: \"x\"}) { token } }";
    let answer = app.graphql(document, json!({})).await.expect(200);
    assert_eq!(answer.code(), "UNAUTHENTICATED");
    assert!(answer.header("ratelimit").contains("\"login-1d\";r=1"), "{}", answer.header("ratelimit"));
    let passwords = json!({"currentPassword": WRONG, "newPassword": PASSWORD});
    let answer = app.call_as(Some(&session), Method::PUT, "/v1/me/password", Some(passwords)).await;
    answer.expect_problem(422, "INVALID_INPUT");
    let answer = app.sign_in("ada", PASSWORD).await.expect_problem(429, "RATE_LIMITED");
    assert_eq!(answer.header("retry-after"), "28800");
    assert!(
        answer.header("ratelimit").contains("\"login-1d\";r=0;t=28800"),
        "{}",
        answer.header("ratelimit")
    );
    let answer = app.graphql(document, json!({})).await.expect(429);
    assert_eq!(answer.json()["errors"][0]["extensions"]["retryAfter"], 28800);
    // Another client has a budget of its own.
    app.sign_in_from("192.0.2.7", "ada", PASSWORD).await.expect(201);
    assert_eq!(app.count("SELECT COUNT(*) FROM session").await, 2);
}

/// Many addresses together try no more passwords on a name than one does; its owner still gets in from where he is known,
/// and nobody learns which names there are.
#[tokio::test]
async fn a_name_is_tried_so_often_and_no_more_from_however_many_addresses() {
    let app = TestApp::new("login=3/day").await;
    app.account("ada", Role::Viewer).await;
    app.sign_in_from("203.0.113.5", "ada", PASSWORD).await.expect(201);
    for (number, name) in ["Ada", " ADA ", "nobody", "NOBODY", "nobody"].into_iter().enumerate() {
        let address = format!("192.0.2.{number}");
        app.sign_in_from(&address, name, WRONG).await.expect_problem(401, "UNAUTHENTICATED");
    }
    let of_ada = problem(app.sign_in_from("198.51.100.1", "ada", WRONG).await);
    let of_nobody = problem(app.sign_in_from("198.51.100.1", "nobody", WRONG).await);
    assert_eq!(of_ada, of_nobody, "a name that is there is refused as one that is not");
    assert_eq!(of_ada["violated-policies"], json!(["login-1d"]));
    let document = "mutation { signIn(input: {name: \"aDa\", password: \"x\"}) { token } }";
    let body = Some(json!({ "query": document }).to_string());
    let headers = [("content-type", "application/json")];
    let answer = app.call_from("198.51.100.1:1", Method::POST, "/graphql", &headers, body).await.expect(429);
    assert_eq!(answer.code(), "RATE_LIMITED");
    // The refusals cost that client nothing.
    let limits = app.call_from("198.51.100.1:1", Method::GET, "/v1/rate_limit", &[], None).await.json();
    assert_eq!(limits["limits"][0]["remaining"], 3);
    app.sign_in_from("203.0.113.5", "ada", PASSWORD).await.expect(201);
    app.sign_in_from("203.0.113.5", "ada", WRONG).await.expect(401);
    problem(app.sign_in_from("203.0.113.5", "ada", PASSWORD).await);
    // What he tried from there was not counted against his name.
    app.clock.advance(Duration::from_hours(8));
    app.sign_in_from("198.51.100.2", "ada", PASSWORD).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_password_is_all_that_a_request_may_try() {
    let live = Live::with("login=9/day; browse=9/day", |_| {}).await;
    let app = &live.app;
    let id = app.account("ada", Role::Viewer).await;
    let session = app.session(id).await;
    let sign_in =
        |alias: &str| format!("{alias}: signIn(input: {{name: \"ada\", password: \"x\"}}) {{ token }}");
    let change = "changePassword(input: {currentPassword: \"x\", newPassword: \"y\"})";
    let two = format!("mutation {{ {} {} }}", sign_in("a"), sign_in("b"));
    let mixed = format!("mutation {{ {} {change} }}", sign_in("a"));
    let spread = format!(
        "mutation {{ ...F ...G }} fragment F on Mutation {{ {} }} fragment G on Mutation {{ {} }}",
        sign_in("a"),
        sign_in("b")
    );
    let mut socket = Socket::ready_as(live.address, &session).await;
    for document in [&two, &mixed, &spread] {
        let answer = app.graphql_as(Some(&session), document, json!({})).await.expect(400);
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED", "{document}");
        let message = socket.ask(document).await;
        assert_eq!(message["payload"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{document}");
    }
    let one = json!({"query": format!("mutation {{ {} }}", sign_in("a"))});
    let batch = json!([one, {"query": "{ me { kind } }"}, one]);
    let answer = app.post("/graphql", batch).await.expect(400);
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(app.left("login-1d").await, 9, "nothing was tried");

    let answer = app.post("/graphql", json!([one, {"query": "{ me { kind } }"}])).await.expect(200).json();
    assert_eq!(answer[0]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let skipped = format!("mutation {{ {} {} @skip(if: true) }}", sign_in("a"), change);
    assert_eq!(app.graphql(&skipped, json!({})).await.expect(200).code(), "UNAUTHENTICATED");
    let message = socket.ask(one["query"].as_str().expect("a document")).await;
    assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(app.left("login-1d").await, 6);
    let queried = format!(
        "/graphql?query={}",
        "mutation%7BsignIn(input:%7Bname:%22a%22,password:%22b%22%7D)%7Btoken%7D%7D"
    );
    app.get(&queried).await.expect(405);
}

#[tokio::test]
async fn more_than_can_be_compared_are_refused_at_once() {
    let app = TestApp::new(UNLIMITED).await;
    let statuses = join_all((0..200).map(|_| try_password(app.front.clone()))).await;
    let of = |status: u16| statuses.iter().filter(|known| **known == status).count();
    assert_eq!(of(401) + of(503), 200, "{statuses:?}");
    assert!(of(401) >= 64 && of(503) > 0, "{statuses:?}");
    app.sign_in("ada", PASSWORD).await.expect_problem(401, "UNAUTHENTICATED");
}

/// Nothing was tried, so that nothing is paid for: neither by the client nor from the name.
#[tokio::test]
async fn who_is_refused_at_once_has_tried_nothing() {
    let app = TestApp::new("login=1/day").await;
    let body = |n: usize| json!({"name": format!("nobody{n}"), "password": WRONG}).to_string();
    let headers = [("content-type", "application/json")];
    let attempts = (0..150).map(|n| {
        let (app, client) = (&app, format!("192.0.2.{n}:1"));
        async move {
            (n, app.call_from(&client, Method::POST, "/v1/session", &headers, Some(body(n))).await.status)
        }
    });
    let refused: Vec<_> = join_all(attempts).await.into_iter().filter(|(_, status)| *status == 503).collect();
    assert!(!refused.is_empty());
    for (n, _) in refused {
        let client = format!("192.0.2.{n}:1");
        let again = app.call_from(&client, Method::POST, "/v1/session", &headers, Some(body(n))).await;
        again.expect_problem(401, "UNAUTHENTICATED");
    }
}

async fn try_password(front: Front) -> u16 {
    let request = Request::post("/v1/session")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Body::from(json!({"name": "nobody", "password": WRONG}).to_string()))
        .expect("a request");
    front.answer(request, NOBODY).await.status().as_u16()
}

/// Whoever has somebody's session has not his password, and may not try it out from many addresses either.
#[tokio::test]
async fn the_present_password_is_tried_so_often_and_no_more() {
    let app = TestApp::new("login=2/minute").await;
    let ada = app.account("ada", Role::Voter).await;
    let token = app.session(ada).await;
    let bearer = format!("Bearer {token}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let body = json!({"currentPassword": "wrong horse battery", "newPassword": "another horse battery"});
    for (address, status) in [("192.0.2.1:1", 422), ("192.0.2.2:1", 422), ("192.0.2.3:1", 429)] {
        let answer =
            app.call_from(address, Method::PUT, "/v1/me/password", &headers, Some(body.to_string())).await;
        answer.expect(status);
    }
    let wrong = "mutation { changePassword(input: {currentPassword: \"x\", newPassword: \"another horse battery\"}) }";
    app.graphql_as(Some(&token), wrong, json!({})).await.expect(429);
    // An admin too is asked for the present one.
    let chief = app.account("chief", Role::Admin).await;
    let (_, key) = app.key(chief).await;
    let own = json!({"password": "another horse battery"});
    let answer = app.call_as(Some(&key), Method::PATCH, &format!("/v1/accounts/{chief}"), Some(own)).await;
    answer.expect_problem(422, "INVALID_INPUT");
}

/// Each try takes 19 MiB. What the process holds afterwards is what it held before, and not what all of them took.
#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_wrong_sign_ins_is_given_back() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let (client, url) = (reqwest::Client::new(), format!("{}/v1/session", server.url));
    let try_once = async || {
        let wrong = json!({"name": "nobody", "password": WRONG});
        client.post(&url).json(&wrong).send().await.expect("an answer").status().as_u16()
    };
    let rest = server.memory();
    let mut tried = 0;
    // One by one, and as many at once as may wait.
    for _ in 0..10 {
        tried += usize::from(try_once().await == 401);
    }
    for _ in 0..2 {
        let at_once = join_all((0..60).map(|_| try_once())).await;
        tried += at_once.iter().filter(|status| **status == 401).count();
    }
    assert!(tried >= 100, "{tried}: this shows nothing");
    // Soon, not at once: who has just ended still holds what it calculated in.
    let held = || server.memory().saturating_sub(rest) / 1024;
    for _ in 0..50 {
        if held() <= 96 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} MiB above rest", held());
}
