//! What comes from memory is what the database would say.

use filmgate::service::caller::Caller;
use filmgate::service::films::types::{FilmDraft, FilmId};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Store, TestApp, UNLIMITED};

const WORDS: [&str; 9] = ["Ähre", "ahre", "Zoo", "zoo", "Éclair", "the", "THE", "日本", "a"];
const GENRES: [&str; 5] = ["Drama", "drama", "Horror", "Film noir", "Éxito"];

fn some<'a>(random: &mut StdRng, of: &[&'a str]) -> &'a str {
    of[random.random_range(0..of.len())]
}

fn draft(random: &mut StdRng) -> FilmDraft {
    let words: Vec<&str> = (0..random.random_range(1..4)).map(|_| some(random, &WORDS)).collect();
    let genres = (0..random.random_range(0..3)).map(|_| Some(some(random, &GENRES).to_owned())).collect();
    FilmDraft {
        name: Some(words.join(" ")),
        studio: Some(format!("Studio {}", some(random, &WORDS))),
        year: Some(random.random_bool(0.8).then(|| random.random_range(1990..2000))),
        genres: Some(genres),
        faults: Vec::new(),
    }
}

/// Adds, changes, removes, and votes, for each a few.
async fn change(app: &TestApp, random: &mut StdRng) {
    let operator = Caller::operator();
    for _ in 0..40 {
        let id = FilmId(random.random_range(1..720));
        // What is refused changes nothing.
        match random.random_range(0..10) {
            0..=4 => drop(app.service.add_film(&operator, draft(random)).await),
            5 => drop(app.service.update_film(&operator, id, draft(random)).await),
            6 => drop(app.service.remove_film(&operator, id).await),
            7 => drop(app.get(&format!("/?dislike={}", random.random_range(1..40))).await),
            _ => drop(app.get(&format!("/?like={}", random.random_range(1..40))).await),
        }
    }
}

