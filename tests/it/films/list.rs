//! Lists of films: pages through both surfaces.

use axum::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Store, TestApp, UNLIMITED};

const QUERY: &str =
    "query($sort: FilmSort!, $order: SortOrder, $first: Int, $after: String, $last: Int, $before: String) {
  films(sort: $sort, order: $order, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id name year likes } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}";

async fn voted_app(store: Store) -> TestApp {
    let app = TestApp::on(store, UNLIMITED).await;
    for (film, likes) in [(5, 3), (9, 3), (7, 1)] {
        for _ in 0..likes {
            app.get(&format!("/?like={film}")).await.expect(200);
        }
    }
    app.post("/add_film", json!({"name": "éclair", "studio": "S"})).await.expect(201);
    app
}

/// All ids of a list, page by page, forwards or backwards, and the same by the other surface. `sort`: with its direction,
/// as in `name desc`, if it is not the usual one.
async fn walk(app: &TestApp, sort: &str, size: usize, backwards: bool) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut cursor = Value::Null;
    let (sort, order) = sort.split_once(' ').map_or((sort, None), |(sort, order)| (sort, Some(order)));
    let direction = order.map(|order| format!("&order={order}")).unwrap_or_default();
    loop {
        let (count, place) = if backwards { ("last", "before") } else { ("first", "after") };
        let mut path = format!("/v1/films?sort={sort}{direction}&{count}={size}");
        if let Some(cursor) = cursor.as_str() {
            path = format!("{path}&{place}={cursor}");
        }
        let page = app.get(&path).await.expect(200).json();
        let variables = json!({"sort": sort.to_uppercase(), "order": order.map(str::to_uppercase), count: size, place: cursor});
        let other = app.graphql(QUERY, variables).await.expect(200).json()["data"]["films"].take();
        assert_eq!(page["pageInfo"], other["pageInfo"], "both surfaces tell the same page");
        let mut of_page = Vec::new();
        for (film, edge) in
            page["films"].as_array().expect("films").iter().zip(other["edges"].as_array().expect("edges"))
        {
            assert_eq!(film["id"].to_string(), edge["node"]["id"].as_str().expect("an id"));
            of_page.push(film["id"].as_i64().expect("an id"));
        }
        assert_eq!(of_page.len(), other["edges"].as_array().expect("edges").len());
        let more = if backwards { "hasPreviousPage" } else { "hasNextPage" };
        cursor = page["pageInfo"][if backwards { "startCursor" } else { "endCursor" }].clone();
        if backwards {
            of_page.extend(ids);
            ids = of_page;
        } else {
            ids.extend(of_page);
        }
        if page["pageInfo"][more] == false {
            return ids;
        }
    }
}

