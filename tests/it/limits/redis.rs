//! Limits in a Redis: one budget for all servers, and what happens while it is slow or gone.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::Method;
use filmgate::config::Config;
use futures_util::future::join_all;
use reqwest::Client;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::support::{Answer, Issued, Postgres, Redis, Server, TestApp, issuer};

/// The machine may be busy with other tests.
const PATIENCE: u64 = 10_000;

fn storage(redis: &Redis, database: u64) -> impl Fn(&mut Config) {
    let url = redis.url(database);
    move |config| {
        config.limits.storage = url.clone().into();
        config.limits.storage_timeout = PATIENCE;
    }
}

fn likes(count: usize) -> String {
    let fields: String = (0..count).map(|n| format!("a{n}: like(id: 1) {{ id }} ")).collect();
    format!("mutation {{ {fields} }}")
}

/// What an answer says of limits.
fn said(answer: &Answer) -> Value {
    let headers =
        ["ratelimit-policy", "ratelimit", "retry-after", "content-type"].map(|name| answer.header(name));
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status.is_success() && body.get("limits").is_none() {
        body = Value::Null;
    }
    if let Some(body) = body.as_object_mut() {
        body.remove("instance");
    }
    json!([answer.status.as_u16(), headers, body])
}

/// A text without its numbers, and these.
fn apart(said: &Value) -> (String, Vec<u64>) {
    let (said, mut text, mut numbers) = (said.to_string(), String::new(), Vec::new());
    for part in said.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        if let Ok(number) = part[..part.len() - rest.len()].parse() {
            numbers.push(number);
            text.push('#');
        }
        text.push_str(rest);
    }
    (text, numbers)
}

