//! `filmgate doctor`: each mistake is really made, and told; a good set-up is told as good.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::issuer::{Answer, JwksServer, SigningKey};
use crate::support::{Issued, Postgres, Redis, Server, Store, TestApp, UNLIMITED, variables};

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

/// The PostgreSQL that tests share syncs nothing.
const UNSYNCED: (&str, &str) = ("durability", "warning");

/// What the doctor says: the exit code, and the findings.
struct Report {
    code: Option<i32>,
    findings: Vec<Value>,
}

impl Report {
    fn of(output: &Output) -> Self {
        let told = String::from_utf8_lossy(&output.stdout);
        let report: Value = serde_json::from_str(&told)
            .unwrap_or_else(|error| panic!("{error}: {told}{}", String::from_utf8_lossy(&output.stderr)));
        let findings = report["findings"].as_array().expect("findings").clone();
        for (level, count) in [("error", &report["errors"]), ("warning", &report["warnings"])] {
            let found = findings.iter().filter(|finding| finding["level"] == level).count();
            assert_eq!(*count, found, "{report}");
        }
        Self { code: output.status.code(), findings }
    }

    /// The checks that are not well, with their levels.
    fn faults(&self) -> Vec<(&str, &str)> {
        let text = |finding: &'_ Value, name: &str| finding[name].as_str().expect("a text").to_owned();
        self.findings
            .iter()
            .filter(|finding| finding["level"] != "ok")
            .inspect(|finding| assert!(!text(finding, "why").is_empty() && !text(finding, "cure").is_empty()))
            .map(|finding| {
                (finding["check"].as_str().expect("a check"), finding["level"].as_str().expect("a level"))
            })
            .collect()
    }

    /// The finding of a check: what is, and what to do.
    fn told(&self, check: &str) -> String {
        let of_check = self.findings.iter().filter(|finding| finding["check"] == check);
        of_check
            .map(|finding| format!("{} {}\n", finding["what"], finding["cure"].as_str().unwrap_or_default()))
            .collect()
    }

    #[track_caller]
    fn expect(&self, code: i32, faults: &[(&str, &str)]) {
        assert_eq!((self.code, &*self.faults()), (Some(code), faults), "{:#?}", self.findings);
    }
}

fn doctor(folder: &Path, variables: &[(&str, &str)]) -> Report {
    Report::of(&Server::output(folder, &["doctor", "--format", "json"], variables))
}

