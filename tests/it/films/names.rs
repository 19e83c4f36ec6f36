//! What a name must have, and which names are one, at both surfaces.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Store, TestApp, UNLIMITED};

const ADD: &str = "mutation($input: AddFilmInput!) { addFilm(input: $input) { id } }";

/// Both surfaces refuse the film alike, and store nothing.
async fn refused(app: &TestApp, film: &Value, status: u16, code: &str) -> [Value; 2] {
    let before = app.count("SELECT COUNT(*) FROM film").await;
    for path in ["/add_film", "/v1/films"] {
        let problem = app.post(path, film.clone()).await.expect_problem(status, code).json();
        assert_eq!(problem["code"], code, "{film}");
    }
    let rest = app.post("/v1/films", film.clone()).await.json();
    let graphql = app.graphql(ADD, json!({"input": film})).await.json();
    let error = graphql["errors"][0].clone();
    assert_eq!(error["extensions"]["code"], code, "{film}: {graphql}");
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, before, "{film}");
    [rest["fields"].clone(), error["extensions"]["fields"].clone()]
}

#[tokio::test]
async fn a_name_has_something_to_see() {
    let app = TestApp::new(UNLIMITED).await;
    for unseen in [
        "\u{200B}",
        "\u{2060}",
        "\u{FEFF}",
        "\u{AD}",
        "\u{3164}",
        "\u{2800}",
        "\u{301}",
        "\u{200E}",
        "\u{115F}\u{1160}",
        "\u{FE0F}",
        "\u{E0041}",
        "\u{1D159}",
        "\u{A0}\u{3000}",
        "\u{20DD} \u{301}",
        "\u{E000}",
    ] {
        for (film, pointer) in [
            (json!({"name": unseen, "studio": "S"}), "/name"),
            (json!({"name": "N", "studio": unseen}), "/studio"),
            (json!({"name": "N", "studio": "S", "genres": ["Drama", unseen]}), "/genres/1"),
        ] {
            for fields in refused(&app, &film, 422, "INVALID_INPUT").await {
                assert_eq!(fields[0]["pointer"], pointer, "{film}: {fields}");
            }
        }
    }
}

#[rstest]
#[tokio::test]
async fn what_looks_like_a_film_is_that_film(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let noel = json!({"name": "Noe\u{308}l \u{2019}44", "studio": "Ça & Là", "genres": ["Drama"]});
    let id = app.post("/v1/films", noel).await.expect(201).json()["id"].clone();
    for (name, studio) in [
        ("Noël ’44", "Ça & Là"),
        ("NOËL ’44", "ça  &  là"),
        ("No\u{AD}ël\u{200B} ’44\u{FEFF}", "Ça\u{A0}& Là"),
        ("\u{2060}Noël\u{3000}’44", "Ça & L\u{34F}à\u{3164}"),
        ("\u{200E}Noël ’44\u{200F}", "Ça & Là\u{2800}"),
        ("Noël\t’44\u{FE0F}", "Ça & Là\u{E0020}"),
    ] {
        let film = json!({"name": name, "studio": studio});
        let is_plain = !name.contains('\t');
        let (status, code) = if is_plain { (409, "FILM_EXISTS") } else { (422, "INVALID_INPUT") };
        refused(&app, &film, status, code).await;
    }
    // By what a filter is given too.
    let found = app
        .get("/v1/films?studio=%20%C3%87A%20%20%26%C2%A0L%C3%80&genre=dra%E2%80%8Bma")
        .await
        .expect(200)
        .json();
    assert_eq!(found["films"][0]["id"], id, "{found}");
    let random =
        app.get("/v1/films/random?studio=%C3%87A%20%20%26%20L%C3%80&genre=DRAMA%E2%81%A0").await.expect(200);
    assert_eq!(random.json()["id"], id);
    // Another film is another film.
    for name in ["Noel ’44", "Noël’44", "Noël 44", "Noël ’45"] {
        app.post("/v1/films", json!({"name": name, "studio": "Ça & Là"})).await.expect(201);
    }
}

#[tokio::test]
async fn marks_of_direction_belong_to_titles_and_overrides_do_not() {
    let app = TestApp::new(UNLIMITED).await;
    for name in ["שלום\u{200F}!", "فيلم\u{61C} 2", "A\u{200E}B"] {
        let added = app.post("/v1/films", json!({"name": name, "studio": "S"})).await.expect(201).json();
        assert_eq!(added["name"], name, "as it was given");
    }
    for character in ['\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}', '\u{2028}', '\u{7}', '\u{9F}'] {
        let film = json!({"name": format!("A{character}B"), "studio": "S"});
        refused(&app, &film, 422, "INVALID_INPUT").await;
    }
}
