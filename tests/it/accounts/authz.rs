//! Who may do what: every operation of both surfaces has a row, and a missing row fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use filmgate::server::Stop;
use filmgate::service::FilmService;
use filmgate::service::accounts::{AccountChange, AccountDraft, KeyDraft};
use filmgate::service::action::Action;
use filmgate::service::audit::AuditFilter;
use filmgate::service::caller::{Caller, Credential, Identity};
use filmgate::service::database::{self, Database};
use filmgate::service::films::remove::remove_film;
use filmgate::service::films::service::Settings;
use filmgate::service::films::types::{FilmDraft, FilmId};
use filmgate::service::films::update::FilmChange;
use filmgate::service::import::batch::Import;
use filmgate::service::import::types::{self as import, OnDuplicate, OnError};
use filmgate::service::page::PageRequest;
use filmgate::service::policy::authorize;
use filmgate::service::role::Role;
use filmgate::service::votes::types::{Opinion, Vote};
use filmgate::{graphql, rest};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rstest::rstest;
use serde_json::{Value, json};
use strum::VariantArray as _;

use crate::support::{Live, ManualClock, PASSWORD, Socket, TestApp, limits};

/// An operation by both surfaces, and who may. In its texts, `@N` is a new number, `@FILM` the id of a film that is there,
/// `@KEY` that of a key of the caller's, and `@ACCOUNT` that of somebody's account.
struct Row {
    rest: (&'static str, &'static str),
    path: &'static str,
    body: Option<&'static str>,
    graphql: Option<(&'static str, &'static str)>,
    who: Who,
}

/// Who may: the least role, and as whom.
#[derive(Debug, Clone, Copy)]
enum Who {
    Anybody(Role),
    SignedIn(Role),
    Session,
    SessionOrAdmin,
}

const VIEWER: Who = Who::Anybody(Role::Viewer);
const VOTER: Who = Who::Anybody(Role::Voter);
const EDITOR: Who = Who::Anybody(Role::Editor);
const ADMIN: Who = Who::Anybody(Role::Admin);

/// Answers that do not end by themselves.
const EVENTS: &str = "/v1/films/events";

const fn row(
    rest: (&'static str, &'static str),
    path: &'static str,
    body: Option<&'static str>,
    graphql: Option<(&'static str, &'static str)>,
    who: Who,
) -> Row {
    Row { rest, path, body, graphql, who }
}