fn filter(random: &mut StdRng) -> String {
    let mut filter = String::new();
    if random.random_bool(0.4) {
        filter +=
            &format!("&genre={}", some(random, &["drama", "ANIMATION", "horror", "%C3%A9xito", "none"]));
    }
    if random.random_bool(0.3) {
        filter += &format!(
            "&studio={}",
            some(random, &["disney", "STUDIO%20ZOO", "studio%20the", "Studio%20%C3%84hre"])
        );
    }
    if random.random_bool(0.3) {
        filter += &format!("&yearFrom={}", random.random_range(1980..2000));
    }
    if random.random_bool(0.3) {
        filter += &format!("&yearTo={}", random.random_range(2000..10_050));
    }
    if random.random_bool(0.2) {
        filter += &format!("&minVotes={}", random.random_range(0..4));
    }
    filter
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_from_memory_are_those_of_the_database(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let stored = app.beside_with(|config| config.catalogue.max_bytes = 0).await;
    let mut random = StdRng::seed_from_u64(20_261_128);
    let mut cursors: Vec<(&str, String)> = Vec::new();
    for round in 0..400 {
        if round % 40 == 0 {
            change(&app, &mut random).await;
        }
        let sort = some(
            &mut random,
            &[
                "name",
                "year",
                "newest",
                "likes",
                "rating",
                "name&order=desc",
                "year&order=desc",
                "newest&order=asc",
                "likes&order=asc",
                "rating&order=asc",
            ],
        );
        let size = some(&mut random, &["first", "last"]);
        let mut path = format!("/v1/films?sort={sort}&{size}={}", random.random_range(0..30));
        for end in ["after", "before"] {
            let own: Vec<&String> =
                cursors.iter().filter(|(of, _)| *of == sort).map(|(_, cursor)| cursor).collect();
            if !own.is_empty() && random.random_bool(0.5) {
                path += &format!("&{end}={}", own[random.random_range(0..own.len())]);
            }
        }
        path += &filter(&mut random);
        let (page, wanted) =
            (app.get(&path).await.expect(200).json(), stored.get(&path).await.expect(200).json());
        assert_eq!(page, wanted, "{path}");
        let ends = ["startCursor", "endCursor"].map(|end| page["pageInfo"][end].as_str().map(str::to_owned));
        cursors.extend(ends.into_iter().flatten().map(|cursor| (sort, cursor)));
    }
    assert!(cursors.len() > 300, "most pages have films");
}

/// Every group of a list, page by page from either end.
async fn groups(app: &TestApp, list: &str, size: usize, backwards: bool) -> Vec<Value> {
    let (mut groups, mut place) = (Vec::new(), String::new());
    let (count, after, end, more) = if backwards {
        ("last", "before", "startCursor", "hasPreviousPage")
    } else {
        ("first", "after", "endCursor", "hasNextPage")
    };
    loop {
        let page = app.get(&format!("/v1/{list}?{count}={size}{place}")).await.expect(200).json();
        let of_page = page[list].as_array().expect("groups").clone();
        groups = if backwards { [of_page, groups].concat() } else { [groups, of_page].concat() };
        place = format!("&{after}={}", page["pageInfo"][end].as_str().unwrap_or_default());
        if page["pageInfo"][more] == false {
            assert_eq!(page["totalCount"], groups.len(), "{list}");
            return groups;
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn genres_and_studios_have_their_films(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let stored = app.beside_with(|config| config.catalogue.max_bytes = 0).await;
    change(&app, &mut StdRng::seed_from_u64(11)).await;
    for (list, filter) in [("genres", "genre"), ("studios", "studio")] {
        let all = groups(&app, list, 7, false).await;
        assert!(all.len() > 20, "{list}: {}", all.len());
        assert_eq!(groups(&app, list, 100, true).await, all);
        assert_eq!(groups(&stored, list, 50, false).await, all, "{list} of the database");
        assert_eq!(groups(&stored, list, 9, true).await, all, "{list} of the database, from the end");
        for group in &all {
            let name: String =
                form_urlencoded::byte_serialize(group["name"].as_str().expect("a name").as_bytes()).collect();
            let films = app.get(&format!("/v1/films?{filter}={name}&first=1")).await.expect(200).json();
            assert_eq!(films["totalCount"], group["films"], "{group}");
        }
        let query = format!("{{ {list}(first: 100) {{ totalCount edges {{ node {{ name films }} }} }} }}");
        let other = app.graphql(&query, Value::Null).await.expect(200).json();
        let nodes = other["data"][list]["edges"].as_array().expect("edges").iter().map(|edge| &edge["node"]);
        assert!(nodes.eq(all.iter().take(100)), "both surfaces tell the same {list}");
        assert_eq!(other["data"][list]["totalCount"], all.len());
    }
}

/// A later film may write its genre otherwise, and be the first of another genre of the page.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_genre_is_called_as_its_first_film_writes_it(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] max_bytes: usize,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, UNLIMITED, |config| config.catalogue.max_bytes = max_bytes).await;
    for (name, genres) in
        [("A", json!(["Quux"])), ("B", json!(["quux", "Aaa"])), ("C", json!(["QUUX", "Zzz"]))]
    {
        app.post("/add_film", json!({"name": name, "studio": "S", "genres": genres})).await.expect(201);
    }
    let genres = groups(&app, "genres", 100, false).await;
    let own: Vec<&Value> = genres
        .iter()
        .filter(|genre| {
            ["Aaa", "Zzz"].iter().any(|own| genre["name"] == *own)
                || genre["films"] == 3
                    && genre["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("quux"))
        })
        .collect();
    assert_eq!(
        own,
        [
            &json!({"name": "Aaa", "films": 1}),
            &json!({"name": "Quux", "films": 3}),
            &json!({"name": "Zzz", "films": 1})
        ]
    );
}

/// Every film that matches is drawn as often as any other, those that are excluded never.
#[tokio::test]
async fn a_pick_among_those_that_match_is_uniform() {
    let app = TestApp::new(UNLIMITED).await;
    change(&app, &mut StdRng::seed_from_u64(7)).await;
    for filter in ["genre=Animation", "genre=drama&yearTo=1935", "studio=disney&yearFrom=1990", "minVotes=1"]
    {
        let page = app.get(&format!("/v1/films?{filter}&first=100")).await.expect(200).json();
        let ids: Vec<i64> =
            page["films"].as_array().expect("films").iter().filter_map(|film| film["id"].as_i64()).collect();
        let (excluded, left) = ids.split_at(ids.len() / 2);
        assert!(left.len() > 2 && page["pageInfo"]["hasNextPage"] == false, "{filter}: {}", ids.len());
        let exclude: String = excluded.iter().map(|id| format!("{id},")).collect();

        let mut drawn = vec![0_u32; left.len()];
        for _ in 0..100 * left.len() {
            let film = app
                .get(&format!("/v1/films/random?{filter}&exclude={exclude}999999"))
                .await
                .expect(200)
                .json();
            let place = left.iter().position(|id| film["id"] == *id);
            drawn[place.unwrap_or_else(|| panic!("{filter}: {film} was not to be drawn"))] += 1;
        }
        let chi_square: f64 = drawn.iter().map(|times| (f64::from(*times) - 100.0).powi(2) / 100.0).sum();
        // Its mean is the number of films less one, its deviation the root of twice that; five of them.
        let freedom = f64::from(u32::try_from(left.len()).expect("few")) - 1.0;
        assert!(chi_square < freedom + 5.0 * (2.0 * freedom).sqrt(), "{filter}: {drawn:?}");
    }
    app.get("/v1/films/random?studio=nobody&exclude=1").await.expect_problem(404, "FILM_NOT_FOUND");
}
