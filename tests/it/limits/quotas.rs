//! One limiter for both surfaces.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use filmgate::limits::{Bucket, ClientKey, Draws, Limiter, Price};
use serde_json::{Value, json};

use crate::support::{Answer, ManualClock, Server, TestApp, limits};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

fn likes(count: usize) -> String {
    let fields: String = (0..count).map(|n| format!("a{n}: like(id: 1) {{ id }} ")).collect();
    format!("mutation {{ {fields} }}")
}

/// What is left in a window, by the free look-up.
async fn remaining(app: &TestApp, window: &str) -> u64 {
    let limits = app.get("/v1/rate_limit").await.expect(200).json();
    let limits = limits["limits"].as_array().expect("limits").clone();
    let window = limits.iter().find(|limit| limit["name"] == window).expect(window);
    window["remaining"].as_u64().expect("a number")
}

#[tokio::test]
async fn n_aliases_cost_n_and_both_surfaces_exhaust_one_budget() {
    let app = TestApp::new("film=5/minute").await;
    app.graphql(&likes(3), json!({})).await.expect(200);
    assert_eq!(remaining(&app, "film-1m").await, 2);
    app.get("/?like=1").await.expect(200);
    app.graphql(&likes(2), json!({})).await.expect(429);
    assert_eq!(remaining(&app, "film-1m").await, 1, "a refusal costs nothing");
    app.post("/v1/films/1/like", json!({})).await.expect(200);
    for answer in [app.get("/").await, app.head("/").await, app.get("/v1/films/random").await] {
        assert_eq!(answer.status, 429);
    }
    app.graphql("{ randomFilm { id } }", json!({})).await.expect(429);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 5);
    app.clock.advance(Duration::from_secs(12));
    app.graphql("{ randomFilm { id } }", json!({})).await.expect(200);
    app.get("/").await.expect(429);
}

