//! What happened, on record: changes with the change itself, refusals counted and sampled.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use filmgate::service::accounts::{AccountDraft, KeyDraft, SignIn};
use filmgate::service::caller::Role;
use filmgate::service::caller::{Caller, Origin};
use rstest::rstest;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Server, Store, TestApp, Told, count};

const PASSWORD: &str = "correct horse battery";

/// An account of this role and a key of it.
async fn key(app: &TestApp, name: &str, role: Role) -> String {
    let accounts = app.service.accounts();
    let draft = AccountDraft { name: name.to_owned(), role, password: PASSWORD.into() };
    let account = accounts.create_account(&Caller::operator(), draft).await.expect("an account");
    let draft = KeyDraft { name: "test".to_owned(), role: None, expires_at: None, limits: None };
    let made = accounts.create_key(&Caller::operator(), account.id, draft).await.expect("a key");
    made.secret.expose_secret().to_owned()
}

async fn get(app: &TestApp, key: &str, path: &str) -> Answer {
    app.call(Method::GET, path, &[("x-api-key", key)], None).await
}

/// The events of a kind, the newest first.
async fn events(app: &TestApp, key: &str, event: &str) -> Vec<Value> {
    let path = format!("/v1/audit_events?event={event}&first=100");
    get(app, key, &path).await.expect(200).json()["auditEvents"].as_array().expect("events").clone()
}

/// How many refusals events stand for.
fn refused(events: &[Value]) -> u64 {
    let more = |event: &Value| {
        let words: Vec<&str> = event["detail"].as_str().unwrap_or_default().split_whitespace().collect();
        match words[..] {
            [.., more, "more"] => more.parse::<u64>().expect("a number"),
            _ => 0,
        }
    };
    events.iter().map(|event| more(event) + u64::from(!event["requestId"].is_null())).sum()
}

