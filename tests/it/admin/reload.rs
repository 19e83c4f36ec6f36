//! A running server takes over a configuration that was changed, or goes on as it was.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use filmgate::config::{Config, TAKEN_OVER};
use filmgate::limits::{Bucket, Limiter, Price};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::scrape::{ON, Scrape, address};
use crate::support::{Issued, ManualClock, Redis, Server, Socket, Told, limits, shown};

const FILE: &str = "filmgate.toml";

fn configure(folder: &Path, text: &str) {
    std::fs::write(folder.join(FILE), text).expect("a file");
}

/// What the log says of reloads: the level of the line, and what it is about.
fn told(server: &Server) -> Vec<(String, String)> {
    let is_told = |message: &str| {
        message.starts_with("the configuration") || message.starts_with("these settings have changed")
    };
    let lines = server.log().into_iter().filter(|line| line["message"].as_str().is_some_and(is_told));
    lines
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            let about = if line["level"] == "ERROR" { text("message") } else { text("settings") };
            (text("level"), about)
        })
        .collect()
}

/// Asks by a signal, and waits until so many reloads have been told.
fn reload(server: &Server, count: usize) -> Vec<(String, String)> {
    server.signal("HUP");
    for _ in 0..400 {
        let told = told(server);
        if told.iter().filter(|(level, _)| level != "WARN").count() >= count {
            return told;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("no reload: {:?}", server.log());
}

/// Asks by the command.
fn command(folder: &Path, server: &Server, more: &[&str]) -> Output {
    let url = address(server);
    let url = url.trim_end_matches("/metrics");
    Server::output(folder, &[&["reload", "--url", url][..], more].concat(), &[])
}

async fn status(server: &Server, path: &str, host: &str) -> StatusCode {
    let call = Client::new().get(format!("{}{path}", server.url)).header("host", host);
    call.send().await.expect("an answer").status()
}

async fn remaining(server: &Server, window: &str) -> u64 {
    let answer = reqwest::get(format!("{}/v1/rate_limit", server.url)).await.expect("an answer");
    let quotas: Value = answer.json().await.expect("JSON");
    let limits = quotas["limits"].as_array().unwrap_or_else(|| panic!("{quotas}"));
    let limit = limits.iter().find(|limit| limit["name"] == window).unwrap_or_else(|| panic!("{quotas}"));
    limit["remaining"].as_u64().expect("a number")
}

/// Limits, hosts, origins and the level of the log, one after the other; and a budget whose policy stays goes on.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_is_taken_over_and_the_rest_goes_on() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "[limits]\nfilm = '3/day'\nbrowse = ['100/day', '7/hour']\n");
    let server = Server::start(folder.path(), &[ON]);
    for _ in 0..3 {
        assert_eq!(status(&server, "/", "localhost").await, 200);
        assert_eq!(status(&server, "/v1/films/1", "localhost").await, 200);
    }
    assert_eq!(status(&server, "/", "localhost").await, 429);
    assert_eq!(status(&server, "/v1/films/1", "films.example").await, 403);

    configure(
        folder.path(),
        "allowed_hosts = ['films.example']\nlisten = '127.0.0.1:1'\n[limits]\nfilm = '5/day'\nbrowse = ['100/day', '8/hour']\n\
         max_keys = 5\n[cors]\nallowed_origins = ['https://a.example']\n[log]\nlevel = 'warn'\n",
    );
    server.signal("HUP");
    for _ in 0..200 {
        if status(&server, "/v1/me", "films.example").await == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(remaining(&server, "film-1d").await, 5, "another policy starts full");
    assert_eq!(remaining(&server, "browse-1d").await, 97, "the same policy goes on");
    assert_eq!(remaining(&server, "browse-1h").await, 8);
    assert_eq!(status(&server, "/", "films.example").await, 200);
    let client = Client::new();
    let cross = client.get(format!("{}/v1/me", server.url)).header("origin", "https://a.example");
    let answer = cross.send().await.expect("an answer");
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://a.example");
    let warned = server.await_log(1, |line| line["level"] == "WARN" && line["settings"].is_string());
    // The variable of the test names the address, so the file does not.
    assert_eq!(warned[0]["settings"], "limits.max_keys");
    // At this level requests have no lines.
    let lines = server.log().len();
    assert_eq!(status(&server, "/v1/me", "localhost").await, 200);
    assert_eq!(server.log().len(), lines);

    configure(folder.path(), "[limits]\nfilm = '5/day'\nbrowse = ['100/day', '8/hour']\n");
    let output = Told::of(command(folder.path(), &server, &["--format", "json"])).done();
    let said: Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!(said["taken_over"], json!(["allowed_hosts", "cors.allowed_origins", "log.level"]));
    assert_eq!(said["need_restart"], json!([]));
    assert_eq!(status(&server, "/v1/me", "films.example").await, 403);
    assert_eq!(remaining(&server, "film-1d").await, 4);
    server.await_log(1, |line| line["target"] == "filmgate::request" && line["status"] == 403);
    assert_eq!(Told::of(command(folder.path(), &server, &[])).done(), "nothing was taken over\n");
    let is_told = |line: &Value| {
        line["message"].as_str().is_some_and(|told| told.contains("nothing to take over"))
            && line["settings"].is_null()
    };
    server.await_log(1, is_told);
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.sum("filmgate_reloads_total", &[("outcome", "taken_over")]), Some(3.0));
}

/// Whatever is wrong: the old one stays, whole, and the log and the command say why.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_changes_nothing_and_is_told() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "[limits]\nfilm = '3/day'\n");
    let server = Server::start(folder.path(), &[ON]);
    assert_eq!(status(&server, "/", "localhost").await, 200);
    let cases = [
        ("[limits]\nfilm = '1/fortnight'\n", "limits.film"),
        ("[limits]\nfilms = '9/day'\n", "limits.films"),
        ("[limits\n", "is not TOML"),
        ("[limits]\nfilm = '9/day'\n[log]\nlevel = 'loud!!'\n", "log.level"),
        ("[limits]\nfilm = '9/day'\n[http]\nmax_body = 0\n", "http.max_body"),
    ];
    for (count, (text, word)) in cases.into_iter().enumerate() {
        configure(folder.path(), text);
        let said = reload(&server, 2 * count + 1);
        let (level, about) = said.last().expect("a line");
        assert!(level == "ERROR" && about.contains(word) && about.contains("stays"), "{text}: {said:?}");
        let refused = Told::of(command(folder.path(), &server, &[]));
        refused.failed(1, &["the server goes on as it was", word]);
        assert_eq!(remaining(&server, "film-1d").await, 2);
    }
    std::fs::remove_file(folder.path().join(FILE)).expect("a file");
    std::fs::create_dir(folder.path().join(FILE)).expect("a folder");
    Told::of(command(folder.path(), &server, &[])).failed(1, &["cannot be read"]);
    let scrape = Scrape::of(&server).await;
    let refused = scrape.sum("filmgate_reloads_total", &[("outcome", "refused")]);
    assert_eq!(refused, Some(11.0));
}

