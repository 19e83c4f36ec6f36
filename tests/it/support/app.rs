//! The app in this process: the very router that production serves, without a socket.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use filmgate::app::App;
use filmgate::config::{Config, Http, Limits};
use filmgate::front::Front;
use filmgate::lifecycle::Lifecycle;
use filmgate::limits::{Limiter, SharedStore, parse_policies};
use filmgate::service::FilmService;
use http_body_util::BodyExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Events, ManualClock, Store};

/// Nobody is limited.
pub(crate) const UNLIMITED: &str = "";

/// Limits of a test: `film=5/minute; browse=10/second`. Buckets that are not named have no policy.
pub(crate) fn limits(text: &str) -> Limits {
    let mut limits = Limits {
        enabled: !text.is_empty(),
        film: Vec::new(),
        add_film: Vec::new(),
        browse: Vec::new(),
        login: Vec::new(),
        flood: Vec::new(),
        ..Limits::default()
    };
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (bucket, policies) = part.split_once('=').expect("bucket=policies");
        let policies = parse_policies(policies).expect("policies");
        match bucket {
            "film" => limits.film = policies,
            "add_film" => limits.add_film = policies,
            "browse" => limits.browse = policies,
            "login" => limits.login = policies,
            "flood" => limits.flood = policies,
            other => panic!("no bucket {other}"),
        }
    }
    limits
}

pub(crate) struct TestApp {
    pub front: Front,
    pub lifecycle: Lifecycle,
    pub service: Arc<FilmService>,
    pub limiter: Arc<Limiter>,
    pub http: Http,
    pub clock: ManualClock,
    pub films: usize,
    pub database_url: String,
    folder: TempDir,
}

impl TestApp {
    /// On SQLite.
    pub(crate) async fn new(limit: &str) -> Self {
        Self::on(Store::Sqlite, limit).await
    }

    /// On SQLite.
    pub(crate) async fn with(limit: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::on_with(Store::Sqlite, limit, change).await
    }

    pub(crate) async fn on(store: Store, limit: &str) -> Self {
        Self::on_with(store, limit, |_| {}).await
    }

    pub(crate) async fn on_with(store: Store, limit: &str, change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let database_url = store.filled(folder.path()).await;
        Self::open(folder, database_url, limit, change).await
    }

    /// On a database that is there already.
    pub(crate) async fn on_database(folder: TempDir, database_url: String) -> Self {
        Self::open(folder, database_url, UNLIMITED, |_| {}).await
    }

    /// On a database without films.
    pub(crate) async fn empty_on(store: Store) -> Self {
        Self::empty_on_with(store, UNLIMITED, |_| {}).await
    }

    /// On SQLite without films.
    pub(crate) async fn empty_with(limit: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::empty_on_with(Store::Sqlite, limit, change).await
    }

    async fn empty_on_with(store: Store, limit: &str, change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let database_url = store.url(folder.path()).await;
        let change = |config: &mut Config| {
            config.starter_catalogue = false;
            change(config);
        };
        Self::open(folder, database_url, limit, change).await
    }

    /// On the database of an earlier app, which is dropped.
    pub(crate) async fn reopen(self, limit: &str) -> Self {
        let Self { front, service, limiter, folder, database_url, .. } = self;
        drop((front, service, limiter));
        Self::open(folder, database_url, limit, |_| {}).await
    }

    /// A second app on the same database, beside this one.
    pub(crate) async fn beside(&self, limit: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        Self::open(folder, self.database_url.clone(), limit, |_| {}).await
    }

    /// The same without limits, otherwise configured.
    pub(crate) async fn beside_with(&self, change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a folder");
        Self::open(folder, self.database_url.clone(), UNLIMITED, change).await
    }

