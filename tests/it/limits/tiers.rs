//! Budgets by caller: who has signed in draws from their own, where a tier or a key has one.

use std::time::Duration;

use axum::http::Method;
use filmgate::clock::Clock as _;
use filmgate::config::{Config, VoterTier};
use filmgate::limits::{Bucket, Limiter, OwnLimits, Policies, Price, Tier, parse_policies};
use filmgate::quotas;
use filmgate::service::accounts::{AccountChange, KeyDraft};
use filmgate::service::caller::{Caller, Role};
use rstest::rstest;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::issuer::{AUDIENCE, Answer as Keys, ISSUER, JwksServer, SigningKey, claims};
use crate::support::{
    Answer, Live, ManualClock, PASSWORD, Redis, Server, Socket, Store, TestApp, Told, header_of, limits,
};

const HOME: &str = "192.0.2.1:1";
const OFFICE: &str = "198.51.100.7:1";
/// Of addresses.
const LIMITS: &str = "film=5/day; add_film=5/day; browse=5/day; login=5/day; flood=100/second";

/// Three films a day for voters.
fn tiered(config: &mut Config) {
    config.limits.tiers.voter = VoterTier { film: Some(policies("3/day")), ..VoterTier::default() };
}

fn policies(text: &str) -> Vec<filmgate::limits::Policy> {
    parse_policies(text).expect("policies")
}

async fn from(app: &TestApp, peer: &str, credential: Option<&str>, path: &str) -> Answer {
    let shown = credential.map(header_of);
    let headers: Vec<_> = shown.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.call_from(peer, Method::GET, path, &headers, None).await
}

async fn passing(app: &TestApp, peer: &str, credential: Option<&str>) -> usize {
    let mut count = 0;
    while from(app, peer, credential, "/").await.status == 200 {
        count += 1;
        assert!(count < 100, "no end");
    }
    count
}

/// Name and what is left of every window.
async fn told(app: &TestApp, peer: &str, credential: Option<&str>) -> Vec<(String, u64)> {
    let told = from(app, peer, credential, "/v1/rate_limit").await.expect(200).json();
    let window = |limit: &Value| {
        (limit["name"].as_str().expect("a name").to_owned(), limit["remaining"].as_u64().expect("a number"))
    };
    told["limits"].as_array().expect("limits").iter().map(window).collect()
}

async fn left(app: &TestApp, credential: &str, window: &str) -> u64 {
    let told = told(app, HOME, Some(credential)).await;
    told.iter().find(|(name, _)| name == window).unwrap_or_else(|| panic!("{window} in {told:?}")).1
}

async fn key_of(app: &TestApp, account: i64, role: Option<Role>, limits: Option<&str>) -> String {
    let limits = limits.map(|limits| limits.parse::<OwnLimits>().expect(limits).to_string());
    let draft = KeyDraft { name: "k".to_owned(), role, expires_at: None, limits };
    let new = app.service.accounts().create_key(&Caller::operator(), account, draft).await.expect("a key");
    new.secret.expose_secret().to_owned()
}

#[tokio::test]
async fn without_a_tier_nothing_but_the_address_counts() {
    let app = TestApp::new(LIMITS).await;
    let ada = app.account("ada", Role::Admin).await;
    let bob = app.account("bob", Role::Voter).await;
    let (session, key) = (app.session(ada).await, app.key(bob).await.1);
    let before = told(&app, HOME, None).await;
    for credential in [None, Some(session.as_str()), Some(key.as_str())] {
        from(&app, HOME, credential, "/").await.expect(200);
    }
    let headers = from(&app, HOME, Some(&session), "/").await.expect(200);
    assert_eq!(
        headers.header("ratelimit-policy"),
        "\"flood-1s\";q=100;w=1, \"film-1d\";q=5;w=86400",
        "named as ever"
    );
    for credential in [Some(session.as_str()), Some(key.as_str()), None] {
        let after = told(&app, HOME, credential).await;
        assert!(after.iter().zip(&before).all(|(after, before)| after.0 == before.0), "{after:?}");
        assert_eq!(after[0], ("film-1d".to_owned(), 1));
    }
    assert_eq!(passing(&app, HOME, Some(&key)).await, 1);
    assert_eq!(passing(&app, HOME, Some(&session)).await, 0);
    assert_eq!(passing(&app, OFFICE, Some(&session)).await, 5, "elsewhere, whoever it is");
}

