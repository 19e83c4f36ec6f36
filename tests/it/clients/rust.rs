//! cynic over reqwest, and graphql-ws-client.

use std::time::Duration;

use cynic::{MutationBuilder as _, QueryBuilder as _, SubscriptionBuilder as _};
use futures_util::{Stream, StreamExt as _};
use rust_client::{
    AddFilm, AddFilmInput, AddFilmVariables, Client, Code, Dislike, Error, Extensions, FilmAdded, FilmFilter,
    FilmId, FilmSort, FilmVoted, Films, Like, PageVariables, RandomFilm, RandomFilmVariables, like_and_watch,
    watch,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{Instant, timeout};

use super::{SLOW, assert_all_once, refusals};
use crate::support::Server;

fn film(id: &str) -> FilmId {
    FilmId { id: cynic::Id::new(id) }
}

fn new_film(name: &str, studio: &str, year: i32) -> AddFilmVariables {
    let genres = Some(vec!["Drama".to_owned()]);
    AddFilmVariables {
        input: AddFilmInput { name: name.to_owned(), studio: studio.to_owned(), year: Some(year), genres },
    }
}

#[track_caller]
fn refused<Data: std::fmt::Debug>(result: Result<Data, Error>) -> Extensions {
    match result {
        Err(Error::Refused(refusal)) => refusal.extensions.expect("extensions"),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn the_client_does_all_that_there_is_under_the_default_limits() {
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let url = format!("{}/graphql", server.url);
    let client = Client::new(&url, Duration::from_mins(1));

    let filter =
        FilmFilter { genre: Some("western".to_owned()), year_to: Some(1970), ..FilmFilter::default() };
    let random = RandomFilm::build(RandomFilmVariables { filter: Some(filter) });
    let western = client.run(&random).await.expect("data").random_film.expect("a film");
    assert!(western.genres.contains(&"Western".to_owned()), "{western:?}");
    let liked = client.run(&Like::build(film("1"))).await.expect("data").like.expect("a film");
    assert_eq!((liked.id.inner(), liked.likes), ("1", 1));
    let disliked = client.run(&Dislike::build(film("2"))).await.expect("data").dislike.expect("a film");
    assert_eq!(disliked.dislikes, 1);
    let night_train = AddFilm::build(new_film("Night Train", "Kadr", 1959));
    let added = client.run(&night_train).await.expect("data").add_film.expect("a film");
    assert_eq!((added.name.as_str(), added.year), ("Night Train", Some(1959)));

    assert_eq!(refused(client.run(&night_train).await).code, Code::FilmExists);
    let invalid = refused(client.run(&AddFilm::build(new_film(" ", "", 1066))).await);
    assert_eq!(invalid.code, Code::InvalidInput);
    let pointers: Vec<&str> = invalid.fields.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "/studio", "/year"]);
    assert_eq!(refused(client.run(&Like::build(film("999999"))).await).code, Code::FilmNotFound);
    // The like before it was charged, although there was no film, so this one comes too early.
    let impatient = Client::new(&url, Duration::ZERO);
    let too_early = refused(impatient.run(&Like::build(film("1"))).await);
    assert_eq!((too_early.code, too_early.retry_after), (Code::RateLimited, Some(1)));
    let patient = client.run(&Like::build(film("1"))).await.expect("data").like.expect("a film");
    assert_eq!(patient.likes, 2, "once, though it was refused first");
    assert_eq!(server.film(1).await["likes"], 2);

    let (before, began) = (refusals(&server), Instant::now());
    assert_all_once(walk(&client, FilmSort::Year).await);
    // On a machine that is busy they come so slowly that all pass: ten at once, and ten a second.
    let is_slow = began.elapsed() > Duration::from_millis(300);
    assert!(is_slow || refusals(&server) > before, "thirteen pages do not pass at once");
    assert_all_once(walk(&client, FilmSort::Shuffled).await);
}

/// All films, in pages of 50.
async fn walk(client: &Client, sort: FilmSort) -> Vec<u64> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = Films::build(PageVariables { first: 50, after, sort });
        let films = client.run(&page).await.expect("a page").films;
        seen.extend(films.edges.iter().map(|edge| edge.node.id.inner().parse::<u64>().expect("a number")));
        if !films.page_info.has_next_page {
            return seen;
        }
        after = films.page_info.end_cursor;
    }
}

#[tokio::test]
async fn subscriptions_tell_what_comes_through_the_other_surface() {
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let url = format!("ws://{}/graphql", server.address());

    let votes = watch(&url, FilmVoted::build(film("3"))).await.expect("a subscription");
    let vote = async || {
        reqwest::get(format!("{}/?like=3", server.url)).await.expect("an answer");
    };
    let event = first_event(votes, vote).await.film_voted;
    assert_eq!(event.id.inner(), "3");
    let likes = server.film(3).await["likes"].as_i64().expect("a number");
    assert!((1..=likes).contains(&i64::from(event.likes)), "{event:?}");

    let films = watch(&url, FilmAdded::build(())).await.expect("a subscription");
    let mut count = 0;
    let add = async || {
        count += 1;
        let film = json!({ "name": format!("Announced {count}"), "studio": "Kadr" });
        let request = reqwest::Client::new().post(format!("{}/add_film", server.url)).json(&film);
        assert_eq!(request.send().await.expect("an answer").status(), 201);
    };
    let event = first_event(films, add).await.film_added;
    assert!(event.name.starts_with("Announced "), "{event:?}");

    let mut nobody = watch(&url, FilmVoted::build(film("999999"))).await.expect("a subscription");
    let event = nobody.next().await.expect("an event");
    assert_eq!(refused(event).code, Code::FilmNotFound);
}

/// Makes it happen until an event tells of it: the protocol has no message for "you are subscribed", so the first time
/// may come too early.
async fn first_event<Data>(
    mut events: impl Stream<Item = Result<Data, Error>> + Unpin,
    mut happen: impl AsyncFnMut(),
) -> Data {
    for _ in 0..20 {
        happen().await;
        if let Ok(event) = timeout(Duration::from_millis(500), events.next()).await {
            return event.expect("an event").expect("data");
        }
    }
    panic!("no event");
}

#[tokio::test]
async fn the_sample_votes_and_sees_the_vote() {
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[SLOW]);
    let address = server.address().to_string();
    let film =
        timeout(Duration::from_secs(20), like_and_watch(&address)).await.expect("an event").expect("a film");
    assert_eq!(film.likes, 1);
    assert!(refusals(&server) > 0, "it waited");
}
