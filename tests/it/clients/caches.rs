//! Apollo Client and urql with their caches, unmodified: what they merge, and operations sent by their hash first.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::walk;
use crate::support::Server;

/// Of each request, whether it had its text and whether it had the text's hash: the first asks by hash alone and is told that
/// there is no such thing here; then all have their text.
#[track_caller]
fn assert_falls_back(forms: &Value) {
    let forms = forms.as_array().expect("requests");
    assert_eq!(forms[0], json!([false, true]), "by hash alone: {forms:?}");
    assert!(forms.len() > 2 && forms[1..].iter().all(|form| form[0] == true), "with their text: {forms:?}");
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
    assert_falls_back(&saw["forms"]);
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
    assert_falls_back(&saw["forms"]);
}