/// Redis has a clock of its own, that of memory stands still here: seconds may be less by those that have gone by.
#[tokio::test(flavor = "multi_thread")]
async fn headers_refusals_and_quotas_are_those_of_memory() {
    const LIMITS: &str = "film=5/hour, 50/day; add_film=2/hour; browse=9/hour; login=2/hour; flood=40/hour";
    let Some(redis) = Redis::shared() else { return };
    let memory = TestApp::new(LIMITS).await;
    let together = TestApp::with(LIMITS, storage(redis, Redis::database())).await;
    let film = json!({ "name": "A", "studio": "B" });
    let sign_in = json!({ "name": "ada", "password": "not the one of anybody" });
    let (mut statuses, begin) = (BTreeSet::new(), Instant::now());
    for round in 0..4 {
        let mut said_by = Vec::new();
        for app in [&memory, &together] {
            let batch =
                json!([{ "query": "{ me { name } randomFilm { id } }" }, { "query": "{ a: me { name } }" }]);
            let json = [("content-type", "application/json")];
            said_by.push(
                [
                    app.get("/").await,
                    app.get("/v1/rate_limit").await,
                    app.graphql("{ rateLimit { limits { name remaining reset } } }", json!({})).await,
                    app.post("/add_film", film.clone()).await,
                    app.graphql(&likes(2), json!({})).await,
                    app.graphql(&likes(6), json!({})).await,
                    app.call(Method::POST, "/graphql", &json, Some(batch.to_string())).await,
                    app.get("/v1/films/1").await,
                    app.post("/v1/session", sign_in.clone()).await,
                    app.head("/").await,
                ]
                .map(|answer| (answer.status.as_u16(), said(&answer))),
            );
        }
        let late = begin.elapsed().as_secs();
        for ((status, in_memory), (other, in_redis)) in said_by[0].iter().zip(&said_by[1]) {
            statuses.insert(*status);
            let context = format!("round {round}, {late} s: {in_memory} and {in_redis}");
            assert_eq!(status, other, "{context}");
            let ((text, numbers), (same, others)) = (apart(in_memory), apart(in_redis));
            assert_eq!(text, same, "{context}");
            let is_near = |(memory, redis): (&u64, &u64)| redis <= memory && memory - redis <= late;
            assert!(numbers.iter().zip(&others).all(is_near), "{context}");
        }
    }
    assert!(BTreeSet::from([200, 401, 422, 429]).is_subset(&statuses), "{statuses:?}: this shows little");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_have_one_budget_and_flood_is_each_ones_own() {
    let Some(redis) = Redis::shared() else { return };
    let database = Redis::database();
    let limit = "film=6/day; browse=4/day; flood=100/day";
    let apps = [
        TestApp::with(limit, storage(redis, database)).await,
        TestApp::with(limit, storage(redis, database)).await,
    ];
    for call in 0..6 {
        apps[call % 2].get("/").await.expect(200);
    }
    for app in &apps {
        app.get("/").await.expect_problem(429, "RATE_LIMITED");
        app.graphql(&likes(1), json!({})).await.expect(429);
        let told = app.get("/v1/rate_limit").await.expect(200);
        assert!(told.header("ratelimit").starts_with("\"flood-1d\";r=94;"), "{}", told.header("ratelimit"));
        let told = told.json();
        let remaining: Vec<_> =
            told["limits"].as_array().expect("limits").iter().map(|limit| &limit["remaining"]).collect();
        assert_eq!(remaining, [0, 4, 94]);
    }
    // Another client, and another database of the same Redis.
    apps[0].call_from("192.0.2.1:1", Method::GET, "/", &[], None).await.expect(200);
    TestApp::with(limit, storage(redis, Redis::database())).await.get("/").await.expect(200);
}

/// Whatever it costs and wherever it is refused: one call to Redis, and all or nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_charge_is_one_round_trip_over_one_key_that_expires() {
    let Some(redis) = Redis::start(&[]) else { return };
    let app =
        TestApp::with("film=4/2 seconds, 5/minute; browse=1/minute; flood=3/day", storage(&redis, 0)).await;
    let calls = async || {
        let told = redis.say(0, &["INFO", "commandstats"]).await;
        let (_, after) = told.split_once("cmdstat_evalsha:calls=").expect("calls");
        after.split(',').next().and_then(|count| count.parse::<u64>().ok()).expect("a number")
    };
    let before = calls().await;
    let both = "{ randomFilm { id } film(id: 1) { id } }";
    app.graphql(both, json!({})).await.expect(200);
    assert_eq!(calls().await, before + 1);
    let keys = redis.say(0, &["KEYS", "*"]).await;
    assert_eq!(keys.matches("filmgate:limits:").count(), 1, "{keys}");
    let key = "filmgate:limits:00000000000000000000ffff7f000001";
    assert_eq!(redis.say(0, &["HLEN", key]).await, "int(3)");
    let rest = redis.say(0, &["PTTL", key]).await;
    let rest: u64 = rest.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("milliseconds");
    assert!((40_000..=60_000).contains(&rest), "the one a minute is back by then: {rest}");
    // Refused by browse, so that nothing is drawn from film either; and by flood, which is drawn from nothing in Redis.
    app.graphql(both, json!({})).await.expect(429);
    app.get("/").await.expect(200);
    app.get("/").await.expect(429);
    assert_eq!(calls().await, before + 3, "flood is asked first, and not in Redis");
    // A script that is forgotten is loaded again.
    redis.say(0, &["SCRIPT", "FLUSH"]).await;
    let from = async || app.call_from("192.0.2.1:1", Method::GET, "/", &[], None).await;
    assert!(from().await.expect(200).header("ratelimit").contains("\"film-1m\";r=4"));
    redis.say(0, &["DEL", key]).await;
    tokio::time::sleep(Duration::from_secs(13)).await;
    let keys = redis.say(0, &["KEYS", "*"]).await;
    assert!(!keys.contains("filmgate:"), "nothing is left to remember: {keys}");
}