    async fn open(
        folder: TempDir,
        database_url: String,
        limit: &str,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config =
            Config { database_url: database_url.into(), limits: limits(limit), ..Config::default() };
        // The machine may be busy with other tests.
        config.database.acquire_timeout = 20;
        change(&mut config);
        let clock = ManualClock::new();
        let seeded = Box::new(StdRng::seed_from_u64(20_261_123));
        let app = App::build(&config, Arc::new(clock.clone()), seeded).await.expect("an app");
        let limiter = app.limiter.load_full();
        // On a busy machine, a Redis may be found only after the start.
        for _ in 0..500 {
            if limiter.shared().is_none_or(SharedStore::is_up) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self {
            front: app.front,
            lifecycle: app.lifecycle,
            service: app.service,
            limiter,
            http: config.http,
            clock,
            films: app.films,
            database_url: config.database_url.expose().to_owned(),
            folder,
        }
    }

    /// Runs statements past the app.
    pub(crate) async fn execute(&self, sql: &str) {
        let database = sea_orm::Database::connect(&self.database_url).await.expect("the database");
        database.execute_unprepared(sql).await.expect(sql);
        database.close().await.expect("an end");
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        super::count(&self.database_url, sql).await
    }

    /// Waits until what somebody else has committed has arrived: at most for the second that is promised, and some more
    /// for a busy machine.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Duration {
        const STEP: Duration = Duration::from_millis(20);
        for step in 0..250 {
            if wanted(&self.get(path).await) {
                return STEP * step;
            }
            tokio::time::sleep(STEP).await;
        }
        panic!(
            "{path} never became what was wanted: {}",
            String::from_utf8_lossy(&self.get(path).await.body)
        );
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    pub(crate) async fn head(&self, path: &str) -> Answer {
        self.call(Method::HEAD, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.call(Method::POST, path, &headers, Some(body.to_string())).await
    }

    /// A GraphQL request that asks for `application/graphql-response+json`.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.call(Method::POST, "/graphql", &headers, Some(body)).await
    }

    /// Asks for an event stream: by a GraphQL document, or by a path alone. The head of the answer, and what follows.
    pub(crate) async fn stream(
        &self,
        method: Method,
        path: &str,
        document: Option<&str>,
    ) -> (Answer, Events) {
        self.stream_as(None, method, path, document).await
    }

    /// The same with a credential.
    pub(crate) async fn stream_as(
        &self,
        credential: Option<&str>,
        method: Method,
        path: &str,
        document: Option<&str>,
    ) -> (Answer, Events) {
        let body = document.map(|document| json!({ "query": document }).to_string());
        let bearer = credential.map(|credential| format!("Bearer {credential}"));
        let mut headers = vec![("content-type", "application/json"), ("accept", "text/event-stream")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let response = self.send("127.0.0.1:5000", method, path, &headers, body).await;
        let (parts, mut body) = response.into_parts();
        let is_stream =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let whole = if is_stream {
            Vec::new()
        } else {
            (&mut body).collect().await.expect("a body").to_bytes().to_vec()
        };
        (Answer { status: parts.status, headers: parts.headers, body: whole }, Events::new(body))
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        self.call_from("127.0.0.1:5000", method, path, headers, body).await
    }

    pub(crate) async fn call_from(
        &self,
        peer: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let (parts, body) = self.send(peer, method, path, headers, body).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: body.to_vec() }
    }

    async fn send(
        &self,
        peer: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header(header::HOST, "localhost");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).expect("a request");
        let peer = peer.parse().expect("an address with a port");
        let answer = self.front.clone().answer(request, peer).await;
        // A place that nobody has filled, see `Guards::ready`.
        let empty: Vec<_> = answer.headers().iter().filter(|(_, value)| value.is_empty()).collect();
        assert!(empty.is_empty(), "{path}: {empty:?}");
        answer
    }
}

/// A peer that is neither loopback nor a trusted proxy.
pub(crate) const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    /// The code of a refusal, whatever the surface; empty where there is none.
    pub(crate) fn code(&self) -> String {
        let json = if self.body.is_empty() { Value::Null } else { self.json() };
        let code = match json.pointer("/errors/0/extensions/code") {
            Some(code) => code,
            None => &json["code"],
        };
        code.as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// A refusal in the form of REST.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["instance"], answer.header("x-request-id"));
        described(&problem);
        answer
    }
}

/// Whether the document knows each member of a problem, and its code.
#[track_caller]
fn described(problem: &Value) {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(&filmgate::rest::document::document()).expect("JSON"));
    let schemas = &DOCUMENT["components"]["schemas"];
    for member in problem.as_object().expect("an object").keys() {
        let is_known = schemas["Problem"]["properties"].get(member).is_some();
        assert!(is_known, "the document has no {member} in {problem}");
    }
    let codes = schemas["ProblemCode"]["enum"].as_array().expect("codes");
    assert!(codes.contains(&problem["code"]), "the document has no code of {problem}");
}
