//! A walk through all films in a random order, beside slow and obvious references: all that matches is the whole walk without
//! what does not match, whatever the size of a page, the direction, the database and the room in memory.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use filmgate::clock::SystemClock;
use filmgate::service::caller::Caller;
use filmgate::service::database::{Database, Settings};
use filmgate::service::films::types::FilmDraft;
use filmgate::service::import::batch::{BATCH, Draft, Import};
use filmgate::service::import::types::{OnDuplicate, OnError, Settings as How};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Store, TestApp, UNLIMITED};

/// Made ones.
const MADE: usize = 58_000;

/// Real rows where they are.
fn real() -> Vec<Draft> {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/movies.json");
    let Ok(text) = std::fs::read_to_string(rows) else { return Vec::new() };
    let rows: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let draft = |row: Value| {
        let name = row["Title"].as_str().map_or_else(|| row["Title"].to_string(), str::to_owned);
        let genre = row["Major Genre"].as_str().map(|genre| Some(genre.to_owned()));
        let film = FilmDraft {
            name: Some(name),
            studio: Some(row["Distributor"].as_str().unwrap_or("Unknown").to_owned()),
            year: None,
            genres: Some(genre.into_iter().collect()),
            faults: Vec::new(),
        };
        Draft { id: None, film }
    };
    rows.into_iter().map(draft).collect()
}

/// A database with these and so many made ones: every second of a genre, and every fortieth of another one.
async fn filled(store: Store, made: usize) -> TestApp {
    let folder = TempDir::new().expect("a folder");
    let url = store.filled(folder.path()).await;
    let database = Database::open(&url, &Settings::default()).await.expect("a database");
    let how = How { on_duplicate: OnDuplicate::Skip, on_error: OnError::Skip, dry_run: false };
    let clock = Arc::new(SystemClock::new());
    let mut import = Import::begin(database.clone(), &Caller::operator(), how, clock).expect("an admin");
    let mut drafts = real().into_iter();
    loop {
        let batch: Vec<_> = drafts.by_ref().take(BATCH).map(Ok).collect();
        if batch.is_empty() {
            break;
        }
        import.batch(batch).await.expect("written");
    }
    database.close().await;
    let app = TestApp::on_database(folder, url).await;
    app.execute(&format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {made}) \
         INSERT INTO film (name, studio, name_key, studio_key, year, likes, dislikes, added_at) \
         SELECT 'Made ' || i, 'Makers', 'made ' || i, 'makers', 1900 + i % 100, i % 5, 0, 0 FROM n"
    ))
    .await;
    for (genre, every) in [("Even", 2), ("Rare", 40)] {
        app.execute(&format!(
            "INSERT INTO film_genre (film_id, position, name, name_key) \
             SELECT id, {every}, '{genre}', '{}' FROM film WHERE studio = 'Makers' AND id % {every} = 0",
            genre.to_lowercase()
        ))
        .await;
    }
    // Gaps, as removals leave them.
    app.execute("DELETE FROM film WHERE id % 10 = 3").await;
    app.reopen(UNLIMITED).await
}

/// A page: its ids, whether there is a further one, its cursor to go on from, and how many films there are.
struct Page {
    ids: Vec<i64>,
    has_more: bool,
    place: Option<String>,
    total: u64,
}

/// `place`: a cursor, after which it lies, or before which in the other direction. There it is read from its end.
async fn page(app: &TestApp, query: &str, size: usize, place: Option<&str>, backward: bool) -> Page {
    let (count, at, end, more) = if backward {
        ("last", "before", "startCursor", "hasPreviousPage")
    } else {
        ("first", "after", "endCursor", "hasNextPage")
    };
    let place = place.map(|place| format!("&{at}={place}")).unwrap_or_default();
    let page =
        app.get(&format!("/v1/films?sort=shuffled{query}&{count}={size}{place}")).await.expect(200).json();
    let films = page["films"].as_array().expect("films").iter();
    let mut ids: Vec<i64> = films.filter_map(|film| film["id"].as_i64()).collect();
    if backward {
        ids.reverse();
    }
    Page {
        ids,
        has_more: page["pageInfo"][more] == true,
        place: page["pageInfo"][end].as_str().map(str::to_owned),
        total: page["totalCount"].as_u64().expect("a number"),
    }
}

