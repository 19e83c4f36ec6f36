//! gql and sgqlc, unmodified.

use serde_json::json;
use tempfile::TempDir;

use super::{root, walk};
use crate::support::Server;

/// Of the environment that each has for itself.
const INSTALLED: &str = ".venv/installed";

fn python(client: &str) -> String {
    root().join("tests/clients").join(client).join(".venv/bin/python").to_string_lossy().into_owned()
}

#[tokio::test]
async fn gql_checks_against_the_schema_that_it_fetched_and_hears_of_a_vote() {
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let arguments = ["walk.py", &format!("{}/graphql", server.url)];
    let Some(saw) = walk("gql", INSTALLED, &python("gql"), &arguments) else { return };
    let page = saw["page"].as_array().expect("films");
    assert_eq!(page.len(), 3);
    assert!(page.iter().all(|film| film["name"].is_string() && film["year"].is_number()), "{page:?}");
    assert_eq!(saw["code"], "FILM_NOT_FOUND");
    assert_eq!(saw["event"]["id"], "1");
    assert!(saw["event"]["likes"].as_u64() <= saw["liked"]["likes"].as_u64(), "{saw}");
    assert_eq!(server.film(1).await["likes"], saw["liked"]["likes"]);
}

#[tokio::test]
async fn sgqlc_adds_an_emoji() {
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let arguments = ["walk.py", &format!("{}/graphql", server.url)];
    let Some(saw) = walk("sgqlc", INSTALLED, &python("sgqlc"), &arguments) else { return };
    // Written as two halves, which is how JSON writes it in ASCII.
    let text = saw["text"].as_str().expect("a document");
    assert!(text.contains(r"\ud83c\udfac"), "{text}");
    assert_eq!((&saw["added"]["name"], &saw["added"]["studio"]), (&saw["sent"], &json!("🎥")));
    let id = super::id(&saw["added"]["id"]);
    assert_eq!(server.film(id).await["name"], saw["sent"]);
    let read = json!({ "id": saw["added"]["id"], "name": saw["sent"], "year": 2001, "genres": ["Drama"] });
    assert_eq!(saw["read"], read);
}
