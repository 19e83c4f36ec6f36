//! What is measured is what happens, and the page and the dashboard know all of it and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use filmgate::metrics::table::{ALL, Kind};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::scrape::{ON, Scrape};
use crate::support::{Redis, Server, Socket, Wire};

/// So many of each call, by one of so many who call at once.
const TIMES: usize = 25;
const CALLERS: usize = 16;

/// Calls of every kind: those that pass, those that are refused, and those that ask for nothing that there is.
fn calls() -> Vec<(Method, &'static str, Option<Value>)> {
    let graphql = |document: &str| Some(json!({ "query": document }));
    vec![
        (Method::GET, "/", None),
        (Method::HEAD, "/", None),
        (Method::GET, "/?like=1", None),
        (Method::GET, "/?dislike=2", None),
        (Method::GET, "/?like=1&dislike=2", None),
        (Method::GET, "/?like=99999999", None),
        (Method::GET, "/?like=x", None),
        (Method::GET, "/v1/films/1", None),
        (Method::GET, "/v1/films/1/", None),
        (Method::GET, "/v1/films?first=2", None),
        (Method::GET, "/v1/films/99999999", None),
        (Method::GET, "/v1/me", None),
        (Method::GET, "/v1/accounts", None),
        (Method::GET, "/v1/rate_limit", None),
        (Method::GET, "/health/live", None),
        (Method::GET, "/metrics", None),
        (Method::DELETE, "/add_film", None),
        (Method::POST, "/add_film", Some(json!({ "name": "", "studio": 7 }))),
        (Method::POST, "/v1/films", Some(json!({ "name": "Frozen", "studio": "Disney", "year": 2013 }))),
        (Method::POST, "/graphql", graphql("{ randomFilm { id } }")),
        (Method::POST, "/graphql", graphql("mutation { like(id: 3) { likes } }")),
        (Method::POST, "/graphql", graphql("{ film(id: 1) { name } films(first: 1) { totalCount } }")),
        (Method::POST, "/graphql", graphql("{ nothing }")),
        (Method::POST, "/graphql", graphql("{ genres(first: 1) { edges { node { name } } } }")),
        (Method::POST, "/graphql", None),
    ]
}

/// How many lines of the log there are, or requests that were counted, by operation, surface and status.
type Counts = BTreeMap<[String; 3], u64>;

