//! Relay, unmodified: its compiler reads the committed schema, and its runtime keeps everything by id alone.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use filmgate::service::caller::Role;
use serde_json::json;
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

#[tokio::test(flavor = "multi_thread")]
async fn relay_fetches_a_film_again_goes_on_with_a_page_and_keeps_film_1_and_account_1_apart() {
    let Some(copied) = copy() else { return };
    let live = Live::with(UNLIMITED, |_| {}).await;
    let account = live.app.account("anna", Role::Admin).await;
    assert_eq!(account, 1, "as the film that is asked for");
    let (session, url) = (live.app.session(account).await, format!("http://{}/graphql", live.address));
    let folder = copied.path().join(FOLDER);
    let saw = tokio::task::spawn_blocking(move || {
        compile(&folder);
        told(&folder, "node", &["walk.mjs", &url, &session])
    });
    let saw = saw.await.expect("an end");
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