#[tokio::test]
async fn a_refused_document_changes_no_state_and_no_quota() {
    let app = TestApp::new("film=5/minute; add_film=5/minute; browse=5/minute").await;
    let six = likes(6);
    for document in [
        six.as_str(),
        "mutation { like(id: 1) { id } nothing }",
        "mutation { like(id: 1) { id } like(id: \"x\") { id } }",
        "mutation { like(id: 1) { id }",
        "mutation($id: ID!) { like(id: 1) { id } dislike(id: $id) { id } }",
        "mutation { like(id: 1) { id } addFilm(input: {name: 5, studio: \"S\"}) { id } }",
        "mutation { like(id: 1) { nothing } }",
        "subscription { filmAdded { id } }",
    ] {
        let answer = app.graphql(document, json!({})).await;
        assert!(answer.status.is_client_error(), "{document}");
        assert_eq!(answer.json().get("data"), None, "{document}");
    }
    for window in ["film-1m", "add_film-1m", "browse-1m"] {
        assert_eq!(remaining(&app, window).await, 5, "{window}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620);
}

#[tokio::test]
async fn what_does_not_parse_is_free_on_rest_too_and_what_fails_later_stays_charged() {
    let app = TestApp::new("film=9/day; add_film=9/day; browse=9/day").await;
    for path in
        ["/?like=x", "/?like=1&like=2", "/v1/films?first=x", "/v1/films/x", "/v1/films/random?exclude=x"]
    {
        app.get(path).await.expect(400);
    }
    app.call(Method::GET, "/?like=1", &[("sec-purpose", "prefetch")], None).await.expect(403);
    app.call(Method::POST, "/add_film", JSON, Some("{".to_owned())).await.expect(400);
    app.call(Method::POST, "/add_film", &[], Some("{}".to_owned())).await.expect(415);
    for (window, left) in [("film-1d", 9), ("add_film-1d", 9), ("browse-1d", 9)] {
        assert_eq!(remaining(&app, window).await, left, "{window}");
    }
    app.get("/?like=9999").await.expect(404);
    app.post("/add_film", json!({})).await.expect(422);
    app.post("/add_film", json!({"name": "Frozen", "studio": "Disney", "year": 2013})).await.expect(409);
    app.head("/add_film").await.expect(200);
    app.get("/v1/films/9999").await.expect(404);
    for (window, left) in [("film-1d", 8), ("add_film-1d", 6), ("browse-1d", 8)] {
        assert_eq!(remaining(&app, window).await, left, "{window}");
    }
}

#[tokio::test]
async fn a_price_over_several_windows_and_buckets_is_drawn_whole_or_not_at_all() {
    let app = TestApp::new("film=4/second, 6/hour; browse=1/hour").await;
    let both = "{ a: randomFilm { id } b: randomFilm { id } film(id: 1) { id } }";
    app.graphql(both, json!({})).await.expect(200);
    app.graphql(both, json!({})).await.expect(429);
    assert_eq!(remaining(&app, "film-1s").await, 2);
    assert_eq!(remaining(&app, "film-1h").await, 4);
    app.clock.advance(Duration::from_secs(1));
    app.graphql(&likes(4), json!({})).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    let answer = app.graphql(&likes(1), json!({})).await.expect(429);
    assert_eq!(answer.json()["errors"][0]["extensions"]["violated-policies"], json!(["film-1h"]));
    assert_eq!(remaining(&app, "film-1s").await, 4, "the other window was not drawn from");
}

#[tokio::test]
async fn a_price_above_the_burst_says_what_would_pass() {
    let app = TestApp::new("film=3/hour, 5/minute").await;
    let answer = app.graphql(&likes(4), json!({})).await.expect(422);
    let extensions = answer.json()["errors"][0]["extensions"].clone();
    assert_eq!(extensions["code"], "PRICE_ABOVE_BURST");
    assert_eq!((&extensions["price"], &extensions["maxPrice"]), (&json!(4), &json!(3)));
    app.graphql(&likes(3), json!({})).await.expect(200);
}

#[tokio::test]
async fn headers_name_every_window_that_applied() {
    let app = TestApp::new("film=2/second, 50/hour; flood=100/second").await;
    let policy = "\"flood-1s\";q=100;w=1, \"film-1s\";q=2;w=1, \"film-1h\";q=50;w=3600";
    let first = app.get("/").await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), policy);
    assert_eq!(
        first.header("ratelimit"),
        "\"flood-1s\";r=99;t=1, \"film-1s\";r=1;t=1, \"film-1h\";r=49;t=72"
    );
    let second = app.graphql("{ randomFilm { id } }", json!({})).await.expect(200);
    assert_eq!(second.header("ratelimit-policy"), policy);
    let refused = app.get("/").await.expect_problem(429, "RATE_LIMITED");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("ratelimit-policy"), policy);
    assert!(refused.header("ratelimit").contains("\"film-1s\";r=0;t=1"));
    let problem = refused.json();
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!(problem["violated-policies"], json!(["film-1s"]));
    assert_eq!(problem["retryAfter"], 1);
    let free = app.get("/v1/rate_limit").await;
    assert_eq!(free.header("ratelimit-policy"), "\"flood-1s\";q=100;w=1");
}

#[tokio::test]
async fn no_window_promises_more_before_retry_after_has_passed() {
    let app = TestApp::new("film=1/second, 2/hour; flood=100/second").await;
    app.get("/").await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    app.get("/").await.expect(200);
    let answer = app.get("/").await.expect(429);
    let retry: u64 = answer.header("retry-after").parse().expect("seconds");
    for item in answer.header("ratelimit").split(", ") {
        let reset = item.split_once("t=").map(|(_, t)| t.parse::<u64>().expect("seconds"));
        assert!(reset.is_none_or(|reset| reset >= retry), "{item}, retry after {retry}");
    }
    app.clock.advance(Duration::from_secs(retry));
    app.get("/").await.expect(200);
}

