//! What somebody has voted for, as they are told it: at a film, within a page, in an event, and as a list.

use std::time::Duration;

use axum::http::Method;
use filmgate::service::caller::Role;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Live, Socket, Store, TestApp, UNLIMITED};

const PAGE: &str = "query($first: Int) {
    films(sort: NEWEST, order: ASC, first: $first) { edges { node { id myVote again: myVote } } }
}";

/// A session of a new account.
async fn somebody(app: &TestApp, name: &str) -> String {
    let account = app.account(name, Role::Voter).await;
    app.session(account).await
}

async fn data(app: &TestApp, caller: Option<&str>, document: &str) -> Value {
    app.graphql_as(caller, document, json!({})).await.expect(200).json()["data"].take()
}

async fn vote(app: &TestApp, caller: &str, film: i64, way: &str) {
    app.call_as(Some(caller), Method::POST, &format!("/v1/films/{film}/{way}"), None).await.expect(200);
}

#[rstest]
#[tokio::test]
async fn a_film_tells_whoever_asks_their_own_vote(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] memory: usize,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, UNLIMITED, |config| config.catalogue.max_bytes = memory).await;
    let (anna, ben) = (somebody(&app, "anna").await, somebody(&app, "ben").await);
    let of = async |caller: Option<&str>, id: i64| {
        let film = data(&app, caller, &format!("{{ film(id: {id}) {{ myVote a: myVote }} }}")).await;
        assert_eq!(film["film"]["myVote"], film["film"]["a"]);
        film["film"]["myVote"].clone()
    };
    app.get("/?like=1").await.expect(200);
    assert_eq!(of(Some(&anna), 1).await, Value::Null, "somebody else's vote");
    for (document, wanted) in [
        ("mutation { vote: like(id: 1) { myVote } }", json!("LIKE")),
        ("mutation { vote: like(id: 1) { myVote } }", json!("LIKE")),
        ("mutation { vote: dislike(id: 1) { myVote } }", json!("DISLIKE")),
        ("mutation { vote: removeVote(id: 1) { myVote } }", Value::Null),
        ("mutation { vote: like(id: 1) { myVote } }", json!("LIKE")),
    ] {
        assert_eq!(data(&app, Some(&anna), document).await["vote"]["myVote"], wanted, "{document}");
        assert_eq!(of(Some(&anna), 1).await, wanted, "after {document}");
        assert_eq!((of(Some(&ben), 1).await, of(None, 1).await), (Value::Null, Value::Null));
    }
    let both = "mutation { a: like(id: 2) { myVote } b: dislike(id: 2) { myVote } }";
    let told = json!({"a": {"myVote": "LIKE"}, "b": {"myVote": "DISLIKE"}});
    assert_eq!(data(&app, Some(&ben), both).await, told);
    let node = "{ node(id: 2) { ... on Film { myVote } } }";
    assert_eq!(data(&app, Some(&ben), node).await["node"]["myVote"], "DISLIKE");
    let only = "{ randomFilm(filter: { minVotes: 1 }, exclude: [1]) { id myVote } }";
    assert_eq!(data(&app, Some(&ben), only).await["randomFilm"], json!({"id": "2", "myVote": "DISLIKE"}));
}

#[rstest]
#[tokio::test]
async fn a_page_tells_the_own_vote_of_each_of_its_films(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let (anna, ben) = (somebody(&app, "anna").await, somebody(&app, "ben").await);
    for film in 1..=100 {
        for (caller, prime) in [(&anna, 7), (&ben, 11)] {
            match film % prime {
                0 => vote(&app, caller, film, "like").await,
                1 => vote(&app, caller, film, "dislike").await,
                _ => {}
            }
        }
    }
    for (caller, prime) in [(Some(anna.as_str()), 7), (Some(ben.as_str()), 11), (None, i64::MAX)] {
        let answer = app.graphql_as(caller, PAGE, json!({"first": 100})).await.expect(200).json();
        let edges = answer["data"]["films"]["edges"].as_array().expect("edges");
        assert_eq!(edges.len(), 100);
        for (film, edge) in (1..).zip(edges) {
            let own = match film % prime {
                0 => json!("LIKE"),
                1 if caller.is_some() => json!("DISLIKE"),
                _ => Value::Null,
            };
            assert_eq!(edge["node"], json!({"id": film.to_string(), "myVote": own, "again": own}));
        }
    }
}