/// Until the database has so many rows.
async fn until(app: &TestApp, sql: &str, wanted: i64) {
    for _ in 0..200 {
        if app.count(sql).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{sql}: {} and never {wanted}", app.count(sql).await);
}

fn of(event: &str) -> String {
    format!("SELECT COUNT(*) FROM audit_event WHERE event = '{event}'")
}

const PAGE: &str = "query($first: Int, $after: String, $filter: AuditEventFilter) {
    auditEvents(first: $first, after: $after, filter: $filter) {
        edges { cursor node { id at event actor client surface requestId target detail } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
    }
}";
const ADD: &str = "mutation { addFilm(input: {name: \"N\", studio: \"S\"}) { id } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_sampled_and_their_sums_are_exact(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, "film=2/day", |config| {
        config.auth.anonymous_role = Some(Role::Viewer);
    })
    .await;
    let admin = key(&app, "anna", Role::Admin).await;
    let voter = key(&app, "bert", Role::Voter).await;

    // Rights: by both surfaces, from two clients, and by somebody who is known.
    for _ in 0..3 {
        app.post("/v1/films", json!({"name": "N", "studio": "S"})).await.expect(403);
        app.graphql(ADD, json!({})).await.expect(403);
    }
    let film = Some(r#"{"name":"N","studio":"S"}"#.to_owned());
    let headers = [("content-type", "application/json"), ("x-api-key", voter.as_str())];
    app.call(Method::POST, "/v1/films", &headers, film.clone()).await.expect(403);
    app.call_from("192.0.2.1:1", Method::POST, "/v1/films", &headers[..1], film).await.expect(403);
    // Quotas: two pass.
    for _ in 0..12 {
        app.get("/").await;
    }
    // Credentials.
    for credential in ["fg_no", "fg_never"] {
        get(&app, credential, "/").await.expect(401);
    }

    until(&app, &of("right_refused"), 4).await;
    until(&app, &of("quota_refused"), 1).await;
    until(&app, &of("credential_refused"), 1).await;
    let rights = events(&app, &admin, "right_refused").await;
    let by = |actor: &str, client: &str, surface: &str| {
        let is_it = |event: &&Value| {
            (&event["actor"], &event["client"], &event["surface"])
                == (&actor.into(), &client.into(), &surface.into())
        };
        rights.iter().find(is_it).unwrap_or_else(|| panic!("{actor} from {client} by {surface}: {rights:?}"))
    };
    by("anonymous", "127.0.0.1", "graphql");
    let first = by("anonymous", "127.0.0.1", "rest");
    assert!(
        first["detail"].as_str().is_some_and(|detail| detail.contains("needs the role editor")),
        "{first}"
    );
    assert!(first["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{first}");
    by("anonymous", "192.0.2.1", "rest");
    by("account bert", "127.0.0.1", "rest");
    assert_eq!(events(&app, &admin, "quota_refused").await[0]["detail"], "film-1d");

    // When the minute is over, the others are one more row.
    app.clock.advance(Duration::from_secs(61));
    until(&app, &of("right_refused"), 6).await;
    until(&app, &of("quota_refused"), 2).await;
    until(&app, &of("credential_refused"), 2).await;
    for (event, wanted) in [("right_refused", 8), ("quota_refused", 10), ("credential_refused", 2)] {
        let events = events(&app, &admin, event).await;
        assert_eq!(refused(&events), wanted, "{events:?}");
    }

    // And when the house closes, nothing that was counted is lost.
    for _ in 0..5 {
        app.get("/").await.expect(429);
    }
    app.service.close().await;
    assert_eq!(refused(&events(&app, &admin, "quota_refused").await), 15);
}

/// What is typed into the field of a name may be a password.
#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_passwords_is_counted_and_only_a_name_that_exists_is_kept() {
    let app = TestApp::new("").await;
    let admin = key(&app, "anna", Role::Admin).await;
    let guess = async |name: &str, password: &str| {
        let sign_in = SignIn { name: name.to_owned(), password: password.into() };
        let guesser = Caller::anonymous(Role::Viewer).by(Arc::new(Guesser));
        app.service.accounts().sign_in(&guesser, sign_in).await.expect_err("a refusal");
    };
    for password in ["one", "two", "three"] {
        guess("Anna", password).await;
    }
    guess("hunter2hunter2", "x").await;
    guess("another secret", "x").await;
    assert_eq!(app.count(&of("signed_in")).await, 0);
    app.service.close().await;
    let failed = events(&app, &admin, "sign_in_failed").await;
    let (anna, nobody): (Vec<Value>, Vec<Value>) =
        failed.into_iter().partition(|event| event["target"] == "account 1 (anna)");
    assert_eq!((refused(&anna), refused(&nobody)), (3, 2), "{anna:?} {nobody:?}");
    assert!(anna.len() <= 2 && nobody.len() <= 2, "not a row for each: {anna:?} {nobody:?}");
    assert!(
        nobody.iter().all(|event| event["target"].is_null() && event["client"] == "192.0.2.9"),
        "{nobody:?}"
    );
}

#[derive(Debug)]
struct Guesser;

impl Origin for Guesser {
    fn client(&self) -> IpAddr {
        "192.0.2.9".parse().expect("an address")
    }

    fn network(&self) -> IpAddr {
        self.client()
    }