#[tokio::test]
async fn who_runs_the_server_is_told_how_to_raise_the_limit_and_nobody_else() {
    let app = TestApp::new("film=1/day").await;
    for (peer, told) in [("127.0.0.1:1", true), ("192.0.2.1:1", false)] {
        app.call_from(peer, Method::GET, "/", &[], None).await.expect(200);
        let answer = app.call_from(peer, Method::GET, "/", &[], None).await.expect(429);
        let detail = answer.json()["detail"].as_str().expect("a detail").to_owned();
        assert_eq!(detail.contains("[limits]"), told, "{detail}");
    }
}

#[tokio::test]
async fn a_forged_forwarding_header_changes_nothing() {
    let app = TestApp::new("film=2/day").await;
    let mut statuses = Vec::new();
    for n in 0..4 {
        let forged = format!("203.0.113.{n}");
        let standard = format!("for={forged}");
        let headers = [
            ("x-forwarded-for", forged.as_str()),
            ("forwarded", standard.as_str()),
            ("x-real-ip", forged.as_str()),
        ];
        let answer = app.call_from("198.51.100.1:1", Method::GET, "/", &headers, None).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 429, 429]);
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_budget() {
    let app = TestApp::with("film=1/day", |config| {
        config.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let via = async |forwarded: &str| {
        let headers = [("x-forwarded-for", forwarded)];
        app.call_from("10.0.0.1:1", Method::GET, "/", &headers, None).await.status.as_u16()
    };
    assert_eq!(via("192.0.2.1").await, 200);
    assert_eq!(via("192.0.2.2").await, 200);
    assert_eq!(via("6.6.6.6, 192.0.2.1").await, 429, "what the client wrote itself is not believed");
    assert_eq!(via("192.0.2.2, 10.0.0.9").await, 429);
    // What is empty is no hop, or all clients would share the proxy's budget.
    assert_eq!(via("192.0.2.3,").await, 200);
    assert_eq!(via("192.0.2.4, ").await, 200);
    assert_eq!(via("192.0.2.3").await, 429);
    for (lines, status) in [
        (&[("x-forwarded-for", "192.0.2.5"), ("x-forwarded-for", "")][..], 200),
        (&[("forwarded", "for=\"192.0.2.6:_p1\"")], 200),
        (&[("forwarded", "proto=https; FOR=\"192.0.2.6:_p2\",")], 429),
        (&[("forwarded", "for=\"192.0.2.1, for=192.0.2.5")], 429),
    ] {
        let answer = app.call_from("10.0.0.1:1", Method::GET, "/", lines, None).await;
        assert_eq!(answer.status, status, "{lines:?}");
    }
}

/// Each cause once, or a proxy would fill the log.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_does_not_tell_its_clients_apart_is_warned_of_once() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_TRUSTED_PROXIES", "127.0.0.1")]);
    let client = reqwest::Client::new();
    let is_warning = |line: &Value| {
        let message = line.pointer("/fields/message").or(line.get("message"));
        line["level"] == "WARN"
            && message.is_some_and(|message| message.to_string().contains("share one rate limit"))
    };
    for (count, headers) in [
        (1, vec![("x-forwarded-for", "unknown")]),
        (1, vec![("forwarded", "for=_hidden"), ("x-request-id", "a")]),
        (1, vec![("x-real-ip", "192.0.2.1")]),
        (1, vec![("x-forwarded-for", "192.0.2.1,")]),
        (2, vec![("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.2")]),
        (2, vec![("x-forwarded-for", "192.0.2.3"), ("forwarded", "for=192.0.2.4")]),
    ] {
        let mut request = client.get(format!("{}/v1/films/1", server.url));
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer");
        assert_eq!(server.await_log(count, is_warning).len(), count, "{headers:?}");
    }
}

#[tokio::test]
async fn an_ipv6_client_is_its_64_and_mapped_ipv4_is_ipv4() {
    let app = TestApp::new("film=1/day").await;
    let from = async |peer: &str| app.call_from(peer, Method::GET, "/", &[], None).await.status.as_u16();
    assert_eq!(from("[2001:db8::1]:1").await, 200);
    assert_eq!(from("[2001:db8::ffff:1]:1").await, 429);
    assert_eq!(from("[2001:db8:0:1::1]:1").await, 200);
    assert_eq!(from("192.0.2.1:1").await, 200);
    assert_eq!(from("[::ffff:192.0.2.1]:1").await, 429);
}

#[tokio::test]
async fn asking_is_free_and_tells_the_same_on_both_surfaces() {
    let app = TestApp::new("film=5/minute; browse=1/day").await;
    app.get("/").await.expect(200);
    let document = "{ rateLimit { limits { name tier bucket quota window remaining reset } } }";
    let mut seen: Vec<Value> = Vec::new();
    for _ in 0..3 {
        seen.push(app.get("/v1/rate_limit").await.expect(200).json());
        let answer: Answer = app.graphql(document, json!({})).await.expect(200);
        let mut told = answer.json()["data"]["rateLimit"].take();
        for window in told["limits"].as_array_mut().expect("windows") {
            // REST writes it in small letters.
            window["bucket"] = window["bucket"].as_str().expect("a value").to_lowercase().into();
        }
        seen.push(told);
        app.graphql("{ __typename }", json!({})).await.expect(200);
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
    let film = json!({
        "name": "film-1m", "tier": null, "bucket": "film", "quota": 5, "window": 60, "remaining": 4, "reset": 12
    });
    assert_eq!(seen[0]["limits"][0], film);
    app.graphql("{ __schema { queryType { name } } }", json!({})).await.expect(200);
    app.get("/v1/films/1").await.expect(429);
}

#[tokio::test]
async fn every_request_draws_from_flood() {
    let app = TestApp::new("flood=4/day").await;
    app.get("/nothing").await.expect(404);
    app.call(Method::DELETE, "/", &[], None).await.expect(405);
    app.call(Method::POST, "/graphql", JSON, Some("{".to_owned())).await.expect(400);
    app.get("/playground").await.expect(200);
    let answer = app.get("/v1/rate_limit").await.expect_problem(429, "RATE_LIMITED");
    assert_eq!(answer.json()["violated-policies"], json!(["flood-1d"]));
    let answer = app.graphql("{__typename}", json!({})).await.expect(429);
    assert_eq!(answer.code(), "RATE_LIMITED");
}

/// What `flood` gave stays drawn when another bucket refuses: whoever goes on asking meets its refusal in the end.
#[tokio::test]
async fn who_goes_on_after_refusals_ends_in_that_of_flood() {
    let app = TestApp::new("film=1/day; flood=100/second").await;
    app.get("/").await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    for refusal in 1..=101 {
        // By turns, since both surfaces draw from one budget.
        let answer = match refusal % 2 {
            0 => app.graphql(&likes(1), json!({})).await.expect(429),
            _ => app.get("/").await.expect_problem(429, "RATE_LIMITED"),
        };
        let problem = answer.json();
        let violated = problem
            .get("violated-policies")
            .unwrap_or(&problem["errors"][0]["extensions"]["violated-policies"]);
        let left = format!("\"flood-1s\";r={}", 100_u32.saturating_sub(refusal));
        assert!(answer.header("ratelimit").starts_with(&left), "{}", answer.header("ratelimit"));
        assert_eq!(*violated, json!([if refusal == 101 { "flood-1s" } else { "film-1d" }]), "{refusal}");
    }
    app.clock.advance(Duration::from_secs(1));
    let answer = app.get("/").await.expect_problem(429, "RATE_LIMITED");
    assert_eq!(answer.json()["violated-policies"], json!(["film-1d"]));
}

#[tokio::test]
async fn switched_off_there_is_no_limit_and_no_header() {
    let app = TestApp::new("").await;
    for _ in 0..200 {
        let answer = app.get("/").await.expect(200);
        assert_eq!(answer.header("ratelimit"), "");
    }
    assert_eq!(app.get("/v1/rate_limit").await.json(), json!({"limits": []}));
}

fn limiter(policies: &str, max_keys: usize) -> (Arc<Limiter>, ManualClock) {
    let clock = ManualClock::new();
    let policies = limits(policies).policies();
    (Arc::new(Limiter::new(true, &policies, max_keys, Arc::new(clock.clone()))), clock)
}

fn client(n: u32) -> ClientKey {
    ClientKey::from(std::net::IpAddr::from(std::net::Ipv4Addr::from_bits(n)))
}

#[test]
fn many_threads_admit_exactly_what_the_policy_says() {
    let (limiter, _clock) = limiter("film=1000/hour, 5000/day", 100);
    let admitted: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    (0..2_000)
                        .filter(|_| limiter.charge(client(1), &Price::of(Bucket::Film, 1)).is_ok())
                        .count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread")).sum()
    });
    assert_eq!(admitted, 1_000);
}