#[rstest]
#[tokio::test]
async fn keys_and_sessions_of_an_account_exhaust_one_budget_and_two_accounts_have_two(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, LIMITS, tiered).await;
    let ada = app.account("ada", Role::Voter).await;
    let bob = app.account("bob", Role::Voter).await;
    // A key that allows less is of the same budget.
    let (first, second) = (app.key(ada).await.1, key_of(&app, ada, Some(Role::Viewer), None).await);
    let (session, other) = (app.session(ada).await, app.session(bob).await);
    from(&app, HOME, Some(&first), "/").await.expect(200);
    from(&app, OFFICE, Some(&second), "/").await.expect(200);
    from(&app, HOME, Some(&session), "/").await.expect(200);
    for (peer, credential) in [(HOME, &first), (OFFICE, &second), (HOME, &session)] {
        let refused = from(&app, peer, Some(credential), "/").await.expect_problem(429, "RATE_LIMITED");
        assert_eq!(refused.json()["violated-policies"], json!(["voter-film-1d"]));
    }
    assert_eq!(passing(&app, HOME, Some(&other)).await, 3, "another account behind the same address");
    assert_eq!(passing(&app, HOME, None).await, 5, "and who is behind it without one");
    assert_eq!(passing(&app, OFFICE, None).await, 5);
    app.clock.advance(Duration::from_hours(8));
    let session = app.session(ada).await;
    assert_eq!(passing(&app, HOME, Some(&session)).await, 1, "a third of a day is one of three");
}

#[tokio::test]
async fn every_answer_tells_the_tier_and_a_refusal_costs_nothing() {
    let app = TestApp::with(LIMITS, tiered).await;
    let ada = app.account("ada", Role::Voter).await;
    let session = app.session(ada).await;
    let answer = from(&app, HOME, Some(&session), "/").await.expect(200);
    let policy = "\"flood-1s\";q=100;w=1, \"voter-film-1d\";q=3;w=86400";
    assert_eq!(answer.header("ratelimit-policy"), policy);
    assert_eq!(answer.header("ratelimit"), "\"flood-1s\";r=99;t=1, \"voter-film-1d\";r=2;t=28800");
    let document = "{ rateLimit { limits { name tier bucket remaining } } }";
    let quotas = app.graphql_as(Some(&session), document, json!({})).await.expect(200).json();
    assert_eq!(
        quotas["data"]["rateLimit"]["limits"],
        json!([
            {"name": "voter-film-1d", "tier": "VOTER", "bucket": "FILM", "remaining": 2},
            {"name": "voter-add_film-1d", "tier": "VOTER", "bucket": "ADD_FILM", "remaining": 5},
            {"name": "voter-browse-1d", "tier": "VOTER", "bucket": "BROWSE", "remaining": 5},
            {"name": "voter-login-1d", "tier": "VOTER", "bucket": "LOGIN", "remaining": 5},
            {"name": "flood-1s", "tier": null, "bucket": "FLOOD", "remaining": 99},
        ])
    );
    let rest = app.get_as(&session, "/v1/rate_limit").await.expect(200).json();
    assert_eq!((&rest["limits"][0]["tier"], &rest["limits"][4]["tier"]), (&json!("voter"), &Value::Null));
    // Three in a document, of which two are left; and four, which no day holds.
    let likes = |count: usize| {
        let fields: String = (0..count).map(|n| format!("a{n}: like(id: {}) {{ id }} ", n + 1)).collect();
        format!("mutation {{ {fields} }}")
    };
    let both = "{ a: randomFilm { id } b: randomFilm { id } c: randomFilm { id } film(id: 1) { id } }";
    app.graphql_as(Some(&session), both, json!({})).await.expect(429);
    let above = app.graphql_as(Some(&session), &likes(4), json!({})).await.expect(422);
    assert_eq!(above.json()["errors"][0]["extensions"]["maxPrice"], 3);
    assert_eq!(left(&app, &session, "voter-film-1d").await, 2);
    assert_eq!(left(&app, &session, "voter-browse-1d").await, 5);
    app.graphql_as(Some(&session), &likes(2), json!({})).await.expect(200);
    let refused = from(&app, "127.0.0.1:1", Some(&session), "/").await.expect(429).json();
    assert!(refused["detail"].as_str().expect("a detail").contains("[limits.tiers.voter]"), "{refused}");
    // Who may not do it pays nothing either.
    app.call_as(Some(&session), Method::POST, "/v1/films", Some(json!({"name": "N", "studio": "S"})))
        .await
        .expect_problem(403, "FORBIDDEN");
    assert_eq!(left(&app, &session, "voter-add_film-1d").await, 5);
}