/// Every id of a walk, page by page, each page full but the last; and its number of films. `most`: no more than so many.
async fn walk(app: &TestApp, query: &str, size: usize, backward: bool, most: usize) -> (Vec<i64>, u64) {
    let (mut all, mut place) = (Vec::new(), None::<String>);
    loop {
        let page = page(app, query, size, place.as_deref(), backward).await;
        assert!(page.ids.len() == size || !page.has_more, "a page of {} for {size}: {query}", page.ids.len());
        all.extend(page.ids);
        if !page.has_more || all.len() >= most {
            return (all, page.total);
        }
        place = page.place;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_matches_is_the_whole_walk_without_what_does_not(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = filled(store, MADE).await;
    let stored = app.beside_with(|config| config.catalogue.max_bytes = 50_000).await;
    let films = app.count("SELECT COUNT(*) FROM film").await;
    let (whole, total) = walk(&app, "&seed=a", 100, false, usize::MAX).await;
    let unique: BTreeSet<i64> = whole.iter().copied().collect();
    assert_eq!(
        (i64::try_from(whole.len()), i64::try_from(unique.len())),
        (Ok(films), Ok(films)),
        "each once"
    );
    assert_eq!(i64::try_from(total), Ok(films));
    assert!(whole.iter().filter(|id| **id > 30_000).take(100).count() == 100 && !whole.is_sorted());
    let (some, _) = walk(&stored, "&seed=a", 99, false, 2_000).await;
    assert_eq!(some, whole[..some.len()], "past the memory budget");
    assert_ne!(walk(&app, "&seed=b", 100, false, 100).await.0, whole[..100], "another seed is another walk");
    for (filter, condition) in [
        ("", "TRUE"),
        ("&genre=even", "id IN (SELECT film_id FROM film_genre WHERE name = 'Even')"),
        ("&genre=rare", "id IN (SELECT film_id FROM film_genre WHERE name = 'Rare')"),
        ("&genre=western", "id IN (SELECT film_id FROM film_genre WHERE name = 'Western')"),
        (
            "&genre=even&yearFrom=1988",
            "year >= 1988 AND id IN (SELECT film_id FROM film_genre WHERE name = 'Even')",
        ),
        ("&minVotes=4&studio=makers", "likes >= 4 AND studio = 'Makers'"),
        ("&genre=nothing", "FALSE"),
    ] {
        let query = format!("&seed=a{filter}");
        let matching = ids(&app, condition).await;
        let wanted: Vec<i64> = whole.iter().copied().filter(|id| matching.contains(id)).collect();
        for (app, backward, most) in
            [(&app, false, 3_000), (&app, true, 1_000), (&stored, false, 500), (&stored, true, 300)]
        {
            let (told, total) = walk(app, &query, 97, backward, most).await;
            let wanted: Vec<i64> =
                if backward { wanted.iter().rev().copied().collect() } else { wanted.clone() };
            assert_eq!(told, wanted[..told.len()], "{filter}, backward {backward}");
            assert!(told.len() >= most.min(wanted.len()), "{filter}: {}", told.len());
            assert_eq!(usize::try_from(total), Ok(wanted.len()), "{filter}");
        }
    }
}

/// The ids of films that a condition names.
async fn ids(app: &TestApp, condition: &str) -> BTreeSet<i64> {
    let database = sea_orm::Database::connect(&app.database_url).await.expect("the database");
    let sql = format!("SELECT id FROM film WHERE {condition}");
    let question =
        sea_orm::Statement::from_string(sea_orm::ConnectionTrait::get_database_backend(&database), sql);
    let rows = sea_orm::ConnectionTrait::query_all_raw(&database, question).await.expect("rows");
    database.close().await.expect("an end");
    rows.iter().map(|row| row.try_get_by_index(0).expect("an id")).collect()
}

/// Whatever comes and goes between two pages: what was there all the time is told once, and nothing twice.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn films_that_come_and_go_disturb_no_walk(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] memory: usize,
    // Few enough to be put in order, and so many that places are walked through.
    #[values(0, 6_000)] made: usize,
    #[values("", "&yearFrom=1930")] filter: &str,
) {
    if store.is_missing() {
        return;
    }
    let app = filled(store, made.max(1)).await;
    let app = app.beside_with(|config| config.catalogue.max_bytes = memory).await;
    let condition = if filter.is_empty() { "TRUE" } else { "year >= 1930" };
    let before = ids(&app, condition).await;
    let highest = *before.last().expect("films");
    let mut random = StdRng::seed_from_u64(15);
    let (mut told, mut place, mut removed) = (Vec::new(), None::<String>, BTreeSet::new());
    for round in 0.. {
        // No seed: it is in the cursor.
        let page = page(&app, filter, 90, place.as_deref(), false).await;
        let gone: Vec<i64> = page.ids.iter().copied().filter(|id| removed.contains(id)).collect();
        assert_eq!(gone, [0; 0], "what is gone is not told");
        told.extend(page.ids);
        if !page.has_more {
            break;
        }
        place = page.place;
        if round < 6 {
            let all: Vec<i64> = before.iter().copied().collect();
            for id in all.sample(&mut random, 20) {
                app.service
                    .remove_film(&Caller::operator(), filmgate::service::films::types::FilmId(*id))
                    .await
                    .ok();
                removed.insert(*id);
            }
            for number in 0..5 {
                let film = json!({"name": format!("Late {round} {number}"), "studio": "S", "year": 1999});
                app.post("/v1/films", film).await.expect(201);
            }
        }
    }
    let unique: BTreeSet<i64> = told.iter().copied().collect();
    assert_eq!(unique.len(), told.len(), "nothing twice");
    assert!(told.iter().all(|id| *id <= highest), "nothing that is later");
    let missed: Vec<&i64> =
        before.iter().filter(|id| !unique.contains(id) && !removed.contains(id)).collect();
    assert!(missed.is_empty(), "nothing that stayed is missed: {missed:?}");
    assert!(removed.iter().any(|id| !unique.contains(id)), "some went before they were told");
}

/// Chi-square of the place that a film gets, over 1,000 seeds; and what it says of a walk that favours the film in one of
/// twenty.
#[tokio::test]
async fn over_many_seeds_a_film_has_every_place_alike() {
    const FILMS: usize = 50;
    const SEEDS: usize = 1_000;
    let app = TestApp::new(UNLIMITED).await;
    app.execute(&format!("DELETE FROM film WHERE id > {FILMS}")).await;
    let app = app.reopen(UNLIMITED).await;
    let mut orders = Vec::new();
    for seed in 0..SEEDS {
        orders.push(page(&app, &format!("&seed={seed}"), FILMS, None, false).await.ids);
    }
    // The 99.9th percentile for 49 degrees of freedom.
    let limit = 85.35;
    let mut worst: f64 = 0.0;
    for film in 1..=i64::try_from(FILMS).expect("few") {
        let chi_square = |bias: usize| {
            let mut counts = [0_u32; FILMS];
            for (seed, order) in orders.iter().enumerate() {
                let own = order.iter().position(|id| *id == film).expect("every film");
                counts[if bias > 0 && seed % bias == 0 { 0 } else { own }] += 1;
            }
            let expected = f64::from(u32::try_from(SEEDS / FILMS).expect("few"));
            counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum::<f64>()
        };
        worst = worst.max(chi_square(0));
        assert!(chi_square(20) > limit, "a bias of 5 % is refused: {film}, {}", chi_square(20));
    }
    // Fifty films are judged, and the worst of them may be as unlikely as one in 10,000.
    assert!(worst < 94.0, "chi-square {worst}");
}

#[rstest]
#[tokio::test]
async fn a_walk_goes_on_by_its_cursor_and_both_surfaces_tell_it(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    const LIST: &str = "query($seed: String, $first: Int, $after: String, $last: Int, $before: String) {
        films(sort: SHUFFLED, seed: $seed, first: $first, after: $after, last: $last, before: $before) {
            edges { cursor node { id } } totalCount
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }";
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let list = async |variables: Value| {
        app.graphql(LIST, variables).await.expect(200).json()["data"]["films"].take()
    };
    let first = list(json!({"seed": "Ana's evening, 2026", "first": 7})).await;
    let rest =
        app.get("/v1/films?sort=shuffled&seed=Ana%27s+evening%2C+2026&first=7").await.expect(200).json();
    assert_eq!((&rest["pageInfo"], &rest["totalCount"]), (&first["pageInfo"], &first["totalCount"]));
    assert_eq!(first["totalCount"], 620);
    let after = first["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    let second = list(json!({"first": 7, "after": after})).await;
    assert_eq!(second, list(json!({"first": 7, "after": after, "seed": "Ana's evening, 2026"})).await);
    // Back from the first of the second page, and what lies between two places.
    let place = second["edges"][0]["cursor"].as_str().expect("a cursor").to_owned();
    let back = list(json!({"last": 7, "before": place})).await;
    assert_eq!(back["edges"], first["edges"]);
    assert_eq!(
        (&back["pageInfo"]["hasNextPage"], &back["pageInfo"]["hasPreviousPage"]),
        (&json!(true), &json!(false))
    );
    let (start, end) = (&first["edges"][1]["cursor"], &second["edges"][2]["cursor"]);
    let between = list(json!({"first": 100, "after": start, "before": end})).await;
    assert_eq!(between["edges"].as_array().map(Vec::len), Some(7));
    assert_eq!(list(json!({"first": 5, "after": end, "before": start})).await["edges"], json!([]));
    let none = list(json!({"first": 0})).await;
    assert_eq!((&none["edges"], &none["pageInfo"]["hasNextPage"]), (&json!([]), &json!(true)));
    // Without a seed each walk is another one.
    let walks = [list(json!({"first": 20})).await, list(json!({"first": 20})).await];
    assert_ne!(walks[0]["edges"], walks[1]["edges"]);
    // By a text, of which all hits are known.
    let (found, total) = walk(&app, "&q=the&seed=a", 6, false, usize::MAX).await;
    let (whole, _) = walk(&app, "&seed=a", 100, false, usize::MAX).await;
    assert_eq!(usize::try_from(total), Ok(found.len()));
    assert!(found.len() > 10 && whole.iter().filter(|id| found.contains(id)).eq(&found));
    let mut backward = walk(&app, "&q=the&seed=a", 5, true, usize::MAX).await.0;
    backward.reverse();
    assert_eq!(backward, found);
}

#[tokio::test]
async fn what_makes_no_sense_of_a_walk_is_refused_by_name() {
    let app = TestApp::new(UNLIMITED).await;
    let cursor = async |query: &str| page(&app, query, 3, None, false).await.place.expect("a cursor");
    let (a, b) = (cursor("&seed=a").await, cursor("&seed=b").await);
    let name =
        app.get("/v1/films?first=1").await.json()["pageInfo"]["endCursor"].as_str().expect("one").to_owned();
    let made = |text: &str, place: i64| {
        use base64::Engine as _;
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(json!(["w", text, place]).to_string())
    };
    let (far, past) = (made(&format!("00000000000000aa.{}", i64::MAX), 5), made("00000000000000aa.620", 621));
    let long = "x".repeat(65);
    for (query, pointer, word) in [
        ("sort=shuffled&order=desc".to_owned(), "/order", "cannot be combined with the sort shuffled"),
        ("sort=shuffled&order=asc".to_owned(), "/order", "cannot be combined with the sort shuffled"),
        ("sort=name&seed=a".to_owned(), "/seed", "cannot be combined with a sort other than shuffled"),
        ("sort=shuffled&seed=".to_owned(), "/seed", "must have 1 to 64 characters"),
        (format!("sort=shuffled&seed={long}"), "/seed", "must have 1 to 64 characters"),
        (format!("sort=shuffled&seed=b&after={a}"), "/after", "a walk with another seed"),
        (format!("sort=shuffled&after={a}&before={b}"), "/before", "a cursor of another walk than after"),
        (format!("sort=shuffled&after={name}"), "/after", "is not a cursor of a list in this order"),
        (format!("sort=name&after={a}"), "/after", "is not a cursor of a list in this order"),
        (format!("sort=shuffled&after={far}"), "/after", "is not a cursor of a list in this order"),
        (format!("sort=shuffled&before={past}"), "/before", "is not a cursor of a list in this order"),
        ("sort=shuffled&first=101".to_owned(), "/first", "must be at most 100"),
    ] {
        let problem =
            app.get(&format!("/v1/films?{query}")).await.expect_problem(422, "INVALID_INPUT").json();
        assert_eq!(problem["fields"][0]["pointer"], pointer, "{query}: {problem}");
        assert!(
            problem["fields"][0]["detail"].as_str().expect("a text").contains(word),
            "{query}: {problem}"
        );
    }
    app.get(&format!("/v1/films?sort=shuffled&seed={}", "é".repeat(64).replace('é', "%C3%A9")))
        .await
        .expect(200);
}

/// Ids that lie so far apart that 5,000 places hardly have one: some pages are short, none is lost, and no film either.
#[rstest]
#[tokio::test]
async fn a_walk_among_ids_far_apart_comes_to_its_end(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(0, 1 << 26)] memory: usize,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    app.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5500) \
         INSERT INTO film (id, name, studio, name_key, studio_key, year, likes, dislikes, added_at) \
         SELECT 100000 + i * 7001, 'Made ' || i, 'Makers', 'made ' || i, 'makers', 1900, 0, 0, 0 FROM n",
    )
    .await;
    let app = app.beside_with(|config| config.catalogue.max_bytes = memory).await;
    let (mut told, mut place, mut short) = (Vec::new(), None::<String>, 0);
    loop {
        let page = page(&app, "&seed=a", 100, place.as_deref(), false).await;
        short += usize::from(page.ids.len() < 100);
        assert!(!page.ids.is_empty() || !page.has_more, "one can go on from a page that is not the last");
        told.extend(page.ids);
        if !page.has_more {
            break;
        }
        place = page.place;
    }
    let unique: BTreeSet<i64> = told.iter().copied().collect();
    assert_eq!((told.len(), unique.len()), (6_120, 6_120));
    assert!(short > 1, "{short}");
}