const ROWS: [Row; 30] = [
    row(("get", "/"), "/", None, Some(("randomFilm", "{ randomFilm { id } }")), VIEWER),
    row(("get", "/"), "/?like=1", None, None, VOTER),
    row(("get", "/v1/films/random"), "/v1/films/random", None, None, VIEWER),
    row(("get", "/v1/films"), "/v1/films", None, Some(("films", "{ films { edges { cursor } } }")), VIEWER),
    row(("get", "/v1/films/{id}"), "/v1/films/1", None, Some(("film", "{ film(id: 1) { id } }")), VIEWER),
    row(
        ("get", EVENTS),
        "/v1/films/events?id=1",
        None,
        Some(("filmVoted", "subscription { filmVoted(id: 1) { id } }")),
        VIEWER,
    ),
    row(("get", EVENTS), EVENTS, None, Some(("filmAdded", "subscription { filmAdded { id } }")), VIEWER),
    row(
        ("get", "/v1/rate_limit"),
        "/v1/rate_limit",
        None,
        Some(("rateLimit", "{ rateLimit { limits { name } } }")),
        VIEWER,
    ),
    row(
        ("get", "/v1/audit_events"),
        "/v1/audit_events",
        None,
        Some(("auditEvents", "{ auditEvents { edges { cursor } } }")),
        ADMIN,
    ),
    row(
        ("post", "/v1/films/{id}/like"),
        "/v1/films/1/like",
        None,
        Some(("like", "mutation { like(id: 1) { id } }")),
        VOTER,
    ),
    row(
        ("post", "/v1/films/{id}/dislike"),
        "/v1/films/1/dislike",
        None,
        Some(("dislike", "mutation { dislike(id: 1) { id } }")),
        VOTER,
    ),
    row(
        ("post", "/v1/films"),
        "/v1/films",
        Some(r#"{"name":"N@N","studio":"S"}"#),
        Some(("addFilm", r#"mutation { addFilm(input: {name: "N@N", studio: "S"}) { id } }"#)),
        EDITOR,
    ),
    row(("post", "/add_film"), "/add_film", Some(r#"{"name":"N@N","studio":"S"}"#), None, EDITOR),
    row(("get", "/health/live"), "/health/live", None, None, VIEWER),
    row(("get", "/health/ready"), "/health/ready", None, None, VIEWER),
    // Documented as 200, whoever asks: it adds nothing.
    row(("head", "/add_film"), "/add_film", None, None, VIEWER),
    row(
        ("delete", "/v1/films/{id}/vote"),
        "/v1/films/1/vote",
        None,
        Some(("removeVote", "mutation { removeVote(id: 1) { id } }")),
        Who::SignedIn(Role::Voter),
    ),
    row(
        ("patch", "/v1/films/{id}"),
        "/v1/films/2",
        Some(r#"{"name":"N@N"}"#),
        Some(("updateFilm", r#"mutation { updateFilm(id: 2, input: {name: "N@N"}) { id } }"#)),
        ADMIN,
    ),
    row(
        ("delete", "/v1/films/{id}"),
        "/v1/films/@FILM",
        None,
        Some(("removeFilm", "mutation { removeFilm(id: @FILM) { id } }")),
        ADMIN,
    ),
    row(("get", "/v1/me"), "/v1/me", None, Some(("me", "{ me { role } }")), VIEWER),
    row(
        ("post", "/v1/session"),
        "/v1/session",
        Some(r#"{"name":"viewer","password":"correct horse battery"}"#),
        Some((
            "signIn",
            r#"mutation { signIn(input: {name: "viewer", password: "correct horse battery"}) { token } }"#,
        )),
        VIEWER,
    ),
    row(
        ("delete", "/v1/session"),
        "/v1/session",
        None,
        Some(("signOut", "mutation { signOut }")),
        Who::Session,
    ),
    row(
        ("put", "/v1/me/password"),
        "/v1/me/password",
        Some(r#"{"currentPassword":"correct horse battery","newPassword":"correct horse battery"}"#),
        Some((
            "changePassword",
            r#"mutation { changePassword(input: {
                currentPassword: "correct horse battery", newPassword: "correct horse battery"
            }) }"#,
        )),
        Who::Session,
    ),
    row(("get", "/v1/accounts"), "/v1/accounts", None, Some(("accounts", "{ accounts { id } }")), ADMIN),
    row(
        ("get", "/v1/accounts/{id}"),
        "/v1/accounts/@ACCOUNT",
        None,
        Some(("account", "{ account(id: @ACCOUNT) { id } }")),
        ADMIN,
    ),
    row(
        ("post", "/v1/accounts"),
        "/v1/accounts",
        Some(r#"{"name":"n@N","role":"viewer","password":"correct horse battery"}"#),
        Some((
            "createAccount",
            r#"mutation { createAccount(input: {
                name: "n@N", role: VIEWER, password: "correct horse battery"
            }) { id } }"#,
        )),
        ADMIN,
    ),
    row(
        ("patch", "/v1/accounts/{id}"),
        "/v1/accounts/@ACCOUNT",
        Some(r#"{"role":"voter"}"#),
        Some(("updateAccount", "mutation { updateAccount(id: @ACCOUNT, input: {role: VOTER}) { id } }")),
        ADMIN,
    ),
    row(("get", "/v1/keys"), "/v1/keys", None, Some(("keys", "{ keys { id } }")), Who::SessionOrAdmin),
    row(
        ("post", "/v1/keys"),
        "/v1/keys",
        Some(r#"{"name":"k"}"#),
        Some(("createKey", r#"mutation { createKey(input: {name: "k"}) { key } }"#)),
        Who::SessionOrAdmin,
    ),
    row(
        ("delete", "/v1/keys/{id}"),
        "/v1/keys/@KEY",
        None,
        Some(("revokeKey", "mutation { revokeKey(id: @KEY) { id } }")),
        Who::SessionOrAdmin,
    ),
];

/// By what a caller is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Nothing,
    Session,
    Key,
}

/// 200, 401 or 403.
fn expected(who: Who, role: Role, by: By) -> u16 {
    match who {
        Who::SignedIn(_) if by == By::Nothing => 401,
        Who::Anybody(least) | Who::SignedIn(least) if role >= least => 200,
        Who::Anybody(_) | Who::SignedIn(_) => 403,
        Who::Session | Who::SessionOrAdmin if by == By::Session => 200,
        Who::SessionOrAdmin if role == Role::Admin => 200,
        Who::Session | Who::SessionOrAdmin => 401,
    }
}

/// Somebody who plays the table.
struct Player<'a> {
    live: &'a Live,
    by: By,
    account: i64,
    somebody: i64,
    key: &'a str,
}

impl Player<'_> {
    /// A credential, `None` without one: a session is a new one, since a row may end it. And what fills a text of the row.
    async fn begin(&self, row: &Row) -> (Option<String>, impl Fn(&str) -> String) {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        static FILM: AtomicU64 = AtomicU64::new(100);
        let app = &self.live.app;
        let credential = match self.by {
            By::Nothing => None,
            By::Session => Some(app.session(self.account).await),
            By::Key => Some(self.key.to_owned()),
        };
        let key = if row.path.contains("@KEY") { app.key(self.account).await.0 } else { 0 };
        let (number, somebody) = (NUMBER.fetch_add(1, Ordering::Relaxed), self.somebody);
        let film = if row.path.contains("@FILM") { FILM.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let insert = move |text: &str| {
            text.replace("@N", &number.to_string())
                .replace("@FILM", &film.to_string())
                .replace("@KEY", &key.to_string())
                .replace("@ACCOUNT", &somebody.to_string())
        };
        (credential, insert)
    }

    async fn rest(&self, row: &Row) -> (u16, String) {
        let (credential, fill) = self.begin(row).await;
        let (method, path) = (row.rest.0.to_uppercase().parse::<Method>().expect("a method"), fill(row.path));
        let answer = if row.rest.1 == EVENTS {
            self.live.app.stream_as(credential.as_deref(), method, &path, None).await.0
        } else {
            let body = row.body.map(|body| serde_json::from_str(&fill(body)).expect("JSON"));
            self.live.app.call_as(credential.as_deref(), method, &path, body).await
        };
        let status = if answer.status.is_success() { 200 } else { answer.status.as_u16() };
        (status, if status == 200 { String::new() } else { answer.code() })
    }

    async fn graphql(&self, row: &Row, document: &str) -> (u16, String) {
        let (credential, fill) = self.begin(row).await;
        let (credential, document) = (credential.as_deref(), fill(document));
        let answer = match row.rest.1 {
            EVENTS => self.live.app.stream_as(credential, Method::POST, "/graphql", Some(&document)).await.0,
            _ => self.live.app.graphql_as(credential, &document, json!({})).await,
        };
        (answer.status.as_u16(), answer.code())
    }

    /// A socket has no status: that which goes with the code.
    async fn socket(&self, row: &Row, document: &str) -> (u16, String) {
        let (credential, fill) = self.begin(row).await;
        let address = self.live.address;
        let mut socket = match &credential {
            Some(credential) => Socket::ready_as(address, credential).await,
            None => Socket::ready(address).await,
        };
        let message = if row.rest.1 == EVENTS {
            socket.subscribe("events", &fill(document)).await;
            // What is refused is told before what comes behind it.
            socket.ask("{ __typename }").await
        } else {
            socket.ask(&fill(document)).await
        };
        let error = match message["type"].as_str() {
            Some("error") => &message["payload"][0],
            _ => &message["payload"]["errors"][0],
        };
        match error["extensions"]["code"].as_str() {
            None => (200, String::new()),
            Some("UNAUTHENTICATED") => (401, "UNAUTHENTICATED".to_owned()),
            Some("FORBIDDEN") => (403, "FORBIDDEN".to_owned()),
            Some(other) => (0, other.to_owned()),
        }
    }
}

/// For a caller with this role, known by nothing, by a session and by a key.
async fn play(role: Role) {
    let limits = "film=1000/day; add_film=1000/day; browse=1000/day; login=1000/day";
    let live = Live::with(limits, |config| config.auth.anonymous_role = Some(role)).await;
    let account = live.app.account("caller", role).await;
    let somebody = live.app.account("viewer", Role::Viewer).await;
    let (_, key) = live.app.key(account).await;
    for by in [By::Nothing, By::Session, By::Key] {
        // Nobody can be an admin without saying who he is.
        if by == By::Nothing && role == Role::Admin {
            continue;
        }
        let player = Player { live: &live, by, account, somebody, key: &key };
        for row in &ROWS {
            let wanted = match expected(row.who, role, by) {
                401 => (401, "UNAUTHENTICATED".to_owned()),
                403 => (403, "FORBIDDEN".to_owned()),
                _ => (200, String::new()),
            };
            let before = live.app.get("/v1/rate_limit").await.json();
            let mut outcomes = vec![("REST", player.rest(row).await)];
            if let Some((_, document)) = row.graphql {
                outcomes.push(("GraphQL", player.graphql(row, document).await));
                outcomes.push(("WebSocket", player.socket(row, document).await));
            }
            for (surface, outcome) in outcomes {
                assert_eq!(outcome, wanted, "{role} by {by:?}, {surface}: {} {}", row.rest.0, row.path);
            }
            if wanted.0 != 200 {
                let after = live.app.get("/v1/rate_limit").await.json();
                assert_eq!(after, before, "a refusal costs nothing: {} {}", row.rest.0, row.path);
            }
        }
    }
    live.stop(Stop::AtOnce).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_played_at_every_surface_and_a_refusal_costs_nothing(
    #[values(Role::Viewer, Role::Voter, Role::Editor, Role::Admin)] role: Role,
) {
    play(role).await;
}

fn caller(role: Role, by: By) -> Caller {
    let account = |by| Identity::Account { id: 1, name: "ada".into(), by };
    let identity = match by {
        By::Nothing => Identity::Anonymous,
        By::Session => account(Credential::Session(1)),
        By::Key => account(Credential::Key(1)),
    };
    Caller { role, identity, origin: None }
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
        (Action::RemoveVote, Role::Voter),
        (Action::UseSession, Role::Viewer),
        (Action::UseKeys, Role::Viewer),
    ];
    for &action in Action::VARIANTS {
        let (_, least) = table.iter().find(|(known, _)| *known == action).expect("a row for each action");
        for role in [Role::Viewer, Role::Voter, Role::Editor, Role::Admin] {
            for by in [By::Nothing, By::Session, By::Key] {
                let is_somebody = match action {
                    Action::RemoveVote => by != By::Nothing,
                    Action::UseSession => by == By::Session,
                    Action::UseKeys => by == By::Session || role == Role::Admin,
                    _ => true,
                };
                let wanted = match (is_somebody, role >= *least) {
                    (false, _) => Some("UNAUTHENTICATED"),
                    (true, false) => Some("FORBIDDEN"),
                    (true, true) => None,
                };
                let refusal = authorize(&caller(role, by), action).err();
                assert_eq!(refusal.map(|error| error.code().0), wanted, "{role} by {by:?}: {action}");
            }
        }
    }
}

#[test]
fn every_operation_of_both_schemas_has_a_row() {
    let document: Value = serde_json::from_str(&rest::document::document()).expect("JSON");
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
        app.call_from(
            peer,
            Method::POST,
            "/add_film",
            &headers,
            Some(r#"{"name":"N","studio":"S"}"#.to_owned()),
        )
        .await
        .status
        .as_u16()
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

/// The service asks the table itself: a surface that forgot to would still be held.
#[tokio::test]
async fn the_service_refuses_by_itself() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    let database = Database::open(&url, &database::Settings::default()).await.expect("a database");
    let settings = Settings { catalogue_bytes: 0, max_page: 10, session_lifetime: Duration::from_mins(1) };
    let randomness = Box::new(StdRng::seed_from_u64(1));
    let service = FilmService::open(database.clone(), &settings, Arc::new(ManualClock::new()), randomness)
        .await
        .expect("a service");
    let editor = Caller::anonymous(Role::Editor);
    let viewer = Caller::anonymous(Role::Viewer);
    let voter = Caller::anonymous(Role::Voter);
    let vote = Vote { film: FilmId(1), opinion: Opinion::Like };
    let import =
        import::Settings { on_duplicate: OnDuplicate::Skip, on_error: OnError::Stop, dry_run: false };
    let accounts = service.accounts();
    let draft = AccountDraft { name: "n".to_owned(), role: Role::Viewer, password: PASSWORD.into() };
    let key = || KeyDraft { name: "k".to_owned(), role: None, expires_at: None };
    let refused = [
        remove_film(&database, &editor, FilmId(1), &ManualClock::new()).await.map(drop),
        Import::begin(database.clone(), &editor, import, Arc::new(ManualClock::new())).map(drop),
        service.like(&viewer, FilmId(1)).await.map(drop),
        service.dislike(&viewer, FilmId(1)).await.map(drop),
        service.vote(&viewer, vec![vote]).await,
        service.add_film(&voter, FilmDraft::default()).await.map(drop),
        service.audit_events(&editor, &AuditFilter::default(), PageRequest::default()).await.map(drop),
        service.update_film(&editor, FilmId(1), FilmChange::default()).await.map(drop),
        service.remove_film(&editor, FilmId(1)).await.map(drop),
        service.remove_vote(&caller(Role::Viewer, By::Session), FilmId(1)).await.map(drop),
        accounts.accounts(&editor).await.map(drop),
        accounts.account(&editor, 1).await.map(drop),
        accounts.create_account(&editor, draft).await.map(drop),
        accounts.update_account(&editor, 1, AccountChange::default()).await.map(drop),
        accounts.keys(&caller(Role::Editor, By::Session), 2).await.map(drop),
        accounts.create_key(&caller(Role::Editor, By::Session), 2, key()).await.map(drop),
    ];
    for result in refused {
        assert_eq!(result.expect_err("a refusal").code().0, "FORBIDDEN");
    }
    for by in [By::Nothing, By::Key] {
        let editor = caller(Role::Editor, by);
        let refused = [
            accounts.sign_out(&editor).await,
            accounts.change_password(&editor, "x".into(), "y".into()).await,
            accounts.keys(&editor, 1).await.map(drop),
            accounts.create_key(&editor, 1, key()).await.map(drop),
            accounts.revoke_key(&editor, 1).await.map(drop),
        ];
        let vote = service.remove_vote(&Caller::anonymous(Role::Editor), FilmId(1)).await;
        assert_eq!(vote.expect_err("a refusal").code().0, "UNAUTHENTICATED");
        for result in refused {
            assert_eq!(result.expect_err("a refusal").code().0, "UNAUTHENTICATED");
        }
    }
    let admitted = service.like(&voter, FilmId(1)).await.expect_err("no film is there");
    assert_eq!(admitted.code().0, "FILM_NOT_FOUND");
}