    fn surface(&self) -> &'static str {
        "rest"
    }

    fn request_id(&self) -> String {
        "guess".to_owned()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn both_surfaces_read_the_same_and_only_to_admins(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, "browse=100/day").await;
    let admin = key(&app, "anna", Role::Admin).await;
    let editor = key(&app, "bert", Role::Editor).await;
    get(&app, &editor, "/v1/audit_events").await.expect_problem(403, "FORBIDDEN");
    app.get("/v1/audit_events").await.expect_problem(403, "FORBIDDEN");

    let graphql = async |query: &str, variables: Value| {
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/graphql-response+json"),
            ("x-api-key", admin.as_str()),
        ];
        let body = json!({"query": query, "variables": variables}).to_string();
        app.call(Method::POST, "/graphql", &headers, Some(body)).await
    };
    // Two accounts and two keys were made; page by page, the newest first, at both surfaces.
    let (mut after, mut seen) = (None::<String>, Vec::new());
    for page in 0..4 {
        let cursor = after.as_ref().map(|after| format!("&after={after}")).unwrap_or_default();
        let path = format!("/v1/audit_events?actor=operator&first=1{cursor}");
        let rest = get(&app, &admin, &path).await.expect(200).json();
        let variables = json!({"first": 1, "after": after, "filter": {"actor": "operator"}});
        let connection = graphql(PAGE, variables).await.expect(200).json()["data"]["auditEvents"].take();
        assert_eq!(rest["pageInfo"], connection["pageInfo"]);
        assert_eq!(rest["pageInfo"]["hasNextPage"], page < 3);
        assert_eq!((&rest["totalCount"], &connection["totalCount"]), (&json!(4), &json!(4)));
        let mut node = connection["edges"][0]["node"].clone();
        let id = node["id"].as_str().and_then(|id| id.strip_prefix("event:")).expect("an id");
        node["id"] = id.parse::<i64>().expect("digits").into();
        // REST writes them in small letters.
        for name in ["event", "surface"] {
            node[name] = node[name].as_str().expect("a value").to_lowercase().into();
        }
        assert_eq!(rest["auditEvents"][0], node);
        seen.push(node["event"].as_str().expect("an event").to_owned());
        after = rest["pageInfo"]["endCursor"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["key_created", "account_created", "key_created", "account_created"]);
    let made = &events(&app, &admin, "account_created").await[0];
    assert_eq!((&made["actor"], &made["surface"]), (&json!("operator"), &json!("command")));
    assert_eq!((&made["target"], &made["detail"]), (&json!("account 2 (bert)"), &json!("editor")));
    assert_eq!(made["at"], "2026-11-23T00:00:00.000Z");

    // By time: up to a moment, which is not among them.
    for (filter, wanted) in [
        ("since=2026-11-23T00:00:00Z", 4),
        ("since=2026-11-23T00:00:00.001Z", 0),
        ("until=2026-11-23T01:00:00%2B01:00", 0),
        ("until=2026-11-23T00:00:01Z", 4),
    ] {
        let page = get(&app, &admin, &format!("/v1/audit_events?actor=operator&{filter}")).await.expect(200);
        assert_eq!(page.json()["auditEvents"].as_array().map(Vec::len), Some(wanted), "{filter}");
        assert_eq!(page.json()["totalCount"], wanted, "{filter}");
    }
    // What is not of its form, and what makes no sense.
    for (query, status) in [
        ("since=yesterday", 400),
        ("colour=red", 400),
        ("first=x", 400),
        ("event=nothing", 400),
        ("actor=%00", 422),
        ("first=101", 422),
        ("first=-1", 422),
        ("after=x", 422),
        ("since=2026-11-24T00:00:00Z&until=2026-11-23T00:00:00Z", 422),
    ] {
        let answer = get(&app, &admin, &format!("/v1/audit_events?{query}")).await;
        answer.expect_problem(status, "INVALID_INPUT");
    }
    let unknown = get(&app, &admin, "/v1/audit_events?event=nothing").await.json();
    let told = unknown["detail"].as_str().expect("a text");
    assert!(told.contains("there are signed_in, ") && told.contains("film_changed"), "{told}");
    for (variables, code) in [
        (json!({"filter": {"since": "yesterday"}}), "GRAPHQL_VALIDATION_FAILED"),
        (json!({"filter": {"since": 5}}), "GRAPHQL_VALIDATION_FAILED"),
        (json!({"filter": {"event": "nothing"}}), "GRAPHQL_VALIDATION_FAILED"),
        (json!({"filter": {"event": "role_changed"}}), "GRAPHQL_VALIDATION_FAILED"),
        (json!({"after": "x"}), "INVALID_INPUT"),
        (json!({"first": 101}), "INVALID_INPUT"),
    ] {
        assert_eq!(graphql(PAGE, variables.clone()).await.code(), code, "{variables}");
    }
}

