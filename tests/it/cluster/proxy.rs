//! HAProxy with the configuration of docs/ before three servers.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderValue, Method};
use reqwest::Client;
use serde_json::Value;

use crate::support::{Cluster, Postgres, Proxy, Redis, Socket};

#[tokio::test(flavor = "multi_thread")]
async fn clients_keep_their_addresses_and_a_server_that_stops_is_left_in_time() {
    let (Some(postgres), Some(redis)) = (Postgres::shared(), Redis::shared()) else { return };
    let storage = redis.url(Redis::database());
    let variables = [
        ("FILMGATE_LIMITS__FILM", "5/day"),
        ("FILMGATE_LIMITS__FLOOD", "100000/second"),
        ("FILMGATE_LIMITS__STORAGE_TIMEOUT", "10000"),
        ("FILMGATE_HTTP__DRAIN_DELAY", "2"),
    ];
    let mut cluster = Cluster::start(&postgres.database().await, &storage, &variables);
    let Some(proxy) = Proxy::start(cluster.addresses()) else { return };
    proxy.until_it_answers().await;
    let url = format!("http://{}", proxy.address);
    // Whatever a client claims to be, the proxy has the last word: one budget over three servers.
    let another = Client::builder().local_address(IpAddr::from([127, 0, 0, 2])).build().expect("a client");
    let ask = async |claim: &str| {
        let answer = another.get(&url).header("x-forwarded-for", claim).send().await;
        answer.expect("an answer").status().as_u16()
    };
    let mut passed = 0;
    for number in 0..12 {
        passed += usize::from(ask(&format!("192.0.2.{number}")).await == 200);
    }
    assert_eq!(passed, 5);
    let mut socket = Socket::ready(proxy.address).await;
    let name = socket.ask("{ film(id: 1) { name } }").await;
    assert_eq!(name["payload"]["data"]["film"]["name"], "Frozen");

    // QUERY and compressed answers come through, and a tag holds at every server.
    let page = async |known: &str| {
        let request = another.request(Method::QUERY, format!("{url}/v1/films")).body("first=100");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("accept-encoding", "gzip").header("if-none-match", known);
        request.send().await.expect("an answer")
    };
    let first = page("\"none\"").await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()["content-encoding"]),
        (200, &HeaderValue::from_static("gzip"))
    );
    let tag = first.headers()["etag"].to_str().expect("a text").to_owned();
    for _ in 0..6 {
        assert_eq!(page(&tag).await.status(), 304);
    }

    // Each in turn stops, is away for a while and comes back; nobody notices.
    let client = Client::new();
    let film = async || {
        let answer = client.get(format!("{url}/v1/rate_limit")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.expect("JSON")
    };
    for number in 0..3 {
        cluster.servers[number].signal("TERM");
        while cluster.servers[number].is_alive() {
            film().await;
        }
        for _ in 0..20 {
            film().await;
        }
        cluster.start_again(number, &Cluster::program());
        let begin = tokio::time::Instant::now();
        // Long enough for the proxy to see it again before the next one goes.
        while begin.elapsed() < Duration::from_secs(1) {
            film().await;
        }
    }
}
