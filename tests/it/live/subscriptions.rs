//! What subscribers hear, whichever way it was committed and whichever way they listen.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Events, Live, NOBODY, Socket, Store, TestApp, UNLIMITED};

const VOTED: &str = "subscription { filmVoted(id: 1) { id likes dislikes } }";
const ADDED: &str = "subscription { filmAdded { id name } }";
const SHORTLY: Duration = Duration::from_millis(300);

async fn graphql(app: &TestApp, document: &str) -> Events {
    let (answer, events) = app.stream(Method::POST, "/graphql", Some(document)).await;
    answer.expect(200);
    events
}

async fn rest(app: &TestApp, query: &str) -> Events {
    let (answer, events) = app.stream(Method::GET, &format!("/v1/films/events{query}"), None).await;
    answer.expect(200);
    events
}

/// Nobody listens any more, and nothing is kept for those who did.
async fn assert_unheard(app: &TestApp) {
    for _ in 0..100 {
        if app.service.is_unheard() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a topic is left");
}

/// Also for films that are not in memory.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_vote_is_told_once_and_in_order_by_both_surfaces(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] max_bytes: usize,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, UNLIMITED, |config| config.catalogue.max_bytes = max_bytes).await;
    let (mut by_graphql, mut by_rest) = (graphql(&app, VOTED).await, rest(&app, "?id=1,2,1").await);
    let mut told: Vec<Value> = Vec::new();
    for (number, counts) in [Some((1, 0)), Some((1, 1)), None, Some((2, 1))].into_iter().enumerate() {
        match number {
            0 => app.get("/?like=1").await,
            1 => app.graphql("mutation { dislike(id: 1) { id } }", json!({})).await,
            2 => app.get("/?like=2&dislike=3").await,
            _ => app.call(Method::POST, "/v1/films/1/like", &[], None).await,
        }
        .expect(200);
        if let Some((likes, dislikes)) = counts {
            let data = by_graphql.data("next").await;
            let film = json!({"id": "1", "likes": likes, "dislikes": dislikes});
            assert_eq!(data, json!({"data": {"filmVoted": film}}));
        }
        told.push(by_rest.data("filmVoted").await);
    }
    let film = app.get("/v1/films/1").await.json();
    // Two films are two topics: only of one film is the order promised.
    let of = |id: i64| told.iter().filter(|film| film["id"] == id).collect::<Vec<_>>();
    assert_eq!(of(1).last(), Some(&&film), "as REST shows it");
    assert_eq!(of(1).iter().map(|film| &film["likes"]).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(of(2).len(), 1);
    assert!(by_graphql.is_quiet_for(SHORTLY).await && by_rest.is_quiet_for(SHORTLY).await);
    drop((by_graphql, by_rest));
    assert_unheard(&app).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn films_are_told_as_they_are_added(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let other = app.beside(UNLIMITED).await;
    let (mut by_graphql, mut by_rest) = (graphql(&app, ADDED).await, rest(&app, "").await);
    app.post("/add_film", json!({"name": "One", "studio": "S"})).await.expect(201);
    app.post("/add_film", json!({"name": "one", "studio": "S"})).await.expect(409);
    other.post("/add_film", json!({"name": "Two", "studio": "S"})).await.expect(201);
    app.get("/?like=1").await.expect(200);
    for name in ["One", "Two"] {
        let data = by_graphql.data("next").await;
        assert_eq!(data["data"]["filmAdded"]["name"], name);
        let film = by_rest.data("filmAdded").await;
        assert_eq!(film["name"], name);
        assert_eq!(film, app.get(&format!("/v1/films/{}", film["id"])).await.expect(200).json());
    }
    assert!(by_graphql.is_quiet_for(SHORTLY).await && by_rest.is_quiet_for(SHORTLY).await);
    drop((by_graphql, by_rest));
    assert_unheard(&app).await;
}

/// Votes of another server and of a person with a shell, mixed with our own: each count is told once.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_others_commit_is_told_too(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] max_bytes: usize,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, UNLIMITED, |config| config.catalogue.max_bytes = max_bytes).await;
    let other = app.beside(UNLIMITED).await;
    let mut events = graphql(&app, VOTED).await;
    let mut elsewhere = graphql(&other, VOTED).await;
    let mut likes = async || {
        let (here, there) = (events.data("next").await, elsewhere.data("next").await);
        [here, there].map(|data| data["data"]["filmVoted"]["likes"].as_i64().expect("a number"))
    };
    for step in 0..3 {
        let voter = if step % 2 == 0 { &other } else { &app };
        voter.get("/?like=1").await.expect(200);
        assert_eq!(likes().await, [step + 1; 2]);
    }
    app.execute("UPDATE film SET likes = likes + 10 WHERE id = 1").await;
    assert_eq!(likes().await, [13; 2]);
    app.execute("UPDATE film SET studio = 'Elsewhere' WHERE id = 1").await;
    app.until("/v1/films/1", |answer| answer.json()["studio"] == "Elsewhere").await;
    other.until("/v1/films/1", |answer| answer.json()["studio"] == "Elsewhere").await;
    assert!(events.is_quiet_for(SHORTLY).await && elsewhere.is_quiet_for(SHORTLY).await, "no votes");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_removed_ends_its_subscription(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] max_bytes: usize,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, UNLIMITED, |config| config.catalogue.max_bytes = max_bytes).await;
    let (mut by_graphql, mut by_rest) = (graphql(&app, VOTED).await, rest(&app, "?id=1,2").await);
    app.get("/?like=1").await.expect(200);
    app.execute("DELETE FROM film WHERE id = 1").await;
    assert_eq!(by_graphql.data("next").await["data"]["filmVoted"]["likes"], 1, "what was told before");
    assert_eq!(by_graphql.next().await.expect("the last word").name, "complete");
    assert_eq!(by_graphql.next().await, None);
    assert_eq!(by_rest.data("filmVoted").await["id"], 1);
    app.get("/?like=2").await.expect(200);
    assert_eq!(by_rest.data("filmVoted").await["id"], 2, "the others go on");
    drop(by_rest);
    assert_unheard(&app).await;
}

