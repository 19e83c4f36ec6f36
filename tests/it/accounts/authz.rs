//! Who may do what: the table of operations, played at every surface. An operation without a case fails.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use filmgate::config::TlsMode;
use filmgate::operations::{self, Kind, Operation};
use filmgate::server::Stop;
use filmgate::service::FilmService;
use filmgate::service::accounts::{AccountChange, AccountDraft, KeyDraft};
use filmgate::service::action::Action;
use filmgate::service::audit::AuditFilter;
use filmgate::service::caller::Role;
use filmgate::service::caller::{Caller, Credential, Identity};
use filmgate::service::database::{self, Database};
use filmgate::service::films::remove::remove_film;
use filmgate::service::films::service::Settings;
use filmgate::service::films::types::{FilmDraft, FilmId};
use filmgate::service::import::batch::Import;
use filmgate::service::import::types::{self as import, OnDuplicate, OnError};
use filmgate::service::page::PageRequest;
use filmgate::service::policy::authorize;
use filmgate::service::votes::Groups;
use filmgate::service::votes::types::{Opinion, Vote};
use filmgate::{graphql, rest};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rstest::rstest;
use serde_json::{Value, json};
use strum::VariantArray as _;

use crate::support::{Live, ManualClock, PASSWORD, Socket, TestApp, fits, limits};

/// What is sent for an operation of the table, and who may. In its texts, `@N` is a new number, `@FILM` the id of a film
/// that is there, `@KEY` that of a key of the caller's, and `@ACCOUNT` that of somebody's account.
struct Case {
    operation: &'static Operation,
    /// Path and body for each REST call, in the order of the table.
    rest: &'static [(&'static str, Option<&'static str>)],
    /// A document for each root field, likewise.
    graphql: &'static [&'static str],
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

const fn case(
    operation: &'static Operation,
    rest: &'static [(&'static str, Option<&'static str>)],
    graphql: &'static [&'static str],
    who: Who,
) -> Case {
    Case { operation, rest, graphql, who }
}

