//! `filmgate film`.

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, Store, Told};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn films_are_listed_shown_and_removed(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let server =
        Server::start(here, &[("FILMGATE_DATABASE_URL", &url), ("FILMGATE_LIMITS__ENABLED", "false")]);
    for vote in ["like", "like", "dislike"] {
        let path = format!("{}/v1/films/2/{vote}", server.url);
        reqwest::Client::new().post(path).send().await.expect("an answer").error_for_status().expect("200");
    }
    let film = |arguments: &[&str]| Told::by(here, &url, &[&["film"], arguments].concat());

    let list = film(&["list", "--sort", "year", "--first", "3", "--year-from", "1902"]).done();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 4, "{list}");
    assert!(lines[0].starts_with("id  name"), "{list}");
    assert!(lines[1].starts_with("2   A Trip to the Moon"), "{list}");
    let liked: Value = serde_json::from_str(
        &film(&["list", "--sort", "likes", "--min-votes", "3", "--format", "json"]).done(),
    )
    .expect("JSON");
    assert_eq!(liked.as_array().map(Vec::len), Some(1), "{liked}");
    assert_eq!(
        (&liked[0]["id"], &liked[0]["likes"], &liked[0]["dislikes"]),
        (&2.into(), &2.into(), &1.into())
    );
    let disney = film(&["list", "--studio", "DISNEY", "--genre", "animation", "--format", "json"]).done();
    assert!(disney.contains("\"name\":\"Frozen\""), "{disney}");
    assert_eq!(film(&["list", "--studio", "nobody"]).done().lines().count(), 1, "a header");

    let show = film(&["show", "2"]).done();
    assert!(show.contains("name      A Trip to the Moon\n") && show.contains("likes     2\n"), "{show}");
    let shown: Value = serde_json::from_str(&film(&["show", "2", "--format", "json"]).done()).expect("JSON");
    assert_eq!(shown, liked[0]);

    let update =
        ["update", "2", "--name", "Le Voyage dans la Lune", "--no-year", "--genre", "Science Fiction"];
    let updated = film(&update).done();
    let wanted = ["name      Le Voyage dans la Lune\n", "studio    Star Film\n", "year      unknown\n"];
    assert!(wanted.iter().all(|line| updated.contains(line)), "{updated}");
    assert!(updated.contains("genres    Science Fiction\nlikes     2\n"), "{updated}");
    let updated =
        film(&["update", "2", "--name", "A Trip to the Moon", "--year", "1902", "--no-genres"]).done();
    assert!(updated.contains("year      1902\ngenres    \n"), "{updated}");
    let same = film(&["update", "2", "--year", "1902", "--format", "json"]).done();
    assert_eq!(serde_json::from_str::<Value>(&same).expect("JSON")["likes"], 2);
    film(&["update", "2", "--year", "1"]).failed(1, &["year"]);
    film(&["update", "999999", "--year", "1902"]).failed(1, &["no film with this id"]);
    let audit = Told::by(here, &url, &["audit", "list", "--event", "film_changed"]).done();
    assert!(audit.contains("operator") && audit.contains("Le Voyage dans la Lune"), "{audit}");

    film(&["remove", "2"]).failed(2, &["A Trip to the Moon", "2 likes and 1 dislike", "--yes"]);
    let removed = film(&["remove", "2", "--yes"]).done();
    assert!(removed.starts_with("removed film 2, A Trip to the Moon (Star Film, 1902)"), "{removed}");
    film(&["show", "2"]).failed(1, &["no film with this id"]);
    film(&["remove", "2", "--yes"]).failed(1, &["no film with this id"]);
    film(&["show", "99999999999999999999"]).failed(1, &["no film with this id"]);
    // A running server hears of it, and the votes went with the film.
    for _ in 0..100 {
        if server.film(2).await["code"] == "FILM_NOT_FOUND" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the server did not hear of the removal");
}

#[test]
fn wrong_use_is_2_and_makes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let url = format!("sqlite://{}", here.join("x.db").display());
    for arguments in [
        &["film", "show", "-5"][..],
        &["film", "show", "abc"],
        &["film", "list", "--first", "0"],
        &["film", "list", "--first", "1001"],
        &["film", "list", "--sort", "colour"],
        &["film"],
        &["film", "update", "2"],
        &["film", "update", "--year", "1902"],
        &["film", "update", "2", "--year", "1902", "--no-year"],
        &["film", "update", "2", "--genre", "Drama", "--no-genres"],
    ] {
        assert_eq!(Told::by(here, &url, arguments).code, Some(2), "{arguments:?}");
    }
    Told::by(here, &url, &["film", "list"]).failed(1, &["does not exist"]);
    assert_eq!(std::fs::read_dir(here).expect("a folder").count(), 0);
}

/// By the rules of the API, and a running server hears of it.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_added(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let server = Server::start(here, &[("FILMGATE_DATABASE_URL", &url)]);
    let add = |arguments: &[&str]| Told::by(here, &url, &[&["film", "add"], arguments].concat());
    let told =
        add(&["Dune", "--studio", "Legendary", "--year", "2021", "--genre", "Drama", "--genre", "SF"]).done();
    assert_eq!(told, "added film 621, Dune (Legendary)\n");
    add(&["DUNE", "--studio", "legendary", "--year", "2021"]).failed(1, &["already there", "621"]);
    add(&["\u{2060}", "--studio", "S", "--year", "1500"])
        .failed(1, &["name must have a character", "year must lie"]);
    assert_eq!(add(&["Dune"]).code, Some(2));
    let film = {
        let mut film = Value::Null;
        for _ in 0..100 {
            film = server.film(621).await;
            if film["name"] == "Dune" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        film
    };
    assert_eq!((&film["year"], &film["genres"]), (&2021.into(), &serde_json::json!(["Drama", "SF"])));
}