/// REST, GraphQL by POST and GET, a batch, event streams of both surfaces, and a socket: one budget.
#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_draws_from_the_account() {
    let live = Live::with(LIMITS, |config| {
        config.limits.tiers.voter.browse = Some(policies("8/day"));
    })
    .await;
    let app = &live.app;
    let ada = app.account("ada", Role::Voter).await;
    let session = app.session(ada).await;
    let window = "voter-browse-1d";
    app.get_as(&session, "/v1/films/1").await.expect(200);
    app.graphql_as(Some(&session), "{ film(id: 1) { id } }", json!({})).await.expect(200);
    app.get_as(&session, "/graphql?query=%7Bfilm(id:1)%7Bid%7D%7D").await.expect(200);
    assert_eq!(left(app, &session, window).await, 5);
    let batch = json!([{"query": "{ film(id: 1) { id } }"}, {"query": "{ film(id: 2) { id } }"}]);
    app.call_as(Some(&session), Method::POST, "/graphql", Some(batch)).await.expect(200);
    assert_eq!(left(app, &session, window).await, 3);
    let document = "subscription { filmAdded { id } }";
    let streams = [
        app.stream_as(Some(&session), Method::GET, "/v1/films/events?id=1", None).await,
        app.stream_as(Some(&session), Method::POST, "/graphql", Some(document)).await,
    ];
    assert!(streams.iter().all(|(answer, _)| answer.status == 200));
    assert_eq!(left(app, &session, window).await, 1);
    let mut socket = Socket::ready_as(live.address, &session).await;
    assert_eq!(socket.ask("{ film(id: 1) { id } }").await["type"], "next");
    let refused = socket.ask("{ film(id: 1) { id } }").await;
    assert_eq!(refused["payload"][0]["extensions"]["violated-policies"], json!([window]));
    app.get_as(&session, "/v1/films/1").await.expect_problem(429, "RATE_LIMITED");
    app.get("/v1/films/1").await.expect(200);
}

/// `flood` is the address's on every way, also what a document draws of it for its free fields.
#[tokio::test]
async fn flood_is_always_that_of_the_address() {
    let app = TestApp::with("film=5/day; flood=6/day", tiered).await;
    let ada = app.account("ada", Role::Voter).await;
    let session = app.session(ada).await;
    let free = "{ a: me { name } b: me { name } c: me { name } randomFilm { id } }";
    let answer = app.graphql_as(Some(&session), free, json!({})).await.expect(200);
    assert!(answer.header("ratelimit").starts_with("\"flood-1d\";r=3;"), "{}", answer.header("ratelimit"));
    let nobody = app.get("/v1/rate_limit").await.expect(200);
    assert!(nobody.header("ratelimit").starts_with("\"flood-1d\";r=2;"), "{}", nobody.header("ratelimit"));
    // One for the request, and one of two that it lacks.
    app.graphql_as(Some(&session), free, json!({})).await.expect(429);
    app.get_as(&session, "/").await.expect(200);
    app.get_as(&session, "/").await.expect_problem(429, "RATE_LIMITED");
    from(&app, OFFICE, Some(&session), "/").await.expect(200);
    // What the account refuses draws no more of it than the request itself.
    let headers = from(&app, OFFICE, Some(&session), "/v1/rate_limit").await.expect(200);
    assert!(headers.header("ratelimit").starts_with("\"flood-1d\";r=4;"));
    let (name, value) = header_of(&session);
    let all = free.replace("randomFilm { id }", "d: randomFilm { id } e: randomFilm { id }");
    let body = json!({ "query": all }).to_string();
    let headers = [("content-type", "application/json"), (name, value.as_str())];
    let refused = app.call_from(OFFICE, Method::POST, "/graphql", &headers, Some(body)).await.expect(429);
    assert!(refused.header("ratelimit").starts_with("\"flood-1d\";r=3;"), "{}", refused.header("ratelimit"));
}