fn logged(server: &Server) -> Counts {
    let mut counts = Counts::new();
    for line in server.log().iter().filter(|line| line["target"] == "filmgate::request") {
        let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
        let status = line["status"].as_u64().expect("a status").to_string();
        *counts.entry([text(&line["action"]), text(&line["surface"]), status]).or_default() += 1;
    }
    counts
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a test")]
fn counted(scrape: &Scrape) -> Counts {
    let series = scrape.series("filmgate_requests_total");
    series
        .map(|(labels, value)| {
            (["operation", "surface", "status"].map(|label| labels[label].clone()), value as u64)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_are_counted_as_the_log_has_lines_of_them() {
    let folder = TempDir::new().expect("a folder");
    let no_limit = ["FILM", "ADD_FILM", "FLOOD"].map(|bucket| format!("FILMGATE_LIMITS__{bucket}"));
    let mut variables: Vec<(&str, &str)> = no_limit.iter().map(|name| (&**name, "1000000/second")).collect();
    // So that many are over quota.
    variables.extend([("FILMGATE_LIMITS__BROWSE", "100/hour"), ON]);
    let server = Arc::new(Server::start(folder.path(), &variables));
    let client = Client::new();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (client, server) = (client.clone(), Arc::clone(&server));
        callers.spawn(async move {
            for _ in 0..TIMES {
                for (method, path, body) in calls() {
                    let call = client.request(method, format!("{}{path}", server.url));
                    let call = if let Some(body) = body { call.json(&body) } else { call };
                    let answer = call.send().await.expect("an answer");
                    assert_ne!(answer.status().as_u16(), 500);
                }
            }
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller.expect("no panic");
    }
    let sent = CALLERS * TIMES * calls().len();
    assert_eq!(sent, 10_000);
    server.await_log(sent, |line| line["target"] == "filmgate::request");

    let (logged, scrape) = (logged(&server), Scrape::of(&server).await);
    assert_eq!(counted(&scrape), logged);
    assert_eq!(logged.values().sum::<u64>(), sent as u64, "the second listener has no lines");
    assert!(logged.len() > 25, "{logged:?}");
    let of = |name: &str, labels: &[(&str, &str)]| scrape.sum(name, labels);
    let all = 10_000.0;
    assert_eq!(of("filmgate_request_duration_seconds_count", &[]), Some(all));
    assert_eq!(of("filmgate_request_duration_seconds_bucket", &[("le", "+Inf")]), Some(all));
    assert!(of("filmgate_request_duration_seconds_sum", &[]).is_some_and(|seconds| seconds > 0.0));
    // Each drew from `flood` once, and who was answered with 429 was refused by `browse`.
    assert_eq!(
        of("filmgate_limiter_decisions_total", &[("bucket", "flood"), ("outcome", "passed")]),
        Some(all)
    );
    let over: u64 = logged.iter().filter(|(key, _)| key[2] == "429").map(|(_, count)| count).sum();
    let refused = of("filmgate_limiter_decisions_total", &[("outcome", "over_quota")]);
    assert_eq!(refused.map(|refused| format!("{refused}")), Some(over.to_string()));
    assert!(over > 1_000);
    // Votes of a call are one call of a group.
    let voted: u64 = logged
        .iter()
        .filter(|(key, _)| ["like", "dislike", "like_and_dislike"].contains(&&*key[0]) && key[2] == "200")
        .map(|(_, count)| count)
        .sum();
    let written = of("filmgate_vote_group_calls_sum", &[]).expect("groups");
    let unknown: u64 =
        logged.iter().filter(|(key, _)| key[0] == "like" && key[2] == "404").map(|(_, count)| count).sum();
    assert_eq!(format!("{written}"), (voted + unknown).to_string());
    assert_eq!(
        of("filmgate_vote_group_commit_seconds_count", &[]),
        of("filmgate_vote_group_calls_count", &[])
    );
    assert_eq!(of("filmgate_limiter_decisions_total", &[("outcome", "above_burst")]), Some(0.0));
    assert_eq!(of("filmgate_limiter_clients", &[]), Some(1.0));
}

/// Sockets, event streams, connections, and what never became a request.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_is_told_while_it_is_open() {
    let folder = TempDir::new().expect("a folder");
    // So that it is soon noticed who has gone.
    let ping = ("FILMGATE_LIVE__PING_INTERVAL", "1");
    let server = Server::start(folder.path(), &[ON, ping, ("FILMGATE_LIMITS__ENABLED", "false")]);
    let before = Scrape::of(&server).await;
    let open = |scrape: &Scrape| {
        let open = |kind| scrape.sum("filmgate_streams", &[("kind", kind)]).expect("a number");
        ["socket", "events"].map(|kind| open(kind).to_string())
    };
    assert_eq!(open(&before), ["0", "0"]);
    assert_eq!(before.sum("filmgate_connections", &[]), Some(0.0), "its own do not count");
    let mut events = Wire::connect(server.address()).await;
    events
        .send(b"GET /v1/films/events?id=1 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        .await;
    let mut head = [0; 12];
    events.stream.read_exact(&mut head).await.expect("an answer");
    assert_eq!(&head, b"HTTP/1.1 200");
    let socket = Socket::ready(server.address()).await;
    let during = Scrape::of(&server).await;
    assert_eq!(open(&during), ["1", "1"]);
    assert_eq!(during.sum("filmgate_connections", &[]), Some(2.0));
    assert!(during.sum("filmgate_tasks", &[]) > before.sum("filmgate_tasks", &[]));
    drop((events, socket));
    let mut noise = Wire::connect(server.address()).await;
    noise.stream.write_all(b"this is not HTTP\r\n\r\n").await.expect("room");
    noise.rest().await;
    for _ in 0..400 {
        let after = Scrape::of(&server).await;
        let malformed = after.sum("filmgate_connections_dropped_total", &[("cause", "malformed")]);
        if open(&after) == ["0", "0"] && malformed == Some(1.0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still open: {}", Scrape::of(&server).await.text);
}

/// Every metric of the table is told, as what it is, and no other one; those of Redis where there is one.
#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_of_the_table_are_those_that_are_told() {
    let Some(redis) = Redis::shared() else { return };
    let folder = TempDir::new().expect("a folder");
    let url = redis.url(Redis::database());
    let storage =
        [ON, ("FILMGATE_LIMITS__STORAGE", url.as_str()), ("FILMGATE_LIMITS__STORAGE_TIMEOUT", "10000")];
    let server = Server::start(folder.path(), &storage);
    for path in ["/?like=1", "/v1/films/1"] {
        assert_eq!(reqwest::get(format!("{}{path}", server.url)).await.expect("an answer").status(), 200);
    }
    let scrape = Scrape::of(&server).await;
    let declared: BTreeMap<&str, &str> = ALL.iter().map(|metric| (metric.name, metric.kind.name())).collect();
    assert_eq!(scrape.kinds(), declared);
    for metric in ALL {
        let name = match metric.kind {
            Kind::Histogram(_) => format!("{}_sum", metric.name),
            _ => metric.name.to_owned(),
        };
        let labels: BTreeSet<&str> = metric.labels.iter().copied().collect();
        let mut count = 0;
        for (own, _) in scrape.series(&name) {
            count += 1;
            assert_eq!(own.keys().map(String::as_str).collect::<BTreeSet<_>>(), labels, "{name}");
        }
        assert!((1..100).contains(&count), "{name}: {count}");
        assert!(scrape.text.contains(&format!("# HELP {} {}", metric.name, metric.meaning)), "{name}");
    }
    for (name, value) in [
        ("filmgate_redis_up", 1.0),
        ("filmgate_redis_failures_total", 0.0),
        ("filmgate_limiter_local_decisions_total", 0.0),
        ("filmgate_redis_call_duration_seconds_count", 2.0),
        ("filmgate_votes_waiting", 0.0),
        ("filmgate_read_model_is_whole", 1.0),
        ("filmgate_log_lines_lost_total", 0.0),
        ("filmgate_database_writes_failing", 0.0),
        ("filmgate_untrusted_forwarding_total", 0.0),
    ] {
        let told = scrape.sum(name, &[]).expect(name);
        assert!((told - value).abs() < 0.5, "{name} is {told}");
    }
    let info = scrape.series("filmgate_build_info").next().expect("a series").0;
    assert!(info["version"].starts_with(env!("CARGO_PKG_VERSION")), "{info:?}");
    assert_eq!((&*info["database"], &*info["storage"]), ("sqlite", "redis"));
    assert!(scrape.sum("filmgate_films", &[]).is_some_and(|films| films >= 500.0));
    assert!(scrape.sum("process_resident_memory_bytes", &[]).is_some_and(|bytes| bytes > 1_000_000.0));
}

const PAGE: &str = "docs/metrics.md";
const HEAD: &str = "| metric | kind | labels | meaning |\n|---|---|---|---|\n";

/// The table is the end of the page. Written anew under `TEST_REGENERATE=1`.
#[test]
fn every_metric_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).expect("a page");
    let before = page.split("| metric |").next().unwrap_or_default();
    let rows = ALL.iter().map(|metric| {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind, meaning) = (metric.name, metric.kind.name(), metric.meaning);
        format!("| `{name}` | {kind} | {} | {meaning} |\n", labels.join(", "))
    });
    let generated = format!("{before}{HEAD}{}", rows.collect::<String>());
    if std::env::var_os("TEST_REGENERATE").is_some() {
        std::fs::write(path, &generated).expect("a page");
    } else {
        let cure = "TEST_REGENERATE=1 cargo test --test it every_metric_is_documented";
        assert_eq!(page, generated, "To cure it: {cure}");
    }
}

/// Every metric that the dashboard asks for is in the table, under labels that it has.
#[test]
fn the_dashboard_asks_for_what_there_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/grafana-dashboard.json");
    let dashboard: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON");
    let mut expressions = Vec::new();
    let panels = dashboard["panels"].as_array().expect("panels");
    for panel in panels {
        for target in panel["targets"].as_array().into_iter().flatten() {
            expressions.push(target["expr"].as_str().expect("an expression"));
        }
    }
    assert!(panels.len() > 10 && expressions.len() > 20, "{}", expressions.len());
    let mut asked = BTreeSet::new();
    for expression in expressions {
        let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let names = expression.split(|character| !is_part(character));
        for name in names.filter(|name| name.starts_with("filmgate_") || name.starts_with("process_")) {
            let metric = ALL.iter().find(|metric| match metric.kind {
                Kind::Histogram(_) => ["_bucket", "_sum", "_count"]
                    .iter()
                    .any(|suffix| name.strip_suffix(suffix) == Some(metric.name)),
                _ => metric.name == name,
            });
            let metric = metric.unwrap_or_else(|| panic!("no {name}: {expression}"));
            asked.insert(metric.name);
        }
        for labels in expression.split("by (").skip(1) {
            for label in labels.split(')').next().expect("an end").split(',').map(str::trim) {
                let is_known = ["le", "instance"].contains(&label)
                    || ALL
                        .iter()
                        .any(|metric| metric.labels.contains(&label) && expression.contains(metric.name));
                assert!(is_known, "no label {label}: {expression}");
            }
        }
    }
    assert!(asked.len() > 20, "{asked:?}");
}

/// Who guesses passwords is seen, though he is refused before one is tried.
#[tokio::test(flavor = "multi_thread")]
async fn refused_attempts_to_sign_in_are_counted() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[ON]);
    let attempt = json!({"name": "ada", "password": "a wrong password"});
    let mut refused = 0;
    for _ in 0..9 {
        let call = Client::new().post(format!("{}/v1/session", server.url)).json(&attempt);
        refused += u32::from(call.send().await.expect("an answer").status() == 429);
    }
    assert!(refused >= 3, "{refused}");
    let labels = [("bucket", "login"), ("outcome", "over_quota")];
    let counted = Scrape::of(&server).await.sum("filmgate_limiter_decisions_total", &labels);
    assert_eq!(counted, Some(refused.into()));
}