const FILM: Option<&str> = Some(r#"{"name":"N@N","studio":"S"}"#);

static CASES: &[Case] = &[
    case(
        operations::RANDOM_FILM,
        &[("/", None), ("/v1/films/random", None)],
        &["{ randomFilm { id } }"],
        VIEWER,
    ),
    case(
        operations::LIKE,
        &[("/?like=1", None), ("/v1/films/1/like", None)],
        &["mutation { like(id: 1) { id } }"],
        VOTER,
    ),
    case(
        operations::DISLIKE,
        &[("/?dislike=1", None), ("/v1/films/1/dislike", None)],
        &["mutation { dislike(id: 1) { id } }"],
        VOTER,
    ),
    case(operations::LIKE_AND_DISLIKE, &[("/?like=1&dislike=2", None)], &[], VOTER),
    case(
        operations::REMOVE_VOTE,
        &[("/v1/films/1/vote", None)],
        &["mutation { removeVote(id: 1) { id } }"],
        Who::SignedIn(Role::Voter),
    ),
    case(operations::FILM, &[("/v1/films/1", None)], &["{ film(id: 1) { id } }"], VIEWER),
    case(
        operations::FILMS,
        &[("/v1/films", None), ("/v1/films", Some("{}"))],
        &["{ films { edges { cursor } } }"],
        VIEWER,
    ),
    case(operations::GENRES, &[("/v1/genres", None)], &["{ genres { edges { cursor } } }"], VIEWER),
    case(operations::STUDIOS, &[("/v1/studios", None)], &["{ studios { edges { cursor } } }"], VIEWER),
    case(
        operations::ADD_FILM,
        &[("/add_film", FILM), ("/v1/films", FILM)],
        &[r#"mutation { addFilm(input: {name: "N@N", studio: "S"}) { id } }"#],
        EDITOR,
    ),
    // Documented as 200, whoever asks: it adds nothing.
    case(operations::HEAD_ADD_FILM, &[("/add_film", None)], &[], VIEWER),
    case(
        operations::UPDATE_FILM,
        &[("/v1/films/2", Some(r#"{"name":"N@N"}"#))],
        &[r#"mutation { updateFilm(id: 2, input: {name: "N@N"}) { id } }"#],
        ADMIN,
    ),
    case(
        operations::REMOVE_FILM,
        &[("/v1/films/@FILM", None)],
        &["mutation { removeFilm(id: @FILM) { id } }"],
        ADMIN,
    ),
    case(operations::FILM_EVENTS, &[("/v1/films/events?id=1", None)], &[], VIEWER),
    case(operations::FILM_VOTED, &[], &["subscription { filmVoted(id: 1) { id } }"], VIEWER),
    case(operations::FILM_ADDED, &[], &["subscription { filmAdded { id } }"], VIEWER),
    case(
        operations::SIGN_IN,
        &[("/v1/session", Some(r#"{"name":"viewer","password":"correct horse battery"}"#))],
        &[r#"mutation { signIn(input: {name: "viewer", password: "correct horse battery"}) { token } }"#],
        VIEWER,
    ),
    case(operations::SIGN_OUT, &[("/v1/session", None)], &["mutation { signOut }"], Who::Session),
    case(
        operations::MY_VOTES,
        &[("/v1/me/votes", None)],
        &["{ myVotes { edges { cursor } } }"],
        Who::SignedIn(Role::Viewer),
    ),
    case(operations::ME, &[("/v1/me", None)], &["{ me { role } }"], VIEWER),
    case(
        operations::CHANGE_PASSWORD,
        &[(
            "/v1/me/password",
            Some(r#"{"currentPassword":"correct horse battery","newPassword":"correct horse battery"}"#),
        )],
        &[r#"mutation { changePassword(input: {
            currentPassword: "correct horse battery", newPassword: "correct horse battery"
        }) }"#],
        Who::Session,
    ),
    case(operations::ACCOUNTS, &[("/v1/accounts", None)], &["{ accounts { totalCount } }"], ADMIN),
    case(
        operations::ACCOUNT,
        &[("/v1/accounts/@ACCOUNT", None)],
        &["{ account(id: @ACCOUNT) { id } }"],
        ADMIN,
    ),
    case(
        operations::CREATE_ACCOUNT,
        &[("/v1/accounts", Some(r#"{"name":"n@N","role":"viewer","password":"correct horse battery"}"#))],
        &[r#"mutation { createAccount(input: {
            name: "n@N", role: VIEWER, password: "correct horse battery"
        }) { id } }"#],
        ADMIN,
    ),
    case(
        operations::UPDATE_ACCOUNT,
        &[("/v1/accounts/@ACCOUNT", Some(r#"{"role":"voter"}"#))],
        &["mutation { updateAccount(id: @ACCOUNT, input: {role: VOTER}) { id } }"],
        ADMIN,
    ),
    case(operations::KEYS, &[("/v1/keys", None)], &["{ keys { totalCount } }"], Who::SessionOrAdmin),
    case(
        operations::CREATE_KEY,
        &[("/v1/keys", Some(r#"{"name":"k"}"#))],
        &[r#"mutation { createKey(input: {name: "k"}) { key } }"#],
        Who::SessionOrAdmin,
    ),
    case(
        operations::REVOKE_KEY,
        &[("/v1/keys/@KEY", None)],
        &["mutation { revokeKey(id: @KEY) { id } }"],
        Who::SessionOrAdmin,
    ),
    case(
        operations::AUDIT_EVENTS,
        &[("/v1/audit_events", None)],
        &["{ auditEvents { edges { cursor } } }"],
        ADMIN,
    ),
    case(operations::RATE_LIMIT, &[("/v1/rate_limit", None)], &["{ rateLimit { limits { name } } }"], VIEWER),
    case(operations::OPERATIONS, &[("/v1/operations", None)], &[], VIEWER),
    case(operations::OPENAPI, &[("/openapi.json", None)], &[], VIEWER),
    case(operations::SCHEMA, &[("/schema.graphql", None)], &[], VIEWER),
    case(operations::LIVE, &[("/health/live", None)], &[], VIEWER),
    case(operations::READY, &[("/health/ready", None)], &[], VIEWER),
    case(
        operations::INTROSPECT,
        &[],
        &["{ __schema { queryType { name } } }", "{ __type(name: \"Film\") { name } }"],
        VIEWER,
    ),
    case(operations::TYPENAME, &[], &["{ __typename }"], VIEWER),
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
    /// A credential, `None` without one: a session is a new one, since an operation may end it. And what fills the texts.
    async fn begin(&self, text: &str) -> (Option<String>, impl Fn(&str) -> String) {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        static FILM: AtomicU64 = AtomicU64::new(100);
        let app = &self.live.app;
        let credential = match self.by {
            By::Nothing => None,
            By::Session => Some(app.session(self.account).await),
            By::Key => Some(self.key.to_owned()),
        };
        let key = if text.contains("@KEY") { app.key(self.account).await.0 } else { 0 };
        let (number, somebody) = (NUMBER.fetch_add(1, Ordering::Relaxed), self.somebody);
        let film = if text.contains("@FILM") { FILM.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let insert = move |text: &str| {
            text.replace("@N", &number.to_string())
                .replace("@FILM", &film.to_string())
                .replace("@KEY", &key.to_string())
                .replace("@ACCOUNT", &somebody.to_string())
        };
        (credential, insert)
    }

    async fn rest(&self, method: &str, path: &str, body: Option<&str>) -> (u16, String) {
        let (credential, fill) = self.begin(path).await;
        let (method, path) = (method.parse::<Method>().expect("a method"), fill(path));
        // Its answer does not end by itself.
        let answer = if path.starts_with("/v1/films/events") {
            self.live.app.stream_as(credential.as_deref(), method, &path, None).await.0
        } else {
            let body = body.map(|body| serde_json::from_str(&fill(body)).expect("JSON"));
            self.live.app.call_as(credential.as_deref(), method, &path, body).await
        };
        let status = if answer.status.is_success() { 200 } else { answer.status.as_u16() };
        (status, if status == 200 { String::new() } else { answer.code() })
    }

    async fn graphql(&self, kind: Kind, document: &str) -> (u16, String) {
        let (credential, fill) = self.begin(document).await;
        let (credential, document) = (credential.as_deref(), fill(document));
        let answer = match kind {
            Kind::Subscription => {
                self.live.app.stream_as(credential, Method::POST, "/graphql", Some(&document)).await.0
            }
            _ => self.live.app.graphql_as(credential, &document, json!({})).await,
        };
        (answer.status.as_u16(), answer.code())
    }

    /// A socket has no status: that which goes with the code.
    async fn socket(&self, kind: Kind, document: &str) -> (u16, String) {
        let (credential, fill) = self.begin(document).await;
        let address = self.live.address;
        let mut socket = match &credential {
            Some(credential) => Socket::ready_as(address, credential).await,
            None => Socket::ready(address).await,
        };
        let message = if kind == Kind::Subscription {
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
        for operation in operations::ALL {
            let case = case_of(operation);
            let wanted = match expected(case.who, role, by) {
                401 => (401, "UNAUTHENTICATED".to_owned()),
                403 => (403, "FORBIDDEN".to_owned()),
                _ => (200, String::new()),
            };
            let before = live.app.get("/v1/rate_limit").await.json();
            let mut outcomes = Vec::new();
            for ((method, _), (path, body)) in operation.rest.iter().zip(case.rest) {
                outcomes.push((format!("{method} {path}"), player.rest(method, path, *body).await));
            }
            for (field, document) in operation.graphql.iter().zip(case.graphql) {
                outcomes
                    .push((format!("GraphQL {}", field.name), player.graphql(field.kind, document).await));
                outcomes
                    .push((format!("WebSocket {}", field.name), player.socket(field.kind, document).await));
            }
            for (call, outcome) in outcomes {
                assert_eq!(outcome, wanted, "{role} by {by:?}: {call}");
            }
            if wanted.0 != 200 {
                let after = live.app.get("/v1/rate_limit").await.json();
                assert_eq!(after, before, "a refusal costs nothing: {}", operation.name);
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
    let account = |by| Identity::Account { id: 1, name: "ada".into(), role, by, limits: None };
    let identity = match by {
        By::Nothing => Identity::Anonymous,
        By::Session => account(Credential::Session(1)),
        By::Key => account(Credential::Key(1)),
    };
    Caller { role, identity, origin: None, once: None }
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
        (Action::LimitKey, Role::Admin),
        (Action::ReadOwnVotes, Role::Viewer),
        (Action::LeaveOutVotedFor, Role::Viewer),
    ];
    for &action in Action::VARIANTS {
        let (_, least) = table.iter().find(|(known, _)| *known == action).expect("a row for each action");
        for role in [Role::Viewer, Role::Voter, Role::Editor, Role::Admin] {
            for by in [By::Nothing, By::Session, By::Key] {
                let is_somebody = match action {
                    Action::RemoveVote | Action::ReadOwnVotes | Action::LeaveOutVotedFor => by != By::Nothing,
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
                assert_eq!(refusal.map(|error| error.code()), wanted, "{role} by {by:?}: {action}");
            }
        }
    }
}

fn case_of(operation: &Operation) -> &'static Case {
    let case = CASES.iter().find(|case| case.operation.name == operation.name);
    case.unwrap_or_else(|| panic!("no case for {}", operation.name))
}

#[test]
fn every_operation_of_the_table_is_played_by_each_of_its_calls() {
    for operation in operations::ALL {
        let case = case_of(operation);
        assert_eq!(case.rest.len(), operation.rest.len(), "REST calls of {}", operation.name);
        assert_eq!(case.graphql.len(), operation.graphql.len(), "root fields of {}", operation.name);
        for ((method, template), (path, _)) in operation.rest.iter().zip(case.rest) {
            assert!(fits(template, path), "{method} {path} is not {template}");
        }
        for (field, document) in operation.graphql.iter().zip(case.graphql) {
            assert!(document.contains(field.name), "{document} has no {}", field.name);
        }
    }
    assert_eq!(CASES.len(), operations::ALL.len(), "a case without an operation");
}

/// Both ways: nothing is served that is not in the table, and nothing stands there that is not served.
#[test]
fn every_operation_of_both_schemas_has_a_row() {
    let document: Value = serde_json::from_str(&rest::document::document()).expect("JSON");
    let mut served = BTreeSet::from(["GET /openapi.json".to_owned(), "GET /schema.graphql".to_owned()]);
    for (path, item) in document["paths"].as_object().expect("paths") {
        served.extend(
            item.as_object()
                .expect("methods")
                .keys()
                .map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    // OpenAPI 3.1 has no place for it.
    served.insert("QUERY /v1/films".to_owned());
    let calls = operations::ALL.iter().flat_map(|operation| operation.rest);
    let listed: BTreeSet<String> = calls
        .map(|(method, path)| format!("{method} {}", path.split('?').next().unwrap_or_default()))
        .collect();
    assert_eq!(listed, served);

    let sdl = graphql::schema::sdl();
    // What the specification adds to every schema. `node` has the row of what its id is of.
    let mut served: BTreeSet<String> =
        ["__schema", "__type", "__typename"].iter().map(|name| format!("Query {name}")).collect();
    for kind in Kind::VARIANTS {
        let opening = format!("type {kind} {{");
        let body = sdl.split_once(&opening).expect("a type").1.split_once("\n}").expect("an end").0;
        for line in body.lines().filter_map(|line| line.strip_prefix('\t')) {
            let name = line.split(['(', ':']).next().expect("a name");
            if !name.is_empty() && name != "node" && name.chars().all(char::is_alphanumeric) {
                served.insert(format!("{kind} {name}"));
            }
        }
    }
    let fields = operations::ALL.iter().flat_map(|operation| operation.graphql);
    let listed: BTreeSet<String> = fields.map(|field| format!("{} {}", field.kind, field.name)).collect();
    assert_eq!(listed, served);
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
    let open = TestApp::with("", |config| {
        config.listen = "0.0.0.0:3000".parse().expect("an address");
        config.tls.mode = Some(TlsMode::Off);
    })
    .await;
    let named = TestApp::with("", |config| config.allowed_hosts = vec!["films.example".to_owned()]).await;
    // A page behind a name that leads here comes from here too.
    for (host, status) in [
        ("evil.example:3000", 403),
        ("films.example", 403),
        ("localhost.evil.example", 403),
        ("192.0.2.1", 403),
        ("127.0.0.1:3000", 201),
        ("films.localhost", 201),
        ("[::1]:3000", 201),
    ] {
        let film = format!(r#"{{"name":"{host}","studio":"S"}}"#);
        let headers = [("host", host), ("content-type", "application/json")];
        for app in [&open, &named] {
            let answer =
                app.call_from("127.0.0.1:1", Method::POST, "/add_film", &headers, Some(film.clone()));
            assert_eq!(answer.await.status, status, "{host}");
        }
    }
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
    let settings = Settings {
        catalogue_bytes: 0,
        event_rest: Duration::ZERO,
        max_page: 10,
        session_lifetime: Duration::from_mins(1),
        groups: Groups::default(),
    };
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
    let key = || KeyDraft { name: "k".to_owned(), role: None, expires_at: None, limits: None };
    let refused = [
        remove_film(&database, &editor, FilmId(1), &ManualClock::new()).await.map(drop),
        Import::begin(database.clone(), &editor, import, Arc::new(ManualClock::new())).map(drop),
        service.like(&viewer, FilmId(1)).await.map(drop),
        service.dislike(&viewer, FilmId(1)).await.map(drop),
        service.vote(&viewer, vec![vote]).await,
        service.add_film(&voter, FilmDraft::default()).await.map(drop),
        service.audit_events(&editor, &AuditFilter::default(), PageRequest::default()).await.map(drop),
        service.update_film(&editor, FilmId(1), FilmDraft::default()).await.map(drop),
        service.remove_film(&editor, FilmId(1)).await.map(drop),
        service.remove_vote(&caller(Role::Viewer, By::Session), FilmId(1)).await.map(drop),
        accounts.accounts(&editor, PageRequest::default()).await.map(drop),
        accounts.account(&editor, 1).await.map(drop),
        service.audit_event(&editor, 1).await.map(drop),
        accounts.create_account(&editor, draft).await.map(drop),
        accounts.update_account(&editor, 1, AccountChange::default()).await.map(drop),
        accounts.keys(&caller(Role::Editor, By::Session), 2, PageRequest::default()).await.map(drop),
        accounts.create_key(&caller(Role::Editor, By::Session), 2, key()).await.map(drop),
    ];
    for result in refused {
        assert_eq!(result.expect_err("a refusal").code(), "FORBIDDEN");
    }
    for by in [By::Nothing, By::Key] {
        let editor = caller(Role::Editor, by);
        let refused = [
            accounts.sign_out(&editor).await,
            accounts.change_password(&editor, "x".into(), "y".into()).await,
            accounts.keys(&editor, 1, PageRequest::default()).await.map(drop),
            accounts.key(&editor, 1).await.map(drop),
            accounts.create_key(&editor, 1, key()).await.map(drop),
            accounts.revoke_key(&editor, 1).await.map(drop),
        ];
        let vote = service.remove_vote(&Caller::anonymous(Role::Editor), FilmId(1)).await;
        assert_eq!(vote.expect_err("a refusal").code(), "UNAUTHENTICATED");
        for result in refused {
            assert_eq!(result.expect_err("a refusal").code(), "UNAUTHENTICATED");
        }
    }
    let admitted = service.like(&voter, FilmId(1)).await.expect_err("no film is there");
    assert_eq!(admitted.code(), "FILM_NOT_FOUND");
}