#[tokio::test]
async fn a_wrong_credential_and_a_role_without_a_tier_draw_from_no_account() {
    let app = TestApp::with(LIMITS, tiered).await;
    let ada = app.account("ada", Role::Voter).await;
    let gone = app.key(ada).await;
    let key = app.key(ada).await.1;
    app.service.accounts().revoke_key(&Caller::operator(), gone.0).await.expect("revoked");
    let mut forged = key.clone();
    let last = if forged.pop() == Some('a') { 'b' } else { 'a' };
    forged.push(last);
    for credential in [gone.1.as_str(), &forged, "a.b.c"] {
        for _ in 0..5 {
            from(&app, HOME, Some(credential), "/").await.expect_problem(401, "UNAUTHENTICATED");
        }
    }
    assert_eq!(left(&app, &key, "voter-film-1d").await, 3);
    assert_eq!(told(&app, HOME, None).await[0], ("film-1d".to_owned(), 5));
    for role in [Role::Viewer, Role::Editor, Role::Admin] {
        let account = app.account(&role.to_string(), role).await;
        let session = app.session(account).await;
        assert_eq!(told(&app, HOME, Some(&session)).await[0].0, "film-1d", "{role}");
    }
    let before = told(&app, HOME, None).await[0].1;
    let admin = app.account("root", Role::Admin).await;
    let session = app.session(admin).await;
    from(&app, HOME, Some(&session), "/").await.expect(200);
    assert_eq!(told(&app, HOME, None).await[0].1, before - 1);
    // With another role comes another budget.
    let change = AccountChange { role: Some(Role::Voter), ..AccountChange::default() };
    app.account("another", Role::Admin).await;
    app.service.accounts().update_account(&Caller::operator(), admin, change).await.expect("lowered");
    assert_eq!(passing(&app, HOME, Some(&session)).await, 3);
}

/// Else each account or token that an attacker has would be as many passwords more to try.
#[tokio::test]
async fn who_tries_a_password_of_somebody_pays_by_address_whoever_they_are() {
    let app = TestApp::with("film=5/day; browse=5/day; login=3/day", |config| {
        config.limits.tiers.voter.login = Some(policies("2/day"));
    })
    .await;
    let ada = app.account("ada", Role::Voter).await;
    app.account("bob", Role::Voter).await;
    let session = app.session(ada).await;
    let attempt =
        "mutation { like(id: 1) { id } signIn(input: {name: \"bob\", password: \"guessed it?\"}) { token } }";
    app.graphql_as(Some(&session), attempt, json!({})).await.expect(200);
    let guess = json!({"name": "bob", "password": "guessed it?"});
    app.call_as(Some(&session), Method::POST, "/v1/session", Some(guess)).await.expect(401);
    assert_eq!((app.left("login-1d").await, app.left("film-1d").await), (1, 4));
    assert_eq!(left(&app, &session, "voter-login-1d").await, 2);
    assert_eq!(left(&app, &session, "voter-film-1d").await, 5);
    // One's own password is one's own affair.
    let change = json!({"currentPassword": "not this one", "newPassword": PASSWORD});
    app.call_as(Some(&session), Method::PUT, "/v1/me/password", Some(change)).await.expect(422);
    assert_eq!((app.left("login-1d").await, left(&app, &session, "voter-login-1d").await), (1, 1));
}

#[tokio::test]
async fn a_subject_of_an_issuer_has_the_tier_of_its_role_after_the_cap() {
    let key = SigningKey::ed25519();
    let keys = JwksServer::start(Keys::Keys(vec![key.jwk("ed")])).await;
    let app = TestApp::with(LIMITS, |config| {
        config.auth.jwt.issuer = Some(ISSUER.to_owned());
        config.auth.jwt.audience = vec![AUDIENCE.to_owned()];
        config.auth.jwt.jwks = Some(keys.url());
        config.limits.tiers.voter.film = Some(policies("3/day"));
        config.limits.tiers.editor.film = Some(policies("4/day"));
        config.limits.tiers.admin.film = Some(policies("9/day"));
    })
    .await;
    let token = |subject: &str, role: &str, id: u32| {
        let mut claims = claims();
        claims["sub"] = subject.into();
        claims["role"] = role.into();
        claims["jti"] = id.into();
        key.token("EdDSA", "ed", &claims)
    };
    // Two tokens of one subject, from two addresses.
    from(&app, HOME, Some(&token("alice", "voter", 1)), "/").await.expect(200);
    from(&app, OFFICE, Some(&token("alice", "voter", 2)), "/").await.expect(200);
    assert_eq!(passing(&app, HOME, Some(&token("alice", "voter", 3))).await, 1);
    assert_eq!(passing(&app, HOME, Some(&token("bert", "voter", 1))).await, 3);
    let bert = format!("subject bert of {ISSUER}");
    let shown = quotas::show(&app.limiter, app.service.accounts(), &bert).await.expect("quotas");
    assert_eq!(
        shown.iter().map(|quota| quota.tier.as_deref()).collect::<Vec<_>>(),
        ["voter", "editor", "admin"].map(Some)
    );
    assert_eq!(shown.iter().map(|quota| quota.limits[0].remaining).collect::<Vec<_>>(), [0, 4, 9]);
    quotas::clear(&app.limiter, app.service.accounts(), &bert).await.expect("cleared");
    assert_eq!(passing(&app, HOME, Some(&token("bert", "voter", 2))).await, 3);
    // `auth.jwt.max_role` is editor.
    assert_eq!(passing(&app, HOME, Some(&token("carla", "admin", 1))).await, 4);
    assert_eq!(passing(&app, HOME, Some(&token("carla", "editor", 2))).await, 0);
    assert_eq!(passing(&app, HOME, Some(&token("dora", "viewer", 1))).await, 5, "by address");
}