/// Counted where it cannot be hidden: the table of votes is a view that counts who looks.
#[tokio::test]
async fn a_page_is_one_look_at_the_votes_and_none_for_who_does_not_ask() {
    if Store::Postgres.is_missing() {
        return;
    }
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let anna = somebody(&app, "anna").await;
    vote(&app, &anna, 3, "like").await;
    app.execute("CREATE SEQUENCE looks").await;
    app.execute("ALTER TABLE vote RENAME TO kept").await;
    app.execute("CREATE VIEW vote AS SELECT * FROM kept WHERE (SELECT nextval('looks')) > 0").await;
    let mut seen = 0;
    for (caller, document, looks) in [
        (Some(&anna), "{ films(first: 100) { edges { node { myVote a: myVote } } } }", 1),
        (Some(&anna), "{ films(first: 100) { edges { node { id name likes } } } }", 0),
        (None, "{ films(first: 100) { edges { node { myVote } } } }", 0),
        (Some(&anna), "{ film(id: 3) { a: myVote b: myVote c: myVote } }", 1),
        (Some(&anna), "{ myVotes { edges { direction node { myVote } } } }", 1),
        (Some(&anna), "{ a: film(id: 3) { myVote } b: films { edges { node { myVote } } } }", 2),
    ] {
        data(&app, caller.map(String::as_str), document).await;
        let now = app.count("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM looks").await;
        assert_eq!(now - seen, looks, "{document}");
        seen = now;
    }
}

/// All own votes by both surfaces, which tell the same: film and direction, the latest first.
async fn listed(app: &TestApp, caller: &str, size: usize) -> Vec<(i64, String)> {
    const LIST: &str = "query($first: Int, $after: String) { myVotes(first: $first, after: $after) {
        edges { cursor direction votedAt node { id myVote } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
    } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let place = after.as_str().map(|after| format!("&after={after}")).unwrap_or_default();
        let page = app.get_as(caller, &format!("/v1/me/votes?first={size}{place}")).await.expect(200).json();
        let variables = json!({"first": size, "after": after});
        let other =
            app.graphql_as(Some(caller), LIST, variables).await.expect(200).json()["data"]["myVotes"].take();
        assert_eq!((&page["pageInfo"], &page["totalCount"]), (&other["pageInfo"], &other["totalCount"]));
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_null());
        let (votes, edges) =
            (page["votes"].as_array().expect("votes"), other["edges"].as_array().expect("edges"));
        assert_eq!(votes.len(), edges.len());
        for (vote, edge) in votes.iter().zip(edges) {
            let direction = vote["direction"].as_str().expect("a direction").to_owned();
            assert_eq!(edge["direction"], direction.to_uppercase());
            assert_eq!((&edge["votedAt"], &edge["node"]["myVote"]), (&vote["votedAt"], &edge["direction"]));
            assert_eq!(edge["node"]["id"], vote["film"]["id"].to_string());
            all.push((vote["film"]["id"].as_i64().expect("an id"), direction));
        }
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], all.len());
            return all;
        }
    }
}

#[rstest]
#[tokio::test]
async fn own_votes_are_listed_the_latest_first_page_by_page(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] memory: usize,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, UNLIMITED, |config| config.catalogue.max_bytes = memory).await;
    let (anna, ben) = (somebody(&app, "anna").await, somebody(&app, "ben").await);
    assert_eq!(listed(&app, &anna, 5).await, []);
    let mut wanted = Vec::new();
    for film in [5, 3, 40, 7, 7, 610, 3, 11] {
        // Some votes are of one moment: then it is the id that tells which comes first.
        if film != 40 && film != 610 {
            app.clock.advance(Duration::from_secs(1));
        }
        vote(&app, &ben, film, "like").await;
        let way = if film > 10 { "dislike" } else { "like" };
        vote(&app, &anna, film, way).await;
        if !wanted.iter().any(|(own, _)| *own == film) {
            wanted.insert(0, (film, way.to_owned()));
        }
    }
    // 3 and 40 came at once; the same again changed nothing.
    assert_eq!(wanted.iter().map(|(film, _)| *film).collect::<Vec<_>>(), [11, 610, 7, 40, 3, 5]);
    for size in [1, 2, 3, 100] {
        assert_eq!(listed(&app, &anna, size).await, wanted, "{size} a page");
    }
    // A switch is a new vote, a withdrawal none, and a film that goes takes its votes along.
    app.clock.advance(Duration::from_secs(1));
    vote(&app, &anna, 5, "dislike").await;
    app.call_as(Some(&anna), Method::DELETE, "/v1/films/610/vote", None).await.expect(200);
    app.execute("DELETE FROM film WHERE id = 40").await;
    let changed = [(5, "dislike"), (11, "dislike"), (7, "like"), (3, "like")];
    assert_eq!(listed(&app, &anna, 3).await, changed.map(|(film, way)| (film, way.to_owned())));
    let named = app.get_as(&anna, "/v1/me/votes?film=3,4,610,5").await.expect(200).json();
    let films: Vec<&Value> =
        named["votes"].as_array().expect("votes").iter().map(|vote| &vote["film"]["id"]).collect();
    assert_eq!((films, &named["totalCount"]), (vec![&json!(5), &json!(3)], &json!(2)));
}

