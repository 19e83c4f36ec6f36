//! Apollo Client and urql with their caches, unmodified: what they merge, and operations sent by their hash first.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::walk;
use crate::support::Server;

/// Of each request, whether it had its text and whether it had the text's hash. Each document is asked for by its hash first, is sent
/// with its text when nobody knows that, and never again. Mutations of urql come with their text alone. `documents`: how many there are.
#[track_caller]
fn assert_persisted(forms: &Value, documents: usize) {
    let forms = forms.as_array().expect("requests");
    assert_eq!(
        forms[..2],
        [json!([false, true]), json!([true, true])],
        "by hash, then with its text: {forms:?}"
    );
    let of = |wanted: Value| forms.iter().filter(|form| **form == wanted).count();
    assert_eq!(of(json!([true, true])), documents, "{forms:?}");
    assert!(of(json!([false, true])) >= documents, "{forms:?}");
}

fn start(data: &TempDir) -> Server {
    Server::start(data.path(), &[("FILMGATE_LIMITS__ENABLED", "false")])
}

#[tokio::test]
async fn apollo_merges_two_fragments_on_one_field_into_one_film() {
    let data = TempDir::new().expect("a folder");
    let server = start(&data);
    let arguments = ["apollo.mjs", &format!("{}/graphql", server.url)];
    let Some(saw) = walk("caches", "node_modules/@apollo/client", "node", &arguments) else { return };
    let films = saw["films"].as_array().expect("films");
    assert_eq!(films.len(), 10);
    for film in films {
        let known = server.film(super::id(&film["id"])).await;
        assert_eq!((&film["name"], &film["studio"]), (&known["name"], &known["studio"]), "{film}");
    }
    assert_eq!(saw["seen"], json!([0, 1]), "the vote reaches who watches");
    assert_persisted(&saw["forms"], 3);
}

#[tokio::test]
async fn urql_keeps_a_film_once_whoever_asked_for_it() {
    let data = TempDir::new().expect("a folder");
    let server = start(&data);
    let arguments = ["urql.mjs", &format!("{}/graphql", server.url)];
    let Some(saw) = walk("caches", "node_modules/@urql/core", "node", &arguments) else { return };
    assert_eq!(saw["warnings"], json!([]));
    let seen = saw["seen"].as_array().expect("pages");
    let (first, last) = (&seen[0][0], &seen[seen.len() - 1][0]);
    assert_eq!((&first["likes"], &last["likes"]), (&json!(0), &json!(1)));
    let known = server.film(super::id(&last["id"])).await;
    assert_eq!((&last["name"], &last["hasCursor"]), (&known["name"], &json!(true)));
    assert_eq!((&saw["again"]["likes"], &saw["again"]["name"]), (&json!(1), &known["name"]));
    assert_persisted(&saw["forms"], 2);
}