#[rstest]
#[tokio::test]
async fn a_key_can_have_limits_of_its_own_by_an_admin_alone(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, LIMITS, tiered).await;
    let root = app.account("root", Role::Admin).await;
    let ada = app.account("ada", Role::Voter).await;
    let (admin, voter) = (app.session(root).await, app.session(ada).await);
    let body = json!({"name": "k", "limits": "browse = 2 per day; film=6/day"});
    let path = format!("/v1/keys?account={ada}");
    let made = app.call_as(Some(&admin), Method::POST, &path, Some(body.clone())).await.expect(201).json();
    assert_eq!(made["apiKey"]["limits"], "film=6/day, browse=2/day");
    let document = format!(
        "mutation {{ createKey(account: {ada}, input: {{name: \"g\", limits: \"film=7/day\"}}) {{ key apiKey {{ limits }} }} }}"
    );
    let other = app.graphql_as(Some(&admin), &document, json!({})).await.expect(200).json();
    assert_eq!(other["data"]["createKey"]["apiKey"]["limits"], "film=7/day");
    for answer in [
        app.call_as(Some(&voter), Method::POST, "/v1/keys", Some(body)).await,
        app.graphql_as(Some(&voter), &document, json!({})).await,
    ] {
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "FORBIDDEN"));
    }
    assert_eq!(left(&app, &voter, "voter-browse-1d").await, 5, "free of charge");
    let listed = app.get_as(&voter, "/v1/keys").await.expect(200).json();
    assert_eq!(listed["keys"][1]["limits"], "film=6/day, browse=2/day", "and its owner sees it");
    for wrong in ["6/day", "films=6/day", "flood=6/day", "film=6/fortnight", "film=6/day, 7/day", ""] {
        let body = json!({"name": "k", "limits": wrong});
        app.clock.advance(Duration::from_hours(24));
        let admin = app.session(root).await;
        let rest = app.call_as(Some(&admin), Method::POST, &path, Some(body)).await;
        let rest = rest.expect_problem(422, "INVALID_INPUT").json();
        let document = format!(
            "mutation {{ createKey(account: {ada}, input: {{name: \"g\", limits: \"{wrong}\"}}) {{ key }} }}"
        );
        let graphql = app.graphql_as(Some(&admin), &document, json!({})).await.expect(200).json();
        assert_eq!(rest["fields"], graphql["errors"][0]["extensions"]["fields"], "{wrong}");
        assert_eq!(rest["fields"][0]["pointer"], "/limits");
    }
    let (key, other) = (made["key"].as_str().expect("a key"), &other["data"]["createKey"]["key"]);
    let other = other.as_str().expect("a key");
    let voter = app.session(ada).await;
    let answer = from(&app, HOME, Some(key), "/").await.expect(200);
    assert!(answer.header("ratelimit-policy").ends_with("\"key-film-1d\";q=6;w=86400"));
    assert_eq!(passing(&app, OFFICE, Some(key)).await, 5);
    assert_eq!(passing(&app, HOME, Some(other)).await, 7, "another key of the account");
    assert_eq!(passing(&app, HOME, Some(&voter)).await, 3, "the account itself");
    // What it does not name has the policies of the account, counted for the key.
    let of_key = told(&app, HOME, Some(key)).await;
    for window in [("key-add_film-1d", 5), ("key-browse-1d", 2), ("key-login-1d", 5)] {
        assert!(of_key.contains(&(window.0.to_owned(), window.1)), "{window:?} in {of_key:?}");
    }
    let tiers = app.get_as(key, "/v1/rate_limit").await.expect(200).json();
    assert_eq!((&tiers["limits"][0]["tier"], &tiers["limits"][4]["tier"]), (&json!("key"), &Value::Null));
    // The same for the next server on this database, also where no tier is configured.
    let beside = app.beside(LIMITS).await;
    assert_eq!(passing(&beside, HOME, Some(key)).await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_with_limits_are_made_and_listed_on_the_command_line() {
    let app = TestApp::new(LIMITS).await;
    app.account("ada", Role::Voter).await;
    let folder = TempDir::new().expect("a folder");
    let filmgate = |arguments: &[&str]| Told::by(folder.path(), &app.database_url, arguments);
    let made = filmgate(&["key", "create", "ada", "--name", "n", "--limits", "film=20/second;browse=2/day"]);
    assert!(made.errors.contains("with film=20/second, browse=2/day"), "{}", made.errors);
    let listed: Value =
        serde_json::from_str(&filmgate(&["key", "list", "--format", "json"]).done()).expect("JSON");
    assert_eq!(listed[0]["limits"], "film=20/second, browse=2/day");
    assert!(filmgate(&["key", "list"]).done().contains("film=20/second, browse=2/day"));
    let wrong = filmgate(&["key", "create", "ada", "--name", "n", "--limits", "20/second"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.errors.contains("has no bucket"), "{}", wrong.errors);
    assert_eq!(told(&app, HOME, Some(made.output.trim())).await[0], ("key-film-1s".to_owned(), 20));
}

fn of(text: &str) -> Policies {
    Policies { flood: Vec::new(), ..limits(text).policies() }
}

fn limiter(voter: Option<&str>, clock: &ManualClock) -> Limiter {
    let tiers = voter.map(|policies| (Tier::Voter, of(policies)));
    let limiter =
        Limiter::new(true, &limits("film=5/day").policies(), 100, std::sync::Arc::new(clock.clone()));
    limiter.with_tiers(tiers)
}

fn draws(limiter: &Limiter, who: &str, own: Option<(i64, &str)>) -> usize {
    let budget = limiter.budget(Some(Tier::Voter), || Some(who.to_owned()), own).expect("a budget");
    let film = Price::of(Bucket::Film, 1);
    (0..100).take_while(|_| limiter.charge(budget.clone(), &film).is_ok()).count()
}

/// Those of accounts and of keys, each by the windows that it has now.
#[test]
fn budgets_of_accounts_survive_a_restart() {
    let (folder, clock) = (TempDir::new().expect("a folder"), ManualClock::new());
    let file = folder.path().join("films.db-limits");
    let own = Some((7, "film=4/day, browse=1/day"));
    let before = limiter(Some("film=3/day; browse=9/day"), &clock);
    assert_eq!((draws(&before, "account 1", None), draws(&before, "account 2", own)), (3, 4));
    for (voter, account, key) in [
        (Some("film=3/day; browse=9/day"), 0, 0),
        (Some("add_film=1/second; browse=8/day; film=3/day"), 0, 0),
        (Some("film=2/day"), 2, 0),
        (Some("film=3/2 days"), 3, 0),
    ] {
        assert_eq!(before.keep(&file, clock.now()).expect("a file"), 2);
        let after = limiter(voter, &clock);
        assert_eq!(after.take_back(&file).expect("a file"), 2 - usize::from(account > 0), "{voter:?}");
        assert_eq!(
            (draws(&after, "account 1", None), draws(&after, "account 2", own)),
            (account, key),
            "{voter:?}"
        );
        assert_eq!(draws(&after, "account 3", None), draws(&limiter(voter, &clock), "account 3", None));
        assert_eq!(draws(&after, "", Some((8, "film=4/day"))), 4, "another key");
    }
    before.keep(&file, clock.now()).expect("a file");
    let without = limiter(None, &clock);
    assert_eq!(without.take_back(&file).expect("a file"), 1, "that of the key, which needs no tier");
    assert!(without.budget(Some(Tier::Voter), || Some("account 1".to_owned()), None).is_none());
}

/// Into a limiter with other policies, as a reload makes one; whoever is still asked by the one before draws from the same.
#[test]
fn budgets_of_accounts_go_over_to_the_limiter_of_a_reload() {
    const LONG: &str = "film=3/day, 7/2 days, 9/3 days, 10/4 days, 11/5 days, 12/6 days; browse=8/day, 9/2 days, 9/3 days, 9/4 days, 9/5 days, 9/6 days";
    let clock = ManualClock::new();
    let own = Some((7, "film=4/day, browse=1/day"));
    for (voter, account, key) in [
        (Some("film=3/day; browse=9/day"), 0, 0),
        (Some("add_film=1/second; browse=8/day; film=3/day"), 0, 0),
        (Some(LONG), 0, 0),
        (Some("film=2/day"), 2, 0),
        (Some("film=3/2 days"), 3, 0),
    ] {
        let before = limiter(Some("film=3/day; browse=9/day"), &clock);
        let budget =
            before.budget(Some(Tier::Voter), || Some("account 1".to_owned()), None).expect("a budget");
        assert_eq!((draws(&before, "account 1", None), draws(&before, "account 2", own)), (3, 4));
        let after = limiter(voter, &clock).succeed(&before);
        assert_eq!(draws(&after, "account 1", None), account, "{voter:?}");
        assert_eq!(draws(&after, "account 2", own), key, "{voter:?}");
        if account == 0 {
            // A request that came before.
            before.charge(budget, &Price::of(Bucket::Film, 1)).expect_err("nothing is left");
        }
        let last = limiter(Some("film=3/day"), &clock).succeed(&after);
        assert_eq!(draws(&last, "account 1", None), if account == 0 { 0 } else { 3 }, "{voter:?}");
        assert_eq!(draws(&last, "account 3", None), 3);
    }
}

/// What the running server tells an operator, who may ask it about anybody.
#[tokio::test]
async fn in_memory_the_server_tells_how_anybody_stands_and_clears_it() {
    let app = TestApp::with(LIMITS, tiered).await;
    let ada = app.account("ada", Role::Voter).await;
    app.account("viewer", Role::Viewer).await;
    let (session, key) = (app.session(ada).await, key_of(&app, ada, None, Some("film=4/day")).await);
    for credential in [None, Some(session.as_str()), Some(&key), Some(&key)] {
        from(&app, HOME, credential, "/").await.expect(200);
    }
    app.sign_in_from("192.0.2.1", "ada", "not the one").await.expect(401);
    let accounts = app.service.accounts();
    let show = async |whom: &str| {
        let shown = quotas::show(&app.limiter, accounts, whom).await.expect(whom);
        serde_json::to_value(shown).expect("JSON")
    };
    let used = |shown: &Value| -> Vec<String> {
        let used = |limit: &&Value| limit["remaining"] != limit["quota"];
        let all = shown
            .as_array()
            .expect("quotas")
            .iter()
            .flat_map(|one| one["limits"].as_array().expect("limits"));
        all.filter(used).map(|limit| format!("{} {}", limit["name"], limit["remaining"])).collect()
    };
    let account = show("ada").await;
    assert_eq!(account[0]["whose"], format!("account {ada} (ada)"));
    assert_eq!(used(&account), ["\"voter-film-1d\" 2", "\"key-film-1d\" 2", "\"login-1d\" 4"]);
    let address = show("192.0.2.1").await;
    assert_eq!(used(&address), ["\"film-1d\" 4", "\"login-1d\" 4", "\"flood-1s\" 95"]);
    assert_eq!(show("::ffff:192.0.2.1").await, address);
    assert_eq!(show("account Ada").await, account, "as the log names them");
    assert_eq!(used(&show("2001:db8::1").await), [""; 0]);
    let viewer = show("viewer").await;
    assert_eq!((viewer[0]["limits"].as_array().map(Vec::len), &viewer[0]["tier"]), (Some(0), &Value::Null));
    assert!(matches!(quotas::show(&app.limiter, accounts, "nobody").await, Err(quotas::Failure::Nobody(_))));
    let cleared = quotas::clear(&app.limiter, accounts, "ada").await.expect("cleared");
    assert_eq!(cleared.cleared.len(), 3, "{cleared:?}");
    assert_eq!(used(&show("ada").await), [""; 0]);
    assert_eq!(used(&show("192.0.2.1").await).len(), 3, "and nobody else");
    assert_eq!((passing(&app, HOME, Some(&session)).await, passing(&app, HOME, Some(&key)).await), (3, 4));
}

/// Two servers and an operator over one Redis.
#[tokio::test(flavor = "multi_thread")]
async fn in_redis_an_account_has_one_budget_which_an_operator_sees_and_clears() {
    let Some(redis) = Redis::shared() else { return };
    let (database, url) = (Redis::database(), |database| redis.url(database));
    let storage = |config: &mut Config| {
        config.limits.storage = url(database).into();
        config.limits.storage_timeout = 10_000;
        tiered(config);
    };
    let app = TestApp::with(LIMITS, storage).await;
    let beside = {
        let folder = app.database_url.clone();
        TestApp::with(LIMITS, |config| {
            storage(config);
            config.database_url = folder.into();
        })
        .await
    };
    let ada = app.account("ada", Role::Voter).await;
    let (session, limited) = (app.session(ada).await, key_of(&app, ada, None, Some("film=4/day")).await);
    for app in [&app, &beside] {
        from(app, HOME, Some(&session), "/").await.expect(200);
        from(app, HOME, Some(&limited), "/").await.expect(200);
    }
    assert_eq!(
        (passing(&app, HOME, Some(&session)).await, passing(&beside, HOME, Some(&session)).await),
        (1, 0)
    );
    from(&app, HOME, None, "/").await.expect(200);
    app.sign_in_from("192.0.2.9", "ada", "not the one").await.expect(401);

    let folder = TempDir::new().expect("a folder");
    let storage = redis.url(database);
    let variables = [
        ("FILMGATE_DATABASE_URL", app.database_url.as_str()),
        ("FILMGATE_LIMITS__STORAGE", &storage),
        ("FILMGATE_LIMITS__TIERS__VOTER__FILM", "3/day"),
        ("FILMGATE_LIMITS__FILM", "5/day"),
        ("FILMGATE_LIMITS__LOGIN", "5/day"),
    ];
    let filmgate = |arguments: &[&str]| Told::of(Server::output(folder.path(), arguments, &variables));
    let shown = |whom: &str| -> Value {
        serde_json::from_str(&filmgate(&["limits", "show", whom, "--format", "json"]).done()).expect("JSON")
    };
    let remaining = |shown: &Value, quota: usize, window: &str| {
        let limits = shown[quota]["limits"].as_array().expect("limits").clone();
        limits.iter().find(|limit| limit["name"] == window).map(|limit| limit["remaining"].clone())
    };
    let account = shown("ada");
    assert_eq!((&account[0]["tier"], &account[1]["tier"]), (&json!("voter"), &json!("key")), "{account}");
    assert_eq!(remaining(&account, 0, "voter-film-1d"), Some(json!(0)));
    assert_eq!(remaining(&account, 1, "key-film-1d"), Some(json!(2)));
    assert_eq!(remaining(&account, 2, "login-1d"), Some(json!(4)), "{account}");
    let address = shown("192.0.2.1");
    assert_eq!(remaining(&address, 0, "film-1d"), Some(json!(4)));
    assert_eq!(remaining(&address, 0, "flood-1s"), None, "each server's own");
    for whom in [" 192.0.2.1", "address 192.0.2.1"] {
        assert_eq!(shown(whom), address);
    }
    assert_eq!(shown("2001:db8::/64"), shown("2001:db8::5"), "as it is printed");
    filmgate(&["limits", "show", "subject  of "]).failed(1, &["neither an address"]);
    let text = filmgate(&["limits", "show", "ADA"]).done();
    assert!(text.contains("0 of 3") && text.contains("attempts to sign in as ada"), "{text}");
    filmgate(&["limits", "show", "nobody"]).failed(1, &["nobody", "neither an address"]);

    assert!(filmgate(&["limits", "clear", "ada"]).done().contains("starts full"));
    assert_eq!(remaining(&shown("ada"), 2, "login-1d"), Some(json!(5)));
    assert_eq!(passing(&beside, HOME, Some(&session)).await, 3);
    assert_eq!(passing(&app, HOME, Some(&limited)).await, 4);
    filmgate(&["limits", "clear", "192.0.2.1"]).done();
    assert_eq!(passing(&app, HOME, None).await, 5);

    // In memory the server is asked, at its second listener.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
    let listen = port.to_string();
    let here =
        [("FILMGATE_ADMIN__LISTEN", listen.as_str()), ("FILMGATE_LIMITS__TIERS__VOTER__FILM", "3/day")];
    let server = Server::start(folder.path(), &here);
    let asked = |arguments: &[&str]| Told::of(Server::output(folder.path(), arguments, &here));
    assert_eq!(reqwest::get(&server.url).await.expect("an answer").status(), 200);
    let own = asked(&["limits", "show", "127.0.0.1"]).done();
    assert!(own.contains("199 of 200"), "{own}");
    asked(&["limits", "show", "nobody"]).failed(1, &["neither an address"]);
    assert!(asked(&["limits", "clear", "127.0.0.1"]).done().contains("address 127.0.0.1 starts full"));
    assert!(asked(&["limits", "show", "127.0.0.1"]).done().contains("200 of 200"));

    let on_memory = Told::by(folder.path(), &app.database_url, &["limits", "show", "ada"]);
    on_memory.failed(1, &["memory://", "running server"]);
    let gone = [("FILMGATE_LIMITS__STORAGE", "redis://127.0.0.1:1"), variables[0]];
    Told::of(Server::output(folder.path(), &["limits", "show", "ada"], &gone))
        .failed(1, &["Redis does not count", "Connection refused", "limits.storage"]);
    let refused = redis.url(0).replace("redis://", "redis://nobody:wrong@");
    let refused = [("FILMGATE_LIMITS__STORAGE", refused.as_str()), variables[0]];
    Told::of(Server::output(folder.path(), &["limits", "show", "ada"], &refused))
        .failed(1, &["Redis does not count", "authentication"]);
}
