//! Price before you pay: `extensions.priceOnly`.

use axum::http::Method;
use filmgate::service::caller::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Live, PASSWORD, Redis, Socket, TestApp, header_of, limits};

const LIMITS: &str = "film=5/day; add_film=5/day; browse=5/day; login=5/day; flood=100/day";

/// A request that asks for its price alone.
async fn ask(app: &TestApp, credential: Option<&str>, document: &str) -> Answer {
    send(app, credential, &asked(document)).await
}

fn asked(document: &str) -> Value {
    json!({"query": document, "extensions": {"priceOnly": true}})
}

async fn send(app: &TestApp, credential: Option<&str>, body: &Value) -> Answer {
    app.call_as(credential, Method::POST, "/graphql", Some(body.clone())).await
}

/// What is told of a request that nothing else is told of.
#[track_caller]
fn price(answer: Answer) -> Value {
    let mut told = answer.expect(200).json();
    let price = told["extensions"]["price"].take();
    assert_eq!(told, json!({"data": null, "extensions": {"price": null}}));
    price
}

fn passes(cost: &Value) -> Value {
    json!({"cost": cost, "passes": true, "refusal": null})
}

#[tokio::test]
async fn the_price_is_told_and_nothing_runs_or_is_drawn() {
    let app = TestApp::new(LIMITS).await;
    for (document, cost) in [
        ("{ randomFilm { id } }", json!({"film": 1})),
        ("{ a: randomFilm { id } b: randomFilm { id } film(id: 1) { id } }", json!({"film": 2, "browse": 1})),
        ("mutation { like(id: 1) { id } }", json!({"film": 1})),
        ("mutation { addFilm(input: {name: \"N\", studio: \"S\"}) { id } }", json!({"add_film": 1})),
        ("{ __typename }", json!({})),
        ("{ a: me { name } b: me { name } c: me { name } }", json!({"flood": 2})),
        ("{ film(id: 1) @skip(if: true) { id } }", json!({})),
        ("subscription { filmVoted(id: 1) { id } }", json!({"browse": 1})),
        ("mutation { like(id: 9999) { id } }", json!({"film": 1})),
    ] {
        assert_eq!(price(ask(&app, None, document).await), passes(&cost), "{document}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620);
    for window in ["film-1d", "add_film-1d", "browse-1d", "login-1d"] {
        assert_eq!(app.left(window).await, 5, "{window}");
    }
    // Nine of them, four looks, and this one.
    let flood = app.get("/v1/rate_limit").await.expect(200);
    assert!(flood.header("ratelimit").starts_with("\"flood-1d\";r=86;"), "{}", flood.header("ratelimit"));
    let headers = ask(&app, None, "{ randomFilm { id } }").await;
    assert!(headers.header("ratelimit").contains("\"film-1d\";r=5"), "{}", headers.header("ratelimit"));
    // By GET, where only queries come; and what is not asked for is not told.
    let path = "/graphql?extensions=%7B%22priceOnly%22:true%7D&query=";
    assert_eq!(price(app.get(&format!("{path}%7BrandomFilm%7Bid%7D%7D")).await), passes(&json!({"film": 1})));
    app.get(&format!("{path}mutation%7Blike(id:1)%7Bid%7D%7D")).await.expect(405);
    for extensions in [json!({"priceOnly": false}), json!({"priceOnly": null}), json!({})] {
        let body = json!({"query": "{ film(id: 1) { id } }", "extensions": extensions});
        assert_eq!(send(&app, None, &body).await.expect(200).json(), json!({"data": {"film": {"id": "1"}}}));
    }
    let wrong = json!({"query": "{ film(id: 1) { id } }", "extensions": {"priceOnly": 1}});
    assert_eq!(send(&app, None, &wrong).await.expect(400).code(), "BAD_REQUEST");
}

/// Under a key that is known: nothing for what is made already, and the refusal of another request.
#[tokio::test(flavor = "multi_thread")]
async fn the_price_under_a_key_is_that_of_what_is_left_to_do() {
    let app = TestApp::new("film=1/day; flood=100/day").await;
    let body = |id: u32, price_only: bool| {
        json!({"query": format!("mutation {{ like(id: {id}) {{ likes }} }}"),
            "extensions": {"idempotencyKey": "a-key-of-sixteen-letters", "priceOnly": price_only}})
    };
    assert_eq!(price(send(&app, None, &body(1, true)).await), passes(&json!({"film": 1})));
    send(&app, None, &body(1, false)).await.expect(200);
    assert_eq!(price(send(&app, None, &body(1, true)).await), passes(&json!({})));
    let batch = app.post("/graphql", json!([body(1, true)])).await.expect(200).json();
    assert_eq!(batch[0]["extensions"]["price"], passes(&json!({})));
    let other = price(send(&app, None, &body(2, true)).await);
    assert_eq!(
        (&other["passes"], &other["refusal"]["extensions"]["code"]),
        (&json!(false), &json!("IDEMPOTENCY_KEY_REUSED"))
    );
    let batch = app.post("/graphql", json!([body(2, true)])).await.expect(200).json();
    assert_eq!(batch[0]["extensions"]["price"]["refusal"], other["refusal"]);
    let run = send(&app, None, &body(2, false)).await.expect(422).json();
    assert_eq!(run["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED");
    assert!(send(&app, None, &body(1, false)).await.expect(200).header("idempotency-replayed") == "true");
}

/// The very error that running it would give, word for word, for this caller and at this moment.
#[tokio::test]
async fn what_would_refuse_it_is_told_as_running_it_would() {
    let app = TestApp::with(LIMITS, |config| {
        config.limits.tiers.editor.film = Some(limits("film=2/day").film);
    })
    .await;
    let viewer = app.account("viewer", Role::Viewer).await;
    let editor = app.account("editor", Role::Editor).await;
    let (viewer, editor) = (app.session(viewer).await, app.session(editor).await);
    app.get_as(&editor, "/").await.expect(200);
    for _ in 0..4 {
        app.get("/").await.expect(200);
    }
    let two = "{ a: randomFilm { id } b: randomFilm { id } }";
    let three = "{ a: randomFilm { id } b: randomFilm { id } c: randomFilm { id } }";
    let limited = "mutation { createKey(input: {name: \"k\", limits: \"film=1/day\"}) { key } }";
    for (credential, document, code) in [
        (None, two, "RATE_LIMITED"),
        (Some(&viewer), two, "RATE_LIMITED"),
        (Some(&editor), two, "RATE_LIMITED"),
        (Some(&editor), three, "PRICE_ABOVE_BURST"),
        (Some(&viewer), "mutation { like(id: 1) { id } }", "FORBIDDEN"),
        (Some(&editor), limited, "FORBIDDEN"),
        (None, "{ keys { totalCount } }", "UNAUTHENTICATED"),
        (None, "{ accounts { totalCount } }", "FORBIDDEN"),
    ] {
        let credential = credential.map(String::as_str);
        let told = price(ask(&app, credential, document).await);
        assert_eq!(
            (&told["passes"], &told["refusal"]["extensions"]["code"]),
            (&json!(false), &json!(code)),
            "{document}"
        );
        let ran = app.graphql_as(credential, document, json!({})).await.json();
        assert_eq!(told["refusal"], ran["errors"][0], "{document}");
    }
    let told = price(ask(&app, Some(&editor), "{ randomFilm { id } }").await);
    assert_eq!(told, passes(&json!({"film": 1})));
    // What is no document is told as ever, and costs as much.
    let invalid = ask(&app, None, "{ nothing }").await.expect(200);
    assert_eq!(invalid.code(), "GRAPHQL_VALIDATION_FAILED");
    app.service.close().await;
    let refusals =
        "SELECT COUNT(*) FROM audit_event WHERE event = 'right_refused' AND actor = 'account viewer'";
    assert_eq!(app.count(refusals).await, 1, "who asks only is not on record");
}

#[tokio::test]
async fn flood_that_lacks_is_told_too() {
    let app = TestApp::with("film=5/day; flood=4/day", |config| {
        config.limits.tiers.voter.film = Some(limits("film=2/day").film);
    })
    .await;
    let ada = app.account("ada", Role::Voter).await;
    let session = app.session(ada).await;
    let free = "{ a: me { name } b: me { name } c: me { name } randomFilm { id } }";
    for (peer, credential) in [("192.0.2.1:1", None), ("192.0.2.2:1", Some(&session))] {
        let shown = credential.map(|session| header_of(session));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(shown.as_ref().map(|(name, value)| (*name, value.as_str())));
        for passes in [true, true, false] {
            let body = Some(asked(free).to_string());
            let told = price(app.call_from(peer, Method::POST, "/graphql", &headers, body).await);
            assert_eq!(
                (&told["passes"], &told["cost"]),
                (&json!(passes), &json!({"flood": 2, "film": 1})),
                "{peer}"
            );
        }
    }
}

/// Whether a password may be tried is told to who tries one.
#[tokio::test]
async fn what_tries_a_password_has_no_price_to_ask_for() {
    let app = TestApp::new(LIMITS).await;
    let ada = app.account("ada", Role::Voter).await;
    let session = app.session(ada).await;
    let sign_in =
        format!("mutation {{ signIn(input: {{name: \"ada\", password: \"{PASSWORD}\"}}) {{ token }} }}");
    let change = format!(
        "mutation {{ changePassword(input: {{currentPassword: \"{PASSWORD}\", newPassword: \"{PASSWORD}\"}}) }}"
    );
    for document in [&sign_in, &change] {
        let answer = ask(&app, Some(&session), document).await.expect(400);
        assert_eq!(answer.code(), "BAD_REQUEST");
        assert!(
            answer.json()["errors"][0]["message"].as_str().is_some_and(|said| said.contains("priceOnly"))
        );
        let batch = json!([asked("{ me { name } }"), asked(document)]);
        assert_eq!(send(&app, Some(&session), &batch).await.expect(400).code(), "BAD_REQUEST");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM session").await, 1);
    assert_eq!(app.left("login-1d").await, 5);
}

/// What passes is the sum, as for a batch that runs.
#[tokio::test]
async fn a_batch_is_asked_for_as_a_whole() {
    let app = TestApp::new(LIMITS).await;
    let [one, three] = [1, 3].map(|count: usize| {
        let fields: String = (0..count).map(|n| format!("a{n}: randomFilm {{ id }} ")).collect();
        asked(&format!("{{ {fields} }}"))
    });
    let told = send(&app, None, &json!([one, three, asked("{ nothing }")])).await.expect(200).json();
    assert_eq!(told[0]["extensions"]["price"], passes(&json!({"film": 1})));
    assert_eq!(told[1]["extensions"]["price"], passes(&json!({"film": 3})));
    assert_eq!(told[2]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    let told = send(&app, None, &json!([three, three])).await.expect(200).json();
    for (one, cost) in told.as_array().expect("two").iter().zip([3, 3]) {
        let price = &one["extensions"]["price"];
        assert_eq!((&price["cost"]["film"], &price["passes"]), (&json!(cost), &json!(false)));
        assert_eq!(price["refusal"]["extensions"]["price"], 6);
    }
    let mixed = json!([one, {"query": "mutation { like(id: 1) { id } }"}]);
    assert_eq!(send(&app, None, &mixed).await.expect(400).code(), "BAD_REQUEST");
    assert_eq!((app.left("film-1d").await, app.count("SELECT COUNT(*) FROM vote").await), (5, 0));
}

/// A socket and an event stream answer once, also about a subscription.
#[tokio::test(flavor = "multi_thread")]
async fn other_ways_in_tell_it_too() {
    let live = Live::with(LIMITS, |_| {}).await;
    let mut socket = Socket::ready(live.address).await;
    for (document, cost) in [
        ("mutation { like(id: 1) { id } }", json!({"film": 1})),
        ("subscription { filmVoted(id: 1) { id } }", json!({"browse": 1})),
    ] {
        socket.say(json!({"id": "a", "type": "subscribe", "payload": asked(document)})).await;
        let next = socket.hear().await;
        assert_eq!(next["payload"], json!({"data": null, "extensions": {"price": passes(&cost)}}));
        assert_eq!(socket.hear().await, json!({"id": "a", "type": "complete"}));
        let headers = [("content-type", "application/json"), ("accept", "text/event-stream")];
        let body = Some(asked(document).to_string());
        let stream = live.app.call(Method::POST, "/graphql", &headers, body).await.expect(200);
        let text = String::from_utf8(stream.body).expect("UTF-8");
        assert!(text.contains("\"passes\":true") && text.contains("event: complete"), "{text}");
    }
    assert_eq!((live.app.left("film-1d").await, live.app.left("browse-1d").await), (5, 5));
    assert_eq!(live.app.count("SELECT COUNT(*) FROM vote").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_asked_and_draws_nothing() {
    let Some(redis) = Redis::shared() else { return };
    let (database, url) = (Redis::database(), |database| redis.url(database));
    let app = TestApp::with(LIMITS, |config| {
        config.limits.storage = url(database).into();
        config.limits.storage_timeout = 10_000;
    })
    .await;
    let document = "{ a: randomFilm { id } b: randomFilm { id } c: randomFilm { id } }";
    for _ in 0..3 {
        assert_eq!(price(ask(&app, None, document).await), passes(&json!({"film": 3})));
    }
    app.graphql(document, json!({})).await.expect(200);
    assert_eq!(price(ask(&app, None, document).await)["passes"], false);
    assert_eq!(app.left("film-1d").await, 2);
}

/// The request itself is one of `flood`: what can never pass with it is told so, and not to come again.
#[tokio::test]
async fn what_is_above_the_burst_with_the_request_itself_is_told_so() {
    let app = TestApp::with("film=5/day; flood=5/day", |_| {}).await;
    let free = |fields: usize| {
        let fields = (0..fields).map(|place| format!("a{place}: me {{ name }} ")).collect::<String>();
        format!("{{ {fields} }}")
    };
    let told = ask(&app, None, &free(6)).await.json();
    assert_eq!(told["extensions"]["price"]["refusal"]["extensions"]["code"], "PRICE_ABOVE_BURST", "{told}");
    let above = app.graphql(&free(6), json!({})).await;
    assert_eq!(above.code(), "PRICE_ABOVE_BURST", "{}", above.json());
    // Only the request itself was drawn, so what is left is enough for as much.
    let within = app
        .call_from(
            "192.0.2.9:1",
            Method::POST,
            "/graphql",
            &[("content-type", "application/json")],
            Some(json!({"query": free(5)}).to_string()),
        )
        .await;
    assert!(within.json()["data"].is_object(), "{}", within.json());
}