/// The certificate is named anew, and one that cannot be used keeps all of it back.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_in_other_files_is_taken_over_and_a_bad_one_keeps_everything_back() {
    let (folder, other) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let (one, two) = (Issued::new(), Issued::new());
    let (files, others) = (one.write(folder.path()), two.write(other.path()));
    let text = |files: &filmgate::tls::Files, film: &str| {
        let (cert, key) = (files.cert.display(), files.key.display());
        format!("[tls]\nmode = 'cert'\ncert = '{cert}'\nkey = '{key}'\n[limits]\nfilm = '{film}'\n")
    };
    configure(folder.path(), &text(&files, "1/second"));
    let server = Server::start(folder.path(), &[]);
    assert_eq!(shown(server.address()).await, one.der);
    configure(folder.path(), &text(&others, "2/second"));
    let said = reload(&server, 1);
    assert_eq!(said, [("INFO".to_owned(), "limits.film, tls.cert, tls.key".to_owned())]);
    assert_eq!(shown(server.address()).await, two.der);
    // A key of another one.
    let mixed = filmgate::tls::Files { cert: files.cert.clone(), key: others.key.clone() };
    configure(folder.path(), &text(&mixed, "3/second"));
    let said = reload(&server, 2);
    assert_eq!(said[1].0, "ERROR", "{said:?}");
    assert_eq!(shown(server.address()).await, two.der);
    configure(folder.path(), &text(&others, "3/second"));
    let said = reload(&server, 3);
    assert_eq!(said[2], ("INFO".to_owned(), "limits.film".to_owned()), "what was kept back comes now");
    // Others are watched over, as the first ones were.
    let three = Issued::new();
    three.write(other.path());
    for _ in 0..400 {
        if shown(server.address()).await == three.der {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the new certificate was never shown");
}

/// Twenty reloads while all ask: no request fails, and of a budget that stays nobody gets more than there is.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_reloads_under_load_fail_no_request_and_refill_nothing() {
    let folder = TempDir::new().expect("a folder");
    let text = |round: usize| {
        format!(
            "[limits]\nfilm = '900/day'\nbrowse = '{}/second'\nflood = []\n[log]\nlevel = 'warn'\n",
            100_000 + round
        )
    };
    configure(folder.path(), &text(0));
    let server = Arc::new(Server::start(folder.path(), &[ON]));
    let (stop, passed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        let (server, stop, passed) = (Arc::clone(&server), Arc::clone(&stop), Arc::clone(&passed));
        clients.spawn(async move {
            let client = Client::new();
            while !stop.load(Ordering::Relaxed) {
                let film = client.get(format!("{}/?like=1", server.url)).send().await.expect("an answer");
                match film.status().as_u16() {
                    200 => drop(passed.fetch_add(1, Ordering::Relaxed)),
                    429 => {}
                    other => panic!("{other}"),
                }
                let browse =
                    client.get(format!("{}/v1/films/1", server.url)).send().await.expect("an answer");
                assert_eq!(browse.status(), 200);
            }
        });
    }
    for round in 1..=20 {
        configure(folder.path(), &text(round));
        let output = Told::of(command(folder.path(), &server, &[])).done();
        assert_eq!(output, "taken over: limits.browse\n");
    }
    while passed.load(Ordering::Relaxed) < 900 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client.expect("no request failed");
    }
    // 900 a day are one each 96 seconds.
    let passed = passed.load(Ordering::Relaxed);
    assert!((900..=903).contains(&passed), "{passed}");
}