/// A server that stops has written what it counted, and what a socket was refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_loses_nothing() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("filmgate.db").display());
    let mut server = Server::start(folder.path(), &[("FILMGATE_HTTP__DRAIN_DELAY", "0")]);
    let client = reqwest::Client::new();
    for _ in 0..4 {
        let request = client.get(format!("{}/v1/films/1", server.url)).bearer_auth("nothing");
        assert_eq!(request.send().await.expect("an answer").status(), 401);
    }
    let mut socket = crate::support::Socket::open(server.address()).await;
    socket.say(json!({"type": "connection_init", "payload": {"Authorization": "Bearer nothing"}})).await;
    assert_eq!(socket.end().await.map(|(code, _)| code), Some(4403));
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(20)), Some(0));
    let told = Told::by(
        folder.path(),
        &url,
        &["audit", "list", "--event", "credential_refused", "--format", "json"],
    );
    let events: Vec<Value> = serde_json::from_str(&told.done()).expect("JSON");
    assert_eq!(refused(&events), 5, "{events:?}");
    // The log tells the same.
    let told = server.await_log(events.len(), |line| line["target"] == "filmgate::audit");
    assert_eq!(told.len(), events.len(), "{told:?}");
    assert_eq!(told[0]["event"], "credential_refused");
    assert_eq!(told[0]["client"], "127.0.0.1");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_one_event_and_a_dry_run_none(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let csv = "name,studio\nA,S\nB,S\nfrozen,disney\n,S\n";
    std::fs::write(here.join("films.csv"), csv).expect("a file");
    let import = ["import", "films.csv", "--on-error", "skip"];
    Told::by_empty(here, &url, &[&import[..], &["--dry-run"]].concat()).done();
    Told::by_empty(here, &url, &import).done();
    Told::by_empty(here, &url, &import).done();
    let list = |more: &[&str]| {
        Told::by(here, &url, &[&["audit", "list", "--event", "films_imported"], more].concat()).done()
    };
    let events: Vec<Value> = serde_json::from_str(&list(&["--format", "json"])).expect("JSON");
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["detail"], "3 added, 0 updated, 0 duplicates, 1 refused");
    assert_eq!((&events[0]["actor"], &events[0]["surface"]), (&json!("operator"), &json!("command")));
    let table = list(&[]);
    assert!(table.lines().count() == 2 && table.contains("3 added"), "{table}");
    assert_eq!(Told::by(here, &url, &["audit", "list", "--event", "nothing"]).code, Some(2));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn old_events_are_forgotten_in_small_steps(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, "", |config| config.audit.keep_days = 0).await;
    let rows = "INSERT INTO audit_event (at, event, actor, surface) \
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) \
                SELECT 0, 'signed_in', 'old', 'rest' FROM n";
    app.execute(rows).await;
    // A day and a minute old, and a day less a minute.
    let now = 1_795_392_000_000_i64;
    for (age, actor) in [(24 * 3_600 + 60, "older"), (24 * 3_600 - 60, "younger")] {
        let at = now - age * 1_000;
        let row = format!(
            "INSERT INTO audit_event (at, event, actor, surface) VALUES ({at}, 'signed_in', '{actor}', 'rest')"
        );
        app.execute(&row).await;
    }
    let all = "SELECT COUNT(*) FROM audit_event";
    assert_eq!(app.count(all).await, 1_202, "for ever");
    let beside = app.beside_with(|config| config.audit.keep_days = 1).await;
    until(&beside, all, 1).await;
    assert_eq!(count(&app.database_url, "SELECT COUNT(*) FROM audit_event WHERE actor = 'younger'").await, 1);
}
