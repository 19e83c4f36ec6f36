//! Three servers over one PostgreSQL and one Redis are one: one budget, one catalogue, one count, one stream of events.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::support::{Cluster, Postgres, Redis, Socket};

/// The promise is a second; a busy machine is given some more, but not each time.
const SOON: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_secs(5);

async fn cluster(variables: &[(&'static str, &str)]) -> Option<Cluster> {
    let (postgres, redis) = (Postgres::shared()?, Redis::shared()?);
    let storage = redis.url(Redis::database());
    redis.say(0, &["PING"]).await;
    let patience = [("FILMGATE_LIMITS__STORAGE_TIMEOUT", "10000")];
    Some(Cluster::start(&postgres.database().await, &storage, &[&patience, variables].concat()))
}

async fn graphql(url: &str, client: &str, query: &str) -> (StatusCode, Value) {
    let request = Client::new().post(format!("{url}/graphql")).json(&json!({ "query": query }));
    let answer = request
        .header("x-forwarded-for", client)
        .header("accept", "application/graphql-response+json")
        .send()
        .await
        .expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

fn likes(count: usize) -> String {
    let fields: String = (0..count).map(|n| format!("a{n}: like(id: 1) {{ id }} ")).collect();
    format!("mutation {{ {fields} }}")
}

/// The whole price or nothing, wherever the others were drawn.
#[tokio::test(flavor = "multi_thread")]
async fn documents_of_many_fields_are_drawn_from_one_budget() {
    let limits = [("FILMGATE_LIMITS__FILM", "30/day"), ("FILMGATE_LIMITS__FLOOD", "100000/second")];
    let Some(cluster) = cluster(&limits).await else { return };
    let urls = cluster.urls();
    let (four, three) = (likes(4), likes(3));
    for number in 0..7 {
        assert_eq!(graphql(&urls[number % 3], "192.0.2.1", &four).await.0, 200, "{number}");
    }
    // Two are left: too few for four, and enough for two calls at any other server.
    let (status, told) = graphql(&urls[1], "192.0.2.1", &four).await;
    assert_eq!(
        (status, &told["errors"][0]["extensions"]["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("RATE_LIMITED"))
    );
    let get = async |url: &str| {
        let answer = Client::new().get(url).header("x-forwarded-for", "192.0.2.1").send().await;
        answer.expect("an answer").status()
    };
    assert_eq!([get(&urls[2]).await, get(&urls[0]).await], [StatusCode::OK; 2]);
    for url in &urls {
        assert_eq!(get(url).await, StatusCode::TOO_MANY_REQUESTS);
    }
    // All at once: ten times three, and no more.
    let calls = (0..24).map(|number| graphql(&urls[number % 3], "192.0.2.2", &three));
    let passed = join_all(calls).await.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(passed, 10);
    let likes = cluster.servers[2].film(1).await["likes"].as_u64();
    assert!(likes <= Some(28 + 30), "what was refused left no trace: {likes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_added_at_one_is_in_the_catalogue_of_all() {
    let open = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_AUTH__ANONYMOUS_ROLE", "editor")];
    let Some(cluster) = cluster(&open).await else { return };
    let urls = cluster.urls();
    let film = json!({ "name": "Found", "studio": "Elsewhere", "year": 1999 });
    let add = async |url: &str| {
        Client::new().post(format!("{url}/add_film")).json(&film).send().await.expect("an answer")
    };
    // All at once: one of them adds it.
    let mut statuses: Vec<u16> = join_all(urls.iter().map(|url| add(url)))
        .await
        .iter()
        .map(|answer| answer.status().as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    let begin = Instant::now();
    for url in &urls {
        loop {
            let found = "{ films(filter: { text: \"found elsewhere\" }) { edges { node { id } } } \
                         all: films { totalCount } film(id: 621) { name } }";
            let (_, told) = graphql(url, "192.0.2.1", found).await;
            let data = &told["data"];
            if data["all"]["totalCount"] == 621 {
                assert_eq!(data["film"]["name"], "Found");
                assert_eq!(data["films"]["edges"][0]["node"]["id"], "621");
                break;
            }
            assert!(begin.elapsed() < LATE, "{told}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The data of the next event of a stream.
async fn event(stream: &mut Response, unread: &mut String) -> Value {
    loop {
        while let Some(end) = unread.find("\n\n") {
            let block: String = unread.drain(..end + 2).collect();
            let data = block.lines().find_map(|line| line.strip_prefix("data:")).map(serde_json::from_str);
            if let Some(data) = data {
                return data.expect("JSON");
            }
        }
        let chunk = timeout(4 * LATE, stream.chunk()).await.expect("in time").expect("a chunk");
        *unread += std::str::from_utf8(&chunk.expect("no end")).expect("a text");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_at_one_is_heard_at_the_others_within_a_second_and_counted_once() {
    let Some(cluster) = cluster(&[("FILMGATE_LIMITS__ENABLED", "false")]).await else { return };
    let urls = cluster.urls();
    let mut socket = Socket::ready(cluster.addresses()[1]).await;
    socket.subscribe("votes", "subscription { filmVoted(id: 1) { likes } }").await;
    let mut stream = reqwest::get(format!("{}/v1/films/events?id=1", urls[2])).await.expect("a stream");
    assert_eq!(stream.status(), 200);
    let mut unread = String::new();
    let vote = async |url: &str| {
        let answer = Client::new().post(format!("{url}/v1/films/1/like")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    };
    // The socket says nothing when a subscription begins: the first votes show it.
    let mut count = 0;
    loop {
        vote(&urls[0]).await;
        count += 1;
        if let Ok(data) = timeout(SOON, socket.data("votes")).await
            && data["filmVoted"]["likes"] == count
        {
            break;
        }
        assert!(count < 10, "nothing is heard");
    }
    let mut fastest = LATE;
    for _ in 0..3 {
        let begin = Instant::now();
        vote(&urls[0]).await;
        count += 1;
        while socket.data("votes").await["filmVoted"]["likes"] != count {}
        while event(&mut stream, &mut unread).await["likes"] != count {}
        fastest = fastest.min(begin.elapsed());
    }
    assert!(fastest < SOON, "{fastest:?}");
    // All at once and everywhere.
    join_all((0..60).map(|number| vote(&urls[number % 3]))).await;
    count += 60;
    while socket.data("votes").await["filmVoted"]["likes"] != count {}
    while event(&mut stream, &mut unread).await["likes"] != count {}
    let begin = Instant::now();
    for server in &cluster.servers {
        while server.film(1).await["likes"] != count {
            assert!(begin.elapsed() < LATE, "counts differ");
        }
    }
}
