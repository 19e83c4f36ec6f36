//! gql, sgqlc and ariadne-codegen, unmodified.

use std::process::Command;

use filmgate::service::caller::Role;
use serde_json::json;
use tempfile::TempDir;

use super::{root, told, walk};
use crate::support::{Live, Server, UNLIMITED, skip};

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

/// A copy beside a copy of the schema, so that nothing is generated into the sources.
#[tokio::test(flavor = "multi_thread")]
async fn ariadne_codegen_is_checked_by_mypy_and_walks_through_films_and_accounts() {
    const FOLDER: &str = "tests/clients/ariadne";
    if !root().join(FOLDER).join(INSTALLED).exists() {
        return skip(&format!("{INSTALLED} of {FOLDER} is not installed; make test does it"));
    }
    let copied = TempDir::new().expect("a folder");
    let folder = copied.path().join(FOLDER);
    std::fs::create_dir_all(&folder).expect("a folder");
    for file in ["pyproject.toml", "operations.graphql", "walk.py"] {
        std::fs::copy(root().join(FOLDER).join(file), folder.join(file)).expect(file);
    }
    std::fs::copy(root().join("schema.graphql"), copied.path().join("schema.graphql")).expect("a schema");
    for (program, arguments) in
        [("ariadne-codegen", &[][..]), ("mypy", &["--strict", "--follow-imports", "silent", "walk.py"])]
    {
        let program = root().join(FOLDER).join(".venv/bin").join(program);
        let output = Command::new(&program).args(arguments).current_dir(&folder).output().expect("it runs");
        let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
        assert!(output.status.success(), "{}: {}", program.display(), said.concat());
    }
    let live = Live::with(UNLIMITED, |_| {}).await;
    let session = live.app.session(live.app.account("anna", Role::Admin).await).await;
    let url = format!("http://{}/graphql", live.address);
    let saw =
        tokio::task::spawn_blocking(move || told(&folder, &python("ariadne"), &["walk.py", &url, &session]));
    let saw = saw.await.expect("an end");
    let mut walked: Vec<u64> = saw["walked"].as_array().expect("films").iter().map(super::id).collect();
    walked.sort_unstable();
    assert_eq!(walked, (1..=620).collect::<Vec<u64>>());
    assert_eq!((&saw["liked"], &saw["code"]), (&json!(1), &json!("FILM_NOT_FOUND")));
    assert_eq!(saw["accounts"], 1);
    assert_eq!(saw["anna"], json!({ "name": "anna", "isAdmin": true, "made": true }));
}
