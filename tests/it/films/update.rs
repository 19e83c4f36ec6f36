//! Films that are changed and removed while a server runs: in the database, in the read model, in the audit.

use filmgate::service::caller::Caller;
use filmgate::service::films::types::{FilmDraft, FilmId};
use rstest::rstest;

use crate::support::{Store, TestApp, UNLIMITED};

fn text(text: &str) -> String {
    text.to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_judged_like_a_new_film_and_keeps_votes(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let operator = Caller::operator();
    app.get("/?like=1").await.expect(200);
    let change = |change: FilmDraft| app.service.update_film(&operator, FilmId(1), change);

    let changed = change(FilmDraft {
        name: Some(text("  Frozen Anew ")),
        year: Some(None),
        genres: Some(["Musical", "MUSICAL", "Animation"].map(|genre| Some(text(genre))).to_vec()),
        ..FilmDraft::default()
    })
    .await
    .expect("the film");
    assert_eq!((&*changed.name, &*changed.studio, changed.year), ("Frozen Anew", "Disney", None));
    assert_eq!((changed.genres.join(","), changed.likes), ("Musical,Animation".to_owned(), 1));
    let shown = app.get("/v1/films/1").await.expect(200).json();
    assert_eq!(
        (&shown["name"], shown.get("year"), &shown["likes"]),
        (&"Frozen Anew".into(), None, &1.into())
    );

    // What says nothing changes nothing, and is no event.
    let events = "SELECT COUNT(*) FROM audit_event WHERE event = 'film_changed'";
    assert_eq!(app.count(events).await, 1);
    change(FilmDraft::default()).await.expect("the film");
    change(FilmDraft { name: Some(text("Frozen Anew")), ..FilmDraft::default() }).await.expect("the film");
    assert_eq!(app.count(events).await, 1);

    for (refused, code) in [
        (
            FilmDraft { name: Some(text(" ")), year: Some(Some(1_500)), ..FilmDraft::default() },
            "INVALID_INPUT",
        ),
        (
            FilmDraft {
                name: Some(text("a trip to the MOON")),
                studio: Some(text("star film")),
                year: Some(Some(1902)),
                ..FilmDraft::default()
            },
            "FILM_EXISTS",
        ),
    ] {
        assert_eq!(change(refused).await.expect_err("a refusal").code(), code);
    }
    let missing = app.service.update_film(&operator, FilmId(9_999), FilmDraft::default()).await;
    assert_eq!(missing.expect_err("a refusal").code(), "FILM_NOT_FOUND");
    // Only another spelling of its own name is no other film.
    let respelt = change(FilmDraft { name: Some(text("FROZEN ANEW")), ..FilmDraft::default() }).await;
    assert_eq!(respelt.expect("the film").name.as_ref(), "FROZEN ANEW");

    // Another server hears of it, and so does this one of the removal.
    let other = app.beside(UNLIMITED).await;
    let removed = app.service.remove_film(&operator, FilmId(1)).await.expect("the film");
    assert_eq!(removed.likes, 1);
    app.get("/v1/films/1").await.expect_problem(404, "FILM_NOT_FOUND");
    other.until("/v1/films/1", |answer| answer.status == 404).await;
    assert_eq!(app.count("SELECT COUNT(*) FROM audit_event WHERE event = 'film_removed'").await, 1);
    let again = app.service.remove_film(&operator, FilmId(1)).await;
    assert_eq!(again.expect_err("a refusal").code(), "FILM_NOT_FOUND");
}