/// Told faster than they are read, they would drop everybody.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_by_another_process_drops_nobody_who_reads() {
    let live = Live::with(UNLIMITED, |_| {}).await;
    let mut socket = Socket::ready(live.address).await;
    socket.subscribe("added", ADDED).await;
    let events = rest(&live.app, "").await;
    let films = 6_000;
    let reading = tokio::spawn(async move {
        let mut events = events;
        for _ in 0..films {
            events.data("filmAdded").await;
        }
    });
    live.app
        .execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {films}) \
             INSERT INTO film (name, studio, name_key, studio_key, added_at) \
             SELECT 'N' || i, 'S', 'n' || i, 's', 0 FROM n"
        ))
        .await;
    for film in 1..=films {
        assert_eq!(socket.data("added").await["filmAdded"]["name"], format!("N{film}"));
    }
    reading.await.expect("every film is told");
}

/// Films that another process added past the log of changes, so that everything is read anew.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_tells_what_has_changed(#[values(0, 1 << 26)] max_bytes: usize) {
    let app = TestApp::with(UNLIMITED, |config| config.catalogue.max_bytes = max_bytes).await;
    let (mut voted, mut gone) = (rest(&app, "?id=1").await, graphql(&app, &VOTED.replace('1', "2")).await);
    app.execute(
        "UPDATE film SET likes = 7 WHERE id = 1; DELETE FROM film WHERE id = 2; \
         INSERT INTO film (id, name, studio, name_key, studio_key, likes, dislikes, added_at) \
         VALUES (700, 'Found', 'Elsewhere', 'found', 'elsewhere', 0, 0, 0); \
         DELETE FROM film_change; INSERT INTO film_change (number, film_id) VALUES (100000, 3)",
    )
    .await;
    let mut told = [voted.next().await.expect("an event"), voted.next().await.expect("an event")];
    told.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!((told[0].name.as_str(), &told[0].json()["id"]), ("filmAdded", &json!(700)));
    assert_eq!((told[1].name.as_str(), &told[1].json()["likes"]), ("filmVoted", &json!(7)));
    assert_eq!(gone.next().await.expect("the last word").name, "complete");
    assert!(voted.is_quiet_for(SHORTLY).await);
}