#[rstest]
#[tokio::test]
async fn every_order_walks_all_films_once_in_both_directions_and_sizes(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = voted_app(store).await;
    for (sort, own, other) in [
        ("name", "name asc", "name desc"),
        ("year", "year asc", "year desc"),
        ("newest", "newest desc", "newest asc"),
        ("likes", "likes desc", "likes asc"),
        ("rating", "rating desc", "rating asc"),
    ] {
        let forwards = walk(&app, sort, 100, false).await;
        assert_eq!(forwards.len(), 621, "{sort}");
        let mut unique = forwards.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), 621, "{sort}");
        assert_eq!(walk(&app, sort, 37, true).await, forwards, "{sort} backwards");
        assert_eq!(walk(&app, own, 90, false).await, forwards, "{own}");
        for (size, backwards) in [(100, false), (41, true)] {
            let turned = walk(&app, other, size, backwards).await;
            assert!(turned.iter().rev().eq(&forwards), "{other}, backwards {backwards}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn orders_are_what_they_say(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = voted_app(store).await;
    assert_eq!(walk(&app, "likes", 50, false).await[..4], [5, 9, 7, 1], "ties by id");
    for film in [5, 9, 9, 7] {
        app.get(&format!("/?dislike={film}")).await.expect(200);
    }
    // 3 of 4, 3 of 5, 1 of 2: and whoever has no like is last, with how many dislikes ever.
    assert_eq!(walk(&app, "rating", 50, false).await[..4], [5, 9, 7, 1]);
    assert_eq!(walk(&app, "rating asc", 50, false).await.last(), Some(&5));
    assert_eq!(walk(&app, "likes asc", 50, false).await[..2], [621, 620], "ties by id, the other way round");
    assert_eq!(walk(&app, "newest", 50, false).await[..2], [621, 620]);
    assert_eq!(walk(&app, "year", 50, false).await.last(), Some(&621), "no year comes last");
    let names = app.get("/v1/films?sort=name&first=100").await.expect(200).json();
    let names: Vec<String> = names["films"]
        .as_array()
        .expect("films")
        .iter()
        .map(|film| film["name"].as_str().expect("a name").to_lowercase())
        .collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[rstest]
#[tokio::test]
async fn filters_narrow_the_list(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = voted_app(store).await;
    let liked = app.get("/v1/films?sort=likes&minVotes=1").await.expect(200).json();
    assert_eq!(liked["films"].as_array().map(Vec::len), Some(3));
    let page = app.get("/v1/films?genre=WESTERN&yearTo=1960&first=100").await.expect(200).json();
    let films = page["films"].as_array().expect("films");
    assert!(!films.is_empty());
    for film in films {
        assert!(film["genres"].as_array().expect("genres").contains(&json!("Western")), "{film}");
        assert!(film["year"].as_i64().expect("a year") <= 1960);
    }
    let studio = app.get("/v1/films?studio=a24&first=1").await.expect(200).json();
    assert_eq!(studio["films"][0]["studio"], "A24");
}

#[rstest]
#[tokio::test]
async fn a_page_that_makes_no_sense_is_an_error_that_names_the_limit(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::with(UNLIMITED, |config| config.graphql.max_page = 10).await;
    app.get("/v1/films?first=10").await.expect(200);
    assert_eq!(app.get("/v1/films").await.expect(200).json()["films"].as_array().map(Vec::len), Some(10));
    let empty = app.get("/v1/films?first=0").await.expect(200).json();
    assert_eq!(empty["films"], json!([]));
    let name = app.get("/v1/films?first=1").await.expect(200).json()["pageInfo"]["endCursor"].clone();
    let name = name.as_str().expect("a cursor");
    for (query, pointer, word) in [
        ("first=11".to_owned(), "/first", "at most 10"),
        ("last=11".to_owned(), "/last", "at most 10"),
        ("first=-1".to_owned(), "/first", "negative"),
        ("last=-1".to_owned(), "/last", "negative"),
        ("first=1&last=1".to_owned(), "/last", "first"),
        ("after=rubbish".to_owned(), "/after", "cursor"),
        (format!("sort=year&after={name}"), "/after", "cursor"),
        (format!("order=desc&after={name}"), "/after", "cursor"),
        (format!("q=a&after={name}"), "/after", "cursor"),
        ("yearFrom=2000&yearTo=1999".to_owned(), "/yearTo", "yearFrom"),
        ("minVotes=-1".to_owned(), "/minVotes", "negative"),
    ] {
        let answer = app.get(&format!("/v1/films?{query}")).await.expect_problem(422, "INVALID_INPUT");
        let fields = answer.json()["fields"].clone();
        assert_eq!(fields[0]["pointer"], pointer, "{query}");
        assert!(fields[0]["detail"].as_str().expect("a detail").contains(word), "{query}: {fields}");
    }
    for query in [
        "first=x",
        "first=1&first=2",
        "sort=size",
        "sort=NAME",
        "frist=3",
        "yearFrom=1e3",
        "first=99999999999999999999",
    ] {
        app.get(&format!("/v1/films?{query}")).await.expect_problem(400, "INVALID_INPUT");
    }
    let answer = app.graphql("{ films(first: 11) { edges { cursor } } }", json!({})).await.expect(200).json();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_INPUT");
    assert_eq!(answer["errors"][0]["extensions"]["fields"][0]["pointer"], "/first");
}

#[rstest]
#[tokio::test]
async fn a_film_is_found_by_its_id_or_not_at_all(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    assert_eq!(app.get("/v1/films/1").await.expect(200).json()["name"], "Frozen");
    app.get("/v1/films/0").await.expect_problem(404, "FILM_NOT_FOUND");
    app.get("/v1/films/99999999999999999999999").await.expect_problem(404, "FILM_NOT_FOUND");
    for id in ["x", "-1", "1.0", "%00", "1%20"] {
        app.get(&format!("/v1/films/{id}")).await.expect_problem(400, "INVALID_INPUT");
    }
    app.get("/v1/films/%ff").await.expect_problem(400, "BAD_REQUEST");
    let answer = app.graphql("{ film(id: 0) { id } }", json!({})).await.expect(200);
    assert_eq!(answer.json(), json!({"data": {"film": null}}));
}

/// A fault is a few bytes on the way in and a sentence on the way out.
#[tokio::test]
async fn a_refusal_tells_so_many_faults_and_no_more() {
    let app = TestApp::new(UNLIMITED).await;
    let parameters: String = (0..1_000).map(|number| format!("&p{number}")).collect();
    let members: String = (0..5_000).map(|number| format!(",\"m{number}\":1")).collect();
    let film = format!("{{\"name\":\"N\",\"studio\":\"S\"{members}}}");
    let headers = [("content-type", "application/json")];
    for answer in [
        app.get(&format!("/v1/films?x{parameters}")).await.expect(400),
        app.call(Method::POST, "/v1/films", &headers, Some(film)).await.expect(422),
    ] {
        let fields = answer.json()["fields"].as_array().expect("fields").clone();
        assert_eq!(fields.len(), 51);
        assert!(fields[50]["detail"].as_str().expect("a text").ends_with("more faults are not shown"));
        assert!(answer.body.len() < 10_000, "{} bytes", answer.body.len());
    }
}

/// Without likes all have one rating, however many dislikes: a database has bounds for what it is asked.
#[rstest]
#[tokio::test]
async fn a_rating_of_many_dislikes_is_a_list(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on_with(store, UNLIMITED, |config| config.catalogue.max_bytes = 0).await;
    app.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) \
         INSERT INTO film (name, studio, name_key, studio_key, added_at, dislikes) \
         SELECT 'N' || i, 'S', 'n' || i, 's', 0, i FROM n",
    )
    .await;
    app.get("/?like=7").await.expect(200);
    let films = app.get("/v1/films?sort=rating&first=3").await.expect(200).json();
    let ids: Vec<i64> =
        films["films"].as_array().expect("films").iter().filter_map(|film| film["id"].as_i64()).collect();
    assert_eq!(ids, [7, 1, 2]);
}