/// Threads that still hold the limiter of before and threads that have the new one: together they get the quota.
#[test]
fn two_limiters_in_a_row_are_one_budget() {
    let clock = ManualClock::new();
    let of = |text: &str| Limiter::new(true, &limits(text).policies(), 1_000, Arc::new(clock.clone()));
    let client: std::net::IpAddr = [192, 0, 2, 1].into();
    let client = filmgate::limits::ClientKey::from(client);
    for _ in 0..20 {
        let before = of("film=1000/day; browse=5/hour");
        let is_refused = |limiter: &Limiter| limiter.charge(client, &Price::of(Bucket::Film, 1)).is_err();
        let draw = |limiter: &Limiter| (0..400).filter(|_| !is_refused(limiter)).count();
        let admitted = std::thread::scope(|scope| {
            let early: Vec<_> = (0..4).map(|_| scope.spawn(|| draw(&before))).collect();
            // In another order, with one that is new.
            let after = of("add_film=1/day; film=1000/day, 999999/hour; browse=6/hour").succeed(&before);
            let late = draw(&after);
            let early: usize = early.into_iter().map(|thread| thread.join().expect("no panic")).sum();
            assert!(is_refused(&before) && is_refused(&after));
            early + late
        });
        assert_eq!(admitted, 1_000);
    }
}

/// In Redis too, where the servers count together.
#[tokio::test(flavor = "multi_thread")]
async fn a_budget_in_redis_goes_on() {
    let Some(redis) = Redis::shared() else { return };
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "[limits]\nfilm = '3/day'\nbrowse = '9/hour'\n");
    let url = redis.url(Redis::database());
    let storage =
        [ON, ("FILMGATE_LIMITS__STORAGE", url.as_str()), ("FILMGATE_LIMITS__STORAGE_TIMEOUT", "10000")];
    let server = Server::start(folder.path(), &storage);
    assert_eq!(status(&server, "/", "localhost").await, 200);
    configure(folder.path(), "[limits]\nfilm = '3/day'\nbrowse = '10/hour'\n");
    assert_eq!(Told::of(command(folder.path(), &server, &[])).done(), "taken over: limits.browse\n");
    assert_eq!(remaining(&server, "film-1d").await, 2);
    assert_eq!(status(&server, "/", "localhost").await, 200);
    assert_eq!(remaining(&server, "film-1d").await, 1);
    assert_eq!(Scrape::of(&server).await.sum("filmgate_limiter_local_decisions_total", &[]), Some(0.0));
}

/// A socket that was open before is held by the limits of now.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_open_has_the_new_limits() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "[limits]\nfilm = []\n");
    let server = Server::start(folder.path(), &[ON]);
    let mut socket = Socket::ready(server.address()).await;
    assert!(socket.ask("{ randomFilm { id } }").await["payload"]["data"]["randomFilm"]["id"].is_string());
    configure(folder.path(), "[limits]\nfilm = '1/day'\n");
    assert_eq!(Told::of(command(folder.path(), &server, &[])).done(), "taken over: limits.film\n");
    assert!(socket.ask("{ randomFilm { id } }").await["payload"]["data"]["randomFilm"]["id"].is_string());
    let refused = socket.ask("{ randomFilm { id } }").await.to_string();
    assert!(refused.contains("RATE_LIMITED"), "{refused}");
}