/// As requests draw: from `flood` and then the price, at a place that is known, while others are swept and forgotten.
#[test]
fn many_threads_are_handed_nothing_twice_whoever_is_forgotten_meanwhile() {
    let (limiter, _clock) = limiter("film=500/hour; flood=1000/hour", 64);
    // From the start the most loaded of all, and so never the one that is forgotten.
    limiter.charge(client(1), &Price::of(Bucket::Flood, 10)).expect("within the burst");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let others = (2..20_000).map(client).collect::<Vec<_>>();
    let (flood, film) = std::thread::scope(|scope| {
        scope.spawn(|| {
            for other in &others {
                if is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                let _ = limiter.charge(*other, &Price::of(Bucket::Film, 1));
                limiter.sweep().for_each(drop);
            }
        });
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let (mut flood, mut film) = (0, 0);
                    for _ in 0..500 {
                        let mut draws = Draws::of(client(1));
                        if limiter.draw(&mut draws, &Price::of(Bucket::Flood, 1), limiter.now()).is_ok() {
                            flood += 1;
                            std::thread::yield_now();
                            film += usize::from(
                                limiter.draw(&mut draws, &Price::of(Bucket::Film, 1), limiter.now()).is_ok(),
                            );
                        }
                    }
                    (flood, film)
                })
            })
            .collect();
        let counts = threads.into_iter().map(|thread| thread.join().expect("a thread"));
        let counts = counts.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        counts
    });
    assert_eq!((flood, film), (990, 500));
    assert!(limiter.len() <= 64);
}

#[test]
fn a_burst_refills_evenly_so_that_the_worst_hour_has_99() {
    let (limiter, clock) = limiter("film=50/hour", 100);
    let mut admitted = 0;
    for _ in 0..3_600 {
        admitted += usize::from(limiter.charge(client(1), &Price::of(Bucket::Film, 1)).is_ok());
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(admitted, 99);
}

#[test]
fn memory_is_bounded_and_the_most_loaded_are_remembered_longest() {
    let (limiter, clock) = limiter("film=10/hour", 100);
    for _ in 0..9 {
        limiter.charge(client(1), &Price::of(Bucket::Film, 1)).expect("within the burst");
    }
    for n in 2..5_000 {
        limiter.charge(client(n), &Price::of(Bucket::Film, 1)).expect("a new client");
        assert!(limiter.len() <= 100);
    }
    limiter.charge(client(1), &Price::of(Bucket::Film, 2)).expect_err("the heavy client is still known");
    assert!(!limiter.is_empty());
    clock.advance(Duration::from_hours(2));
    let _ = limiter.sweep().count();
    assert_eq!(limiter.len(), 0);
}