fn message(line: &Value) -> String {
    line.pointer("/fields/message")
        .or(line.get("message"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn is_loss(line: &Value) -> bool {
    line["level"] == "WARN" && message(line).starts_with("Redis does not count limits")
}

fn is_recovery(line: &Value) -> bool {
    line["level"] == "INFO" && message(line).starts_with("Redis counts limits again")
}

fn variables(redis: &Redis, film: &str) -> Vec<(&'static str, String)> {
    vec![
        ("FILMGATE_LIMITS__STORAGE", redis.url(0)),
        ("FILMGATE_LIMITS__STORAGE_TIMEOUT", "1000".to_owned()),
        ("FILMGATE_LIMITS__FILM", film.to_owned()),
        ("FILMGATE_LIMITS__FLOOD", "100000/second".to_owned()),
        ("FILMGATE_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
    ]
}

/// A call of a client behind a trusted proxy: the status, and the code of a refusal.
async fn call(server: &Server, client: &str, query: Option<&str>) -> (u16, String) {
    let request = match query {
        Some(query) => Client::new().post(format!("{}/graphql", server.url)).json(&json!({ "query": query })),
        None => Client::new().get(&server.url),
    };
    let answer = request.header("x-forwarded-for", client).send().await.expect("an answer");
    let (status, waits) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
    let body: Value = answer.json().await.expect("JSON");
    let code = body
        .pointer("/errors/0/extensions/code")
        .unwrap_or(&body["code"])
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert_eq!(waits, matches!(status, 429 | 503), "{status} {code}");
    (status, code)
}

async fn remaining(server: &Server, client: &str) -> u64 {
    let request =
        Client::new().get(format!("{}/v1/rate_limit", server.url)).header("x-forwarded-for", client);
    let told: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    told["limits"][0]["remaining"].as_u64().expect("a number")
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

/// How many calls in a row pass.
async fn passing(server: &Server, client: &str) -> u64 {
    let mut count = 0;
    while call(server, client, None).await.0 == 200 {
        count += 1;
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn three_servers_over_one_postgres_let_exactly_one_budget_pass() {
    let (Some(redis), Some(postgres)) = (Redis::start(&[]), Postgres::shared()) else { return };
    let mut variables = variables(&redis, "30/day");
    variables.retain(|(name, _)| *name != "FILMGATE_LIMITS__STORAGE_TIMEOUT");
    variables.push(("FILMGATE_LIMITS__STORAGE_TIMEOUT", PATIENCE.to_string()));
    variables.push(("FILMGATE_DATABASE_URL", postgres.database().await));
    let folders = [(); 3].map(|()| TempDir::new().expect("a folder"));
    let servers = folders.each_ref().map(|folder| Server::start_with(folder.path(), &[], &variables));
    let like = likes(1);
    let calls = (0..60).map(|number| call(&servers[number % 3], "192.0.2.1", Some(&like)));
    let answers = join_all(calls).await;
    let passed = answers.iter().filter(|(status, _)| *status == 200).count();
    let refused = answers.iter().filter(|(_, code)| code == "RATE_LIMITED").count();
    assert_eq!((passed, refused), (30, 30));
    for server in &servers {
        assert_eq!(remaining(server, "192.0.2.1").await, 0);
        until("as many likes as calls that passed", async || server.film(1).await["likes"] == 30).await;
        assert_eq!(server.log().iter().filter(|line| is_loss(line)).count(), 0);
    }
}

/// Never open and never down: each server goes on with its share, less what it knows to be used, and all of them count
/// together again by themselves.
#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_leaves_each_server_its_share() {
    let Some(mut redis) = Redis::start(&["--appendonly", "yes", "--appendfsync", "always"]) else { return };
    let folders = [TempDir::new().expect("a folder"), TempDir::new().expect("a folder")];
    let database = format!("sqlite://{}", folders[0].path().join("films.db").display());
    let servers = folders.each_ref().map(|folder| {
        let more = [variables(&redis, "8/day"), vec![("FILMGATE_DATABASE_URL", database.clone())]].concat();
        Server::start_with(folder.path(), &[], &more)
    });
    for server in &servers {
        assert_eq!(call(server, "192.0.2.1", None).await.0, 200);
    }
    redis.kill();
    for server in &servers {
        // Two of eight were used, of which the first server knows one: of four shares each.
        until("a share of four", async || remaining(server, "192.0.2.9").await == 4).await;
        assert_eq!(call(server, "192.0.2.2", Some(&likes(5))).await, (503, "UNAVAILABLE".to_owned()));
        assert_eq!(call(server, "192.0.2.2", Some(&likes(9))).await, (422, "PRICE_ABOVE_BURST".to_owned()));
        assert_eq!(call(server, "192.0.2.2", Some(&likes(4))).await, (200, String::new()));
        assert_eq!(call(server, "192.0.2.2", None).await, (429, "RATE_LIMITED".to_owned()));
    }
    let more = [passing(&servers[0], "192.0.2.1").await, passing(&servers[1], "192.0.2.1").await];
    let all: u64 = more.iter().sum();
    assert!((4..=8).contains(&all), "6 of 8 are left, and one more for each server: {more:?}");
    redis.restart().await;
    let mut used = 2;
    for (server, more) in servers.iter().zip(more) {
        until("together again", async || remaining(server, "192.0.2.8").await == 8).await;
        assert_eq!(server.await_log(1, is_loss).len(), 1);
        assert_eq!(server.await_log(1, is_recovery).len(), 1);
        used += more;
        assert_eq!(
            remaining(server, "192.0.2.1").await,
            8_u64.saturating_sub(used),
            "this server has told its own"
        );
    }
    for (server, left) in servers.iter().zip([4, 0]) {
        assert_eq!(remaining(server, "192.0.2.2").await, left, "four had passed at each");
    }
    assert_eq!(passing(&servers[0], "192.0.2.3").await, 8);
    assert_eq!(passing(&servers[1], "192.0.2.3").await, 0);
}

/// Calls go on all the time; of a client that draws as fast as it can, a budget passes and no more, also where Redis begins
/// anew each time and remembers nothing.
#[rstest]
#[case::with_a_log(&["--appendonly", "yes", "--appendfsync", "always"])]
#[case::with_nothing_on_disk(&[])]
#[tokio::test(flavor = "multi_thread")]
async fn amid_calls_redis_is_frozen_killed_and_comes_back(#[case] settings: &[&str]) {
    let Some(mut redis) = Redis::start(settings) else { return };
    let folder = TempDir::new().expect("a folder");
    let server = Arc::new(Server::start_with(folder.path(), &[], &variables(&redis, "300/day")));
    let is_over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (server, is_over) = (Arc::clone(&server), Arc::clone(&is_over));
            tokio::spawn(async move {
                let (mut passed, mut refused, mut slowest) = (0, 0, Duration::ZERO);
                while !is_over.load(Ordering::SeqCst) {
                    let begin = Instant::now();
                    match call(&server, "192.0.2.1", None).await.0 {
                        200 => passed += 1,
                        429 => refused += 1,
                        other => panic!("{other}"),
                    }
                    slowest = slowest.max(begin.elapsed());
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                (passed, refused, slowest)
            })
        })
        .collect();
    let recoveries = |count| server.await_log(count, is_recovery).len();
    for round in 0..2 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        redis.signal("STOP");
        server.await_log(2 * round + 1, is_loss);
        redis.signal("CONT");
        assert_eq!(recoveries(2 * round + 1), 2 * round + 1);
        redis.kill();
        server.await_log(2 * round + 2, is_loss);
        redis.restart().await;
        assert_eq!(recoveries(2 * round + 2), 2 * round + 2);
    }
    until("used up", async || remaining(&server, "192.0.2.1").await == 0).await;
    // The callers meet it too.
    tokio::time::sleep(Duration::from_millis(500)).await;
    is_over.store(true, Ordering::SeqCst);
    let (mut passed, mut refused) = (0, 0);
    for caller in callers {
        let (more, less, slowest) = caller.await.expect("answers that are expected");
        (passed, refused) = (passed + more, refused + less);
        assert!(
            slowest < Duration::from_secs(5),
            "one call waits for a Redis that is frozen, and no other: {slowest:?}"
        );
    }
    // What Redis was told without its answer coming through is told again, and so counts twice: each time the calls that
    // were under way, and what one of them told of the loss before.
    let least = (300 - 4 * 4) / 2;
    assert!((least..=301).contains(&passed) && refused > 0, "{passed} passed, {refused} were refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_redis_serves_and_counts_by_itself_until_it_is_there() {
    let Some(mut redis) = Redis::start(&["--requirepass", "SECRET1"]) else { return };
    redis.kill();
    let folder = TempDir::new().expect("a folder");
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}/0", redis.port());
    let start = |folder: &TempDir, password: &str| {
        let mut variables = variables(&redis, "3/day");
        variables[0].1 = url(password);
        Server::start_with(folder.path(), &[], &variables)
    };
    let (right, other) = (start(&folder, "SECRET1"), TempDir::new().expect("a folder"));
    let wrong = start(&other, "SECRET2");
    for server in [&right, &wrong] {
        assert_eq!(passing(server, "192.0.2.1").await, 3);
        assert_eq!(server.await_log(1, is_loss).len(), 1);
    }
    redis.start_again();
    right.await_log(1, is_recovery);
    assert_eq!(passing(&right, "192.0.2.2").await, 3);
    assert_eq!(call(&wrong, "192.0.2.1", None).await.0, 429, "whom it does not let in counts by himself");
    for server in [&right, &wrong] {
        assert!(!format!("{:?} {}", server.log(), server.greeting).contains("SECRET"));
    }
}

/// The least rights that a user of Redis needs, as docs/limits.md has them.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_redis_with_the_rights_that_are_documented() {
    let Some(redis) = Redis::start(&[]) else { return };
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/limits.md")).expect("a page");
    let line = page.lines().find(|line| line.starts_with("ACL SETUSER")).expect("a command");
    let words: Vec<&str> = line.split_whitespace().collect();
    assert!(words.contains(&">PASSWORD"), "{line}");
    redis.say(0, &words).await;
    let app = TestApp::with("film=3/day", |config| {
        config.limits.storage = format!("redis://filmgate:PASSWORD@127.0.0.1:{}", redis.port()).into();
        config.limits.storage_timeout = PATIENCE;
    })
    .await;
    app.get("/").await.expect(200);
    app.get("/v1/rate_limit").await.expect(200);
    let keys = redis.say(0, &["KEYS", "filmgate:limits:0*"]).await;
    assert_eq!(keys.matches("filmgate:limits:").count(), 1, "it was counted there: {keys}");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_only_a_redis_that_the_system_trusts_is_asked() {
    let folder = TempDir::new().expect("a folder");
    let files = Issued::new().write(folder.path());
    let trusted = folder.path().join("issuer.pem");
    std::fs::write(&trusted, issuer()).expect("a file");
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its number")
        .port()
        .to_string();
    let [cert, key, trusted] = [&files.cert, &files.key, &trusted].map(|file| file.to_str().expect("a path"));
    let settings =
        ["--tls-port", &port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no"];
    let Some(redis) = Redis::start(&settings) else { return };
    for (issuers, is_asked) in [(trusted, true), (cert, false)] {
        let mut variables = variables(&redis, "3/day");
        variables[0].1 = format!("rediss://localhost:{port}");
        variables.push(("SSL_CERT_FILE", issuers.to_owned()));
        let own = TempDir::new().expect("a folder");
        let server = Server::start_with(own.path(), &[], &variables);
        assert_eq!(passing(&server, if is_asked { "192.0.2.1" } else { "192.0.2.2" }).await, 3);
        let keys = redis.say(0, &["KEYS", "filmgate:limits:0*"]).await;
        assert_eq!(keys.matches("filmgate:limits:").count(), 1, "{keys}");
        if !is_asked {
            server.await_log(1, is_loss);
        }
        assert_eq!(server.log().iter().any(is_loss), !is_asked);
    }
}