/// However the subscription and the votes of others fall: the vote that comes after it is heard, and counts ascend.
#[tokio::test(flavor = "multi_thread")]
async fn a_vote_after_the_subscription_is_never_missed() {
    let app = TestApp::with(UNLIMITED, |config| config.live.max_streams_per_client = 1_000).await;
    let voters = (0..4).map(|_| {
        let front = app.front.clone();
        tokio::spawn(async move {
            loop {
                let request = Request::get("/?like=1").header("host", "localhost");
                let request = request.body(Body::empty()).expect("a request");
                front.clone().answer(request, NOBODY).await;
            }
        })
    });
    let voters: Vec<_> = voters.collect();
    for _ in 0..100 {
        let mut events = graphql(&app, VOTED).await;
        let after = app.graphql("mutation { like(id: 1) { likes } }", json!({})).await.json();
        let wanted = after["data"]["like"]["likes"].as_i64().expect("a number");
        let mut last = 0;
        while last < wanted {
            let told = events.data("next").await;
            let likes = told["data"]["filmVoted"]["likes"].as_i64().expect("a number");
            assert!(likes > last, "{likes} after {last}");
            last = likes;
        }
    }
    for voter in voters {
        voter.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_subscribers_are_all_told() {
    let app = TestApp::with(UNLIMITED, |config| config.live.max_streams_per_client = 1_000).await;
    let mut subscribers = Vec::new();
    for _ in 0..1_000 {
        subscribers.push(graphql(&app, VOTED).await);
    }
    for (vote, likes, dislikes) in [("/?like=1", 1, 0), ("/?dislike=1", 1, 1)] {
        app.get(vote).await.expect(200);
        for events in &mut subscribers {
            let film = events.data("next").await["data"]["filmVoted"].take();
            assert_eq!(film, json!({"id": "1", "likes": likes, "dislikes": dislikes}));
        }
    }
    assert!(!app.service.is_unheard());
    drop(subscribers);
    assert_unheard(&app).await;
}

/// Who reads slowly hears the counts as they are when he reads, however many votes there were, and the last ones always.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_hears_the_latest_counts() {
    let app = TestApp::new(UNLIMITED).await;
    let (mut by_graphql, mut by_rest) = (graphql(&app, VOTED).await, rest(&app, "?id=1").await);
    for _ in 0..100 {
        app.get("/?like=1").await.expect(200);
    }
    assert_eq!(by_graphql.data("next").await["data"]["filmVoted"]["likes"], 100);
    assert_eq!(by_rest.data("filmVoted").await["likes"], 100);
    assert!(by_graphql.is_quiet_for(SHORTLY).await && by_rest.is_quiet_for(SHORTLY).await);
}

/// A hot film does not flood its readers: so many events a second, by REST as by GraphQL.
#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_film_come_so_often_and_no_more() {
    let app = TestApp::with(UNLIMITED, |config| config.live.events_per_second = 2).await;
    let (mut by_graphql, mut by_rest) = (graphql(&app, VOTED).await, rest(&app, "?id=1,2").await);
    app.get("/?like=1").await.expect(200);
    let start = Instant::now();
    for _ in 0..3 {
        assert!(by_graphql.data("next").await["data"]["filmVoted"]["likes"].as_i64() > Some(0));
        assert_eq!(by_rest.data("filmVoted").await["id"], 1);
        app.get("/?like=1").await.expect(200);
        // Each film has a pace of its own.
        app.get("/?like=2").await.expect(200);
        assert_eq!(by_rest.data("filmVoted").await["id"], 2);
    }
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
}

/// Who reads too slowly is told so, and nobody else is the worse for it.
#[tokio::test(flavor = "multi_thread")]
async fn who_falls_behind_is_told_so_and_ended() {
    let app = TestApp::new(UNLIMITED).await;
    let (mut by_graphql, mut by_rest) = (graphql(&app, ADDED).await, rest(&app, "").await);
    let mut quick = graphql(&app, ADDED).await;
    for number in 0..1_100 {
        let film = json!({"name": format!("N{number}"), "studio": "S"});
        app.post("/add_film", film).await.expect(201);
        assert_eq!(quick.data("next").await["data"]["filmAdded"]["name"], format!("N{number}"));
    }
    let last = by_graphql.data("next").await;
    assert_eq!(last["errors"][0]["extensions"]["code"], "FELL_BEHIND", "{last}");
    assert_eq!(by_graphql.next().await.expect("the last word").name, "complete");
    assert_eq!(by_graphql.next().await, None);
    let problem = by_rest.data("error").await;
    assert_eq!((&problem["code"], &problem["status"]), (&json!("FELL_BEHIND"), &json!(503)));
    assert_eq!(by_rest.next().await, None);
}