/// No page of a site asks for it, nor anybody through a proxy; and who cannot be asked is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_is_asked_for_on_this_machine_and_by_no_page() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[ON]);
    let url = address(&server).replace("/metrics", "/reload");
    let client = Client::new();
    for (name, value) in [
        ("origin", "http://localhost:5173"),
        ("sec-fetch-site", "same-origin"),
        ("x-forwarded-for", "192.0.2.1"),
        ("host", "films.example"),
    ] {
        let answer = client.post(&url).header(name, value).send().await.expect("an answer");
        assert_eq!(answer.status(), 403, "{name}");
    }
    assert_eq!(client.get(&url).send().await.expect("an answer").status(), 405);
    assert_eq!(client.post(&url).send().await.expect("an answer").status(), 200);
    let public = client.post(format!("{}/reload", server.url)).send().await.expect("an answer");
    assert_eq!(public.status(), 404);
    let nobody = |variables: &[(&str, &str)]| Told::of(Server::output(folder.path(), &["reload"], variables));
    nobody(&[]).failed(2, &["admin.listen", "SIGHUP"]);
    nobody(&[("FILMGATE_ADMIN__LISTEN", "1")]).failed(1, &["no server answers at http://127.0.0.1:1/reload"]);
    configure(folder.path(), "[limits]\nfilm = 'x'\n");
    nobody(&[("FILMGATE_ADMIN__LISTEN", "1")]).failed(1, &["goes on as it was", "limits.film"]);
}

/// The page lists what is taken over.
#[test]
fn what_is_taken_over_is_documented() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md"))
        .expect("a page");
    let section =
        page.split_once("## Reload\n").expect("a section").1.split("\n## ").next().expect("its text");
    let keys: BTreeSet<&str> = section.split('`').skip(1).step_by(2).collect();
    for key in TAKEN_OVER {
        assert!(keys.contains(key), "{key}");
    }
    let is_taken =
        |key: &str| TAKEN_OVER.iter().any(|taken| key == *taken || key.starts_with(&format!("{taken}.")));
    let named = keys.iter().filter(|key| Config::setting(key).is_some());
    for key in named {
        assert!(is_taken(key) || ["admin.listen", "limits.storage"].contains(key), "{key} is not taken over");
    }
}

/// Nobody wishes for the defaults by losing a file.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_has_vanished_is_a_mishap() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "[limits]\nfilm = '3/day'\n");
    let server = Server::start(folder.path(), &[ON]);
    std::fs::remove_file(folder.path().join(FILE)).expect("a file");
    let told = reload(&server, 1);
    assert!(told[0].0 == "ERROR" && told[0].1.contains("cannot be read"), "{told:?}");
    let output = command(folder.path(), &server, &[]);
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && fault.contains("goes on as it was"), "{fault}");
    assert_eq!(remaining(&server, "film-1d").await, 3);
}

/// However many policies the new plan of a tier has: who is amid a call by the old one is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_longer_plan_harms_no_call_that_is_under_way() {
    let clock = Arc::new(ManualClock::new());
    let plan = |policies: &str| {
        let mut config = Config::default();
        let all = limits(policies);
        let tier = &mut config.limits.tiers.voter;
        (tier.film, tier.add_film) = (Some(all.film.clone()), Some(all.film.clone()));
        (tier.browse, tier.login) = (Some(all.film.clone()), Some(all.film));
        Limiter::new(true, &config.limits.policies(), 1_000, Arc::clone(&clock) as _)
            .with_tiers(config.limits.of_tiers())
    };
    let old = plan("film=100/day");
    // As many as a configuration may have.
    let many = (1..=8).map(|count| format!("100/{count} days")).collect::<Vec<_>>().join(", ");
    let new = plan(&format!("film={many}")).succeed(&old);
    let who = || Some("7".to_owned());
    let tier = filmgate::limits::Tier::Voter;
    let budget = |limiter: &Limiter| limiter.budget(Some(tier), who, None).expect("a budget");
    let (before, after) = (budget(&old), budget(&new));
    let price = Price::of(Bucket::Film, 1);
    for _ in 0..50 {
        old.charge(before.clone(), &price).expect("there is enough");
        new.charge(after.clone(), &price).expect("there is enough");
    }
    assert!(new.charge(after, &price).is_err() && old.charge(before, &price).is_err());
}

#[test]
fn an_address_that_cannot_be_asked_is_wrong_use() {
    let folder = TempDir::new().expect("a folder");
    for url in [
        "localhost:9464",
        "ftp://127.0.0.1:9464",
        "https://127.0.0.1:9464",
        "http://root:SECRET@127.0.0.1:9464",
    ] {
        let output = Server::output(folder.path(), &["reload", "--url", url], &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains("write http://HOST:PORT"), "{url}: {said}");
    }
}