#[tokio::test]
async fn a_list_of_own_votes_that_makes_no_sense_is_refused() {
    let app = TestApp::new(UNLIMITED).await;
    let anna = somebody(&app, "anna").await;
    for (path, status, pointer, word) in [
        ("/v1/me/votes?film=1,x", 400, "/film", "the id of a film"),
        ("/v1/me/votes?film=", 400, "/film", "the id of a film"),
        (
            "/v1/me/votes?last=5",
            400,
            "/last",
            "is not a parameter of this call, which takes film, first, after",
        ),
        ("/v1/me/votes?first=-1", 422, "/first", "must not be negative"),
        ("/v1/me/votes?after=x", 422, "/after", "is not a cursor"),
        ("/v1/films/random?unseen=yes", 400, "/unseen", "must be true or false"),
    ] {
        let problem = app.get_as(&anna, path).await.expect_problem(status, "INVALID_INPUT").json();
        assert_eq!(problem["fields"][0]["pointer"], pointer, "{path}");
        assert!(problem["fields"][0]["detail"].as_str().expect("a text").contains(word), "{problem}");
    }
    let many = (1..=101).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    let problem =
        app.get_as(&anna, &format!("/v1/me/votes?film={many}")).await.expect_problem(422, "INVALID_INPUT");
    assert_eq!(problem.json()["detail"], "film must name at most 100 films.");
    let nobody = app.get("/v1/me/votes").await.expect_problem(401, "UNAUTHENTICATED").json();
    assert_eq!(nobody["detail"], "Reading your own votes needs a session, a key or a token: sign in first.");
}

/// By an event stream and by a socket: each reader is told their own, and none any more once the credential has ended.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_tells_each_reader_their_own_vote(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    const VOTED: &str = "subscription { filmVoted(id: 1) { likes dislikes myVote } }";
    if store.is_missing() {
        return;
    }
    let live = Live::on_with(store, UNLIMITED, |config| config.live.events_per_second = 1_000).await;
    let app = &live.app;
    let (anna, ben) = (somebody(app, "anna").await, somebody(app, "ben").await);
    let (_, mut of_anna) = app.stream_as(Some(&anna), Method::POST, "/graphql", Some(VOTED)).await;
    let (_, mut of_nobody) = app.stream_as(None, Method::POST, "/graphql", Some(VOTED)).await;
    let mut of_ben = Socket::ready_as(live.address, &ben).await;
    of_ben.subscribe("votes", VOTED).await;
    // What was asked for right behind is answered when the subscription has begun.
    of_ben.ask("{ __typename }").await;
    for (caller, way, counts, own) in [
        (&anna, "like", [1, 0], [json!("LIKE"), Value::Null]),
        (&ben, "dislike", [1, 1], [json!("LIKE"), json!("DISLIKE")]),
        (&anna, "dislike", [0, 2], [json!("DISLIKE"), json!("DISLIKE")]),
    ] {
        vote(app, caller, 1, way).await;
        let told = |own: &Value| json!({"likes": counts[0], "dislikes": counts[1], "myVote": own});
        assert_eq!(of_anna.data("next").await["data"]["filmVoted"], told(&own[0]));
        assert_eq!(of_ben.data("votes").await["filmVoted"], told(&own[1]));
        assert_eq!(of_nobody.data("next").await["data"]["filmVoted"], told(&Value::Null));
    }
    app.call_as(Some(&anna), Method::DELETE, "/v1/session", None).await.expect(204);
    vote(app, &ben, 1, "like").await;
    let told = of_anna.data("next").await;
    assert_eq!(told["data"]["filmVoted"], json!({"likes": 1, "dislikes": 1, "myVote": null}));
    assert_eq!(told["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{told}");
}
