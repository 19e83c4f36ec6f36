//! Relay, unmodified: its compiler reads the committed schema, and its runtime keeps everything by id alone.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use filmgate::config::TrustedMode;
use filmgate::service::caller::Role;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{root, told};
use crate::support::{Live, UNLIMITED, skip};

const FOLDER: &str = "tests/clients/relay";

/// A copy beside a copy of the schema, so that nothing is generated into the sources. `None` where it cannot be compiled.
fn copy() -> Option<TempDir> {
    let source = root().join(FOLDER);
    if !source.join("node_modules/relay-compiler").is_dir() {
        skip(&format!("{FOLDER} is not installed; make test does it, where npm is there"));
        return None;
    }
    let folder = TempDir::new().expect("a folder");
    let copy = folder.path().join(FOLDER);
    std::fs::create_dir_all(copy.join("src")).expect("a folder");
    symlink(source.join("node_modules"), copy.join("node_modules")).expect("a link");
    for file in ["package.json", "relay.config.json", "walk.mjs", "src/Walk.js"] {
        std::fs::copy(source.join(file), copy.join(file)).expect(file);
    }
    std::fs::copy(root().join("schema.graphql"), folder.path().join("schema.graphql")).expect("a schema");
    Some(folder)
}

fn compile(folder: &Path) {
    let output = Command::new("npm").args(["run", "build"]).current_dir(folder).output().expect("npm runs");
    let told = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(output.status.success(), "{}", told.concat());
}

/// What the walk saw, against a server of its own. `persisted`: by the compiler's ids, with no text and no other document.
async fn walked(folder: &Path, persisted: Option<&Path>) -> Value {
    let trusted = persisted.map(Path::to_owned);
    let live = Live::with(UNLIMITED, |config| {
        if trusted.is_some() {
            config.graphql.trusted_documents = trusted;
            config.graphql.trusted_mode = TrustedMode::Only;
        }
    })
    .await;
    let account = live.app.account("anna", Role::Admin).await;
    assert_eq!(account, 1, "as the film that is asked for");
    let (session, url) = (live.app.session(account).await, format!("http://{}/graphql", live.address));
    let folder = folder.to_owned();
    let saw = tokio::task::spawn_blocking(move || told(&folder, "node", &["walk.mjs", &url, &session]));
    let saw = saw.await.expect("an end");
    if persisted.is_some() {
        let other = live.app.graphql("{ me { role } }", json!({})).await;
        assert_eq!(other.code(), "DOCUMENT_NOT_TRUSTED");
    }
    saw
}

#[track_caller]
fn assert_walked(saw: &Value) {
    assert_eq!(saw["film"], json!({ "id": "1", "name": "Frozen", "likes": 0 }));
    assert_eq!(
        (&saw["before"], &saw["after"]),
        (&json!(["620", "619"]), &json!(["620", "619", "618", "617"]))
    );
    let liked = json!({ "id": "1", "name": "Frozen", "likes": 1 });
    assert_eq!((&saw["liked"], &saw["refetched"]), (&liked, &liked));
    assert_eq!(saw["account"], json!({ "id": "account:1", "name": "anna" }));
    let kept: Vec<_> = [0, 1].map(|record| &saw["records"][record]["__typename"]).into();
    assert_eq!(kept, ["Film", "Account"]);
    assert_eq!((&saw["records"][0]["name"], &saw["records"][1]["name"]), (&json!("Frozen"), &json!("anna")));
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_fetches_a_film_again_goes_on_with_a_page_and_keeps_film_1_and_account_1_apart() {
    let Some(copied) = copy() else { return };
    let folder = copied.path().join(FOLDER);
    compile(&folder);
    let saw = walked(&folder, None).await;
    assert_walked(&saw);
    assert!(saw["texts"].as_array().expect("texts").iter().all(Value::is_string), "{saw}");
}

/// The file that its compiler writes with `persistConfig` is the server's list of trusted documents.
#[tokio::test(flavor = "multi_thread")]
async fn relay_asks_by_the_ids_of_its_compiler_where_nothing_else_is_trusted() {
    let Some(copied) = copy() else { return };
    let folder = copied.path().join(FOLDER);
    let file = folder.join("relay.config.json");
    let mut config: Value = serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("JSON");
    config["persistConfig"] = json!({ "file": "./persisted_queries.json" });
    std::fs::write(&file, config.to_string()).expect("a file");
    let persisted = folder.join("persisted_queries.json");
    std::fs::write(&persisted, "{}").expect("a file to which the compiler adds");
    compile(&folder);
    let saw = walked(&folder, Some(&persisted)).await;
    assert_walked(&saw);
    assert!(saw["texts"].as_array().expect("texts").iter().all(Value::is_null), "by id alone: {saw}");
}