/// Asks until the servers have said what is waited for: a young one beats every few seconds.
async fn doctor_until(folder: &Path, variables: &[(&str, &str)], wanted: impl Fn(&Report) -> bool) -> Report {
    for _ in 0..120 {
        let report = doctor(folder, variables);
        if wanted(&report) {
            return report;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let report = doctor(folder, variables);
    panic!("it was never told: {:#?}", report.findings);
}

/// A reverse proxy as people put one in front; with or without a word about its clients, who differ.
struct Proxy {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Front {
    behind: String,
    tells: bool,
    clients: Arc<AtomicU64>,
}

impl Proxy {
    async fn start(behind: &str, tells: bool) -> Self {
        let front = Front { behind: behind.to_owned(), tells, clients: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(forward).with_state(front);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { url, task }
    }

    /// Calls of so many clients.
    async fn serve(&self, calls: usize) {
        for _ in 0..calls {
            reqwest::get(format!("{}/v1/films/1", self.url)).await.expect("an answer");
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(State(front): State<Front>, request: Request) -> String {
    let client = front.clients.fetch_add(1, Ordering::SeqCst) % 200;
    let mut forwarded = reqwest::Client::new().get(format!("{}{}", front.behind, request.uri()));
    if front.tells {
        forwarded = forwarded.header("x-forwarded-for", format!("192.0.2.{client}"));
    }
    forwarded.send().await.expect("an answer").text().await.expect("a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_set_up_is_told_as_good() {
    let folder = folder();
    let here = folder.path();
    let report = doctor(here, &[]);
    report.expect(0, &[]);
    assert!(report.told("database").contains("not there yet"), "{}", report.told("database"));
    assert_eq!(std::fs::read_dir(here).expect("a folder").count(), 0, "a look makes nothing");
    let server = Server::start(here, &[]);
    for _ in 0..25 {
        reqwest::get(format!("{}/v1/films/1", server.url)).await.expect("an answer");
        reqwest::get(format!("{}/health/live", server.url)).await.expect("an answer");
    }
    let report = doctor_until(here, &[], |report| report.told("clients").contains("25 requests")).await;
    report.expect(0, &[]);
    assert!(report.told("servers").contains("one server is running"), "{}", report.told("servers"));
    assert!(report.told("clock").contains("SQLite has no clock"), "{}", report.told("clock"));
    let text = Server::output(here, &["doctor"], &[]);
    assert_eq!(text.status.code(), Some(0));
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.ends_with("\n0 errors, 0 warnings\n") && text.contains("ok       database"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_nobody_has_named_is_told() {
    let folder = folder();
    let here = folder.path();
    let mut server = Server::start(here, &[]);
    Proxy::start(&server.url, true).await.serve(25).await;
    // A server tells the database now and then how many it has seen.
    let all =
        |report: &Report| report.faults().len() == 2 && report.told("forwarding").contains("25 requests");
    let report = doctor_until(here, &[], all).await;
    report.expect(1, &[("forwarding", "error"), ("clients", "error")]);
    let told = report.told("forwarding");
    assert!(told.contains("25 requests") && told.contains("trusted_proxies = [\"127.0.0.1\"]"), "{told}");
    let told = report.told("clients");
    assert!(told.contains("100 % of 25 requests") && told.contains("127.0.0.1"), "{told}");
    let text = Server::output(here, &["doctor"], &[]);
    assert_eq!(String::from_utf8_lossy(&text.stderr), "filmgate: 2 errors were found\n");
    server.signal("TERM");
    server.wait(Duration::from_secs(20));
    // As it says, and all is well.
    let trusted = [("FILMGATE_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Server::start(here, &trusted);
    Proxy::start(&server.url, true).await.serve(25).await;
    let report = doctor_until(here, &trusted, |report| report.told("clients").contains("25 requests")).await;
    report.expect(0, &[]);
    assert!(report.told("clients").contains("25 clients"), "{}", report.told("clients"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_does_not_name_its_clients_is_told() {
    let folder = folder();
    let here = folder.path();
    let open = [("FILMGATE_LISTEN", "0.0.0.0:0"), ("FILMGATE_TLS__MODE", "off")];
    let mut server = Server::start(here, &open);
    Proxy::start(&server.url, false).await.serve(25).await;
    let report = doctor_until(here, &open, |report| report.faults().len() == 2).await;
    report.expect(1, &[("tls", "warning"), ("clients", "error")]);
    server.signal("TERM");
    server.wait(Duration::from_secs(20));
    let behind = [
        ("FILMGATE_LISTEN", "0.0.0.0:0"),
        ("FILMGATE_TLS__MODE", "proxy"),
        ("FILMGATE_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let server = Server::start(here, &behind);
    Proxy::start(&server.url, false).await.serve(25).await;
    let report = doctor_until(here, &behind, |report| !report.faults().is_empty()).await;
    report.expect(1, &[("clients", "error")]);
    let told = report.told("clients");
    assert!(told.contains("let the proxy send X-Forwarded-For"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_count_limits_apart_are_told() {
    if Store::Postgres.is_missing() {
        return;
    }
    let (one, other) = (folder(), folder());
    let url = Store::Postgres.url(one.path()).await;
    let variables = [("FILMGATE_DATABASE_URL", &*url)];
    let kept = Server::start(one.path(), &variables);
    let mut stopped = Server::start(other.path(), &variables);
    let report = doctor_until(one.path(), &variables, |report| report.faults().len() > 1).await;
    report.expect(0, &[UNSYNCED, ("servers", "warning")]);
    assert!(report.told("durability").contains("fsync = off"), "{}", report.told("durability"));
    let told = report.told("servers");
    assert!(told.contains("2 servers") && told.contains("2 of them count limits on their own"), "{told}");
    assert!(report.told("clock").contains("PostgreSQL agree"), "{}", report.told("clock"));
    stopped.signal("TERM");
    assert_eq!(stopped.wait(Duration::from_secs(20)), Some(0));
    let report = doctor(one.path(), &variables);
    report.expect(0, &[UNSYNCED]);
    assert!(report.told("servers").contains(kept.url.trim_start_matches("http://")), "it took its row away");
    kept.kill();
    let mut gone = doctor(one.path(), &variables);
    gone.expect(0, &[UNSYNCED]);
    // Nobody has taken this row away, but in time nobody believes it any more.
    Postgres::shared()
        .expect("asked before")
        .execute(&url, "UPDATE instance SET seen_at = seen_at - 180000")
        .await;
    gone = doctor(one.path(), &variables);
    gone.expect(0, &[UNSYNCED]);
    assert!(gone.told("servers").contains("no server is running; the last one was seen 3 min ago"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_limits_are_kept_in_is_asked() {
    let Some(mut redis) = Redis::start(&["--requirepass", "SECRET"]) else { return };
    let folder = folder();
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}/0", redis.port());
    let (right, wrong) = (url("SECRET"), url("SECRET2"));
    let ask = |url: &str| doctor(folder.path(), &[("FILMGATE_LIMITS__STORAGE", url)]);
    redis.until_it_answers(&right).await;
    let report = ask(&right);
    report.expect(0, &[]);
    assert!(report.told("limits").contains("counts, and forgets nobody"), "{}", report.told("limits"));
    assert!(report.told("clock").contains("Redis agree on the time"), "{}", report.told("clock"));
    ask(&wrong).expect(1, &[("limits", "error")]);
    redis.kill();
    let report = ask(&right);
    report.expect(1, &[("limits", "error")]);
    assert!(report.told("limits").contains("redis://:***@127.0.0.1"), "{}", report.told("limits"));
    assert!(!format!("{:?}", report.findings).contains("SECRET"));
    let Some(full) = Redis::start(&["--maxmemory", "1"]) else { return };
    full.until_it_answers(&full.url(0)).await;
    let report = ask(&full.url(0));
    report.expect(1, &[("limits", "error")]);
    assert!(report.told("limits").contains("takes no charge"), "{}", report.told("limits"));
    let Some(forgets) = Redis::start(&["--maxmemory-policy", "allkeys-lru"]) else { return };
    forgets.until_it_answers(&forgets.url(0)).await;
    ask(&forgets.url(0)).expect(0, &[("limits", "warning")]);
    forgets.signal("STOP");
    ask(&forgets.url(0)).expect(1, &[("limits", "error")]);
}

/// Rows of servers that were killed are removed by the next one.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_servers_long_gone_are_removed(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = folder();
    let app = TestApp::on(store, UNLIMITED).await;
    for (id, seen_at) in [("old", 0), ("new", 4_000_000_000_000_i64)] {
        app.execute(&format!(
            "INSERT INTO instance (id, started_at, seen_at, version, listen, limits_storage, requests, clients, \
             busiest_share, forwarded_untrusted) VALUES ('{id}', 0, {seen_at}, '', '', 'memory', 0, 0, 0, 0)"
        ))
        .await;
    }
    let mut server = Server::start(folder.path(), &[("FILMGATE_DATABASE_URL", &app.database_url)]);
    let rows = async |which: &str| app.count(&format!("SELECT COUNT(*) FROM instance WHERE {which}")).await;
    let mut waited = 0;
    while rows("id = 'old'").await == 1 || rows("requests = 0 AND id NOT IN ('old', 'new')").await == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        waited += 1;
        assert!(waited < 300, "the old row is still there, or there is no new one");
    }
    assert_eq!(rows("id = 'new'").await, 1);
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(20)), Some(0));
    assert_eq!(rows("id <> 'new'").await, 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_takes_nothing_is_told(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let folder = folder();
    let url = app.database_url.clone();
    let before = doctor(folder.path(), &[("FILMGATE_DATABASE_URL", &url)]);
    let unsynced = (store == Store::Postgres).then_some(UNSYNCED);
    before.expect(0, unsynced.as_slice());
    let meta = app.count("SELECT COUNT(*) FROM meta").await;
    let report = if store == Store::Sqlite {
        // Its own folder and file, but another user: root may write everywhere.
        let file = Path::new(url.trim_start_matches("sqlite://")).to_owned();
        let Some(output) = as_nobody(file.parent().expect("a folder"), &url) else { return };
        Report::of(&output)
    } else {
        let name = url.rsplit('/').next().expect("a name").split('?').next().expect("a name");
        app.execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
        doctor(folder.path(), &[("FILMGATE_DATABASE_URL", &url)])
    };
    report.expect(1, &[&[("database", "error")], unsynced.as_slice()].concat());
    let told = report.told("database");
    assert!(told.contains(if store == Store::Sqlite { "writ" } else { "read-only" }), "{told}");
    if store == Store::Sqlite {
        assert_eq!(app.count("SELECT COUNT(*) FROM meta").await, meta, "what was tried is taken back");
    }
}

/// The doctor as a user who may read the folder and not write it. None where users cannot be changed, which is said.
fn as_nobody(folder: &Path, url: &str) -> Option<Output> {
    use std::os::unix::fs::PermissionsExt as _;
    let is_root = std::process::Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !is_root {
        for path in std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
            std::fs::set_permissions(path, Permissions::from_mode(0o444)).expect("ours");
        }
        std::fs::set_permissions(folder, Permissions::from_mode(0o555)).expect("ours");
        let variables = [("FILMGATE_DATABASE_URL", url)];
        let output = Server::output(folder, &["doctor", "--format", "json"], &variables);
        std::fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("ours");
        return Some(output);
    }
    // Where that user can reach the program.
    let place = TempDir::new().expect("a folder");
    let program = place.path().join("filmgate");
    if std::fs::hard_link(env!("CARGO_BIN_EXE_filmgate"), &program).is_err() {
        std::fs::copy(env!("CARGO_BIN_EXE_filmgate"), &program).expect("a copy");
    }
    for path in [folder, place.path()] {
        std::fs::set_permissions(path, Permissions::from_mode(0o755)).expect("ours");
    }
    let output = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .args(["doctor", "--format", "json"])
        .current_dir(folder)
        .env_clear()
        .env("FILMGATE_DATABASE_URL", url)
        .output();
    if output.is_err() {
        crate::support::skip("setpriv is not installed");
    }
    output.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_or_old_is_told_without_its_password() {
    let folder = folder();
    let here = folder.path();
    let away = [("FILMGATE_DATABASE_URL", "postgres://films:CaNaRy@127.0.0.1:1/films")];
    for arguments in [&["doctor", "--format", "json"][..], &["doctor"]] {
        let output = Server::output(here, arguments, &away);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("cannot be reached") && !said.contains("CaNaRy"), "{said}");
        assert_eq!(said.contains("\n1 error, 0 warnings\n"), arguments.len() == 1, "{said}");
    }
    doctor(here, &away).expect(1, &[("database", "error")]);
    doctor(here, &[("FILMGATE_DATABASE_URL", "sqlite://missing/films.db")])
        .expect(1, &[("database", "error")]);
    for arguments in [&["migrate", "up"][..], &["migrate", "down", "--yes"]] {
        assert_eq!(Server::output(here, arguments, &[]).status.code(), Some(0));
    }
    let report = doctor(here, &[]);
    report.expect(0, &[("database", "warning")]);
    assert!(report.told("database").contains("filmgate migrate up"));
    assert_eq!(
        Server::output(here, &["migrate", "status"], &[]).stdout,
        Server::output(here, &["migrate", "status"], &[]).stdout,
        "and it is left as it is"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_back_is_told() {
    let app = TestApp::new(UNLIMITED).await;
    let folder = folder();
    let variables = [("FILMGATE_DATABASE_URL", &*app.database_url)];
    doctor(folder.path(), &variables).expect(0, &[]);
    app.execute("INSERT INTO vote (film_id, value, voted_at) VALUES (1, 1, 4000000000000)").await;
    let report = doctor(folder.path(), &variables);
    report.expect(1, &[("clock", "error")]);
    let told = report.told("clock");
    assert!(told.contains("the newest film or vote lies") && told.contains("in the future"), "{told}");
}

#[tokio::test]
async fn risky_settings_are_told_and_are_no_failure() {
    let folder = folder();
    let variables = [
        ("FILMGATE_LISTEN", "0.0.0.0:3000"),
        ("FILMGATE_TLS__MODE", "off"),
        ("FILMGATE_AUTH__ANONYMOUS_ROLE", "editor"),
        ("FILMGATE_CORS__ALLOWED_ORIGINS", "*"),
        ("FILMGATE_LIMITS__ENABLED", "false"),
    ];
    let warnings = ["tls", "anonymous_role", "cors", "limits"].map(|check| (check, "warning"));
    doctor(folder.path(), &variables).expect(0, &warnings);
    let everybody = [("FILMGATE_TRUSTED_PROXIES", "0.0.0.0/0")];
    doctor(folder.path(), &everybody).expect(1, &[("trusted_proxies", "error")]);
    let wrong = Server::output(folder.path(), &["doctor"], &[("FILMGATE_LISTEN", "0.0.0.0:3000")]);
    assert_eq!(wrong.status.code(), Some(2), "a configuration that does not hold");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_an_issuer_that_cannot_be_had_are_told() {
    let folder = folder();
    let key = SigningKey::ed25519();
    let server = JwksServer::start(Answer::Keys(vec![key.jwk("1")])).await;
    let url = server.url();
    let variables = |more: &'static [(&str, &str)]| {
        let mut variables = vec![
            ("FILMGATE_AUTH__JWT__ISSUER", "https://id.example"),
            ("FILMGATE_AUTH__JWT__AUDIENCE", "filmgate"),
            ("FILMGATE_AUTH__JWT__JWKS", &*url),
        ];
        variables.extend(more);
        variables
    };
    let report = doctor(folder.path(), &variables(&[]));
    report.expect(0, &[]);
    assert!(report.told("jwt").contains("1 key "), "{}", report.told("jwt"));
    doctor(folder.path(), &variables(&[("FILMGATE_AUTH__JWT__MAX_ROLE", "admin")]))
        .expect(0, &[("jwt", "warning")]);
    doctor(folder.path(), &variables(&[("FILMGATE_AUTH__JWT__ALGORITHMS", "RS256")]))
        .expect(1, &[("jwt", "error")]);
    server.answers(Answer::Status(500));
    let report = doctor(folder.path(), &variables(&[]));
    report.expect(1, &[("jwt", "error")]);
    assert!(report.told("jwt").contains("it answered 500"), "{}", report.told("jwt"));
    let missing = doctor(folder.path(), &variables(&[("FILMGATE_AUTH__JWT__JWKS", "missing.json")]));
    missing.expect(1, &[("jwt", "error")]);
    assert_eq!(json!(missing.code), json!(1));
}

#[tokio::test]
async fn a_certificate_that_is_of_no_use_is_told() {
    let folder = folder();
    let here = folder.path();
    let (good, other) = (Issued::new(), Issued::new());
    let strange = Issued { der: good.der.clone(), cert: good.cert.clone(), key: other.key };
    for (issued, found) in [(&good, None), (&strange, Some(("certificate", "error")))] {
        let files = issued.write(here);
        std::fs::set_permissions(&files.key, Permissions::from_mode(0o600)).expect("a file of ours");
        let files = variables(&files);
        let mut set: Vec<(&str, &str)> = files.iter().map(|(name, value)| (*name, value.as_str())).collect();
        set.push(("FILMGATE_LISTEN", "127.0.0.1:0"));
        let report = doctor(here, &set);
        let of_certificate: Vec<_> =
            report.faults().into_iter().filter(|(check, _)| *check == "certificate").collect();
        assert_eq!(of_certificate.first().copied(), found, "{:#?}", report.findings);
        assert!(!report.told("certificate").is_empty());
    }
}

/// `flood` counts by address and is no bucket of a tier.
#[test]
fn a_bucket_of_a_tier_without_a_limit_is_told() {
    let folder = folder();
    let configure = |text: &str| std::fs::write(folder.path().join("filmgate.toml"), text).expect("a file");
    configure("[limits.tiers.editor]\nadd_film = []\n");
    let told = doctor(folder.path(), &[]).told("limits");
    assert!(told.contains("no limit in limits.tiers.editor.add_film"), "{told}");
    configure("[limits.tiers.editor]\nadd_film = '5/second'\n");
    let told = doctor(folder.path(), &[]).told("limits");
    assert!(told.contains("every bucket has a limit"), "{told}");
    let many = (1..=9).map(|count| format!("1/{count} seconds")).collect::<Vec<_>>().join(", ");
    configure(&format!("[limits]\nfilm = '{many}'\n"));
    let output = Server::output(folder.path(), &["config", "check"], &[]);
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(fault.contains("limits.film") && fault.contains("more than the 8"), "{fault}");
}
