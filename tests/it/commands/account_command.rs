//! `filmgate account` and `filmgate key`.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, Store, Told, count};

const PASSWORD: &str = "correct horse battery";

/// Runs a command that reads a password.
fn with_input(folder: &Path, url: &str, arguments: &[&str], input: &str) -> Told {
    let mut child = Server::command(folder)
        .args(arguments)
        .env("FILMGATE_DATABASE_URL", url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Whoever does not want it closes the pipe.
    let _ = child.stdin.take().expect("standard input").write_all(input.as_bytes());
    Told::of(child.wait_with_output().expect("an end"))
}

/// What a call with this key is answered.
async fn asks(server: &Server, key: &str) -> StatusCode {
    let request = reqwest::Client::new().get(format!("{}/v1/films/1", server.url)).header("x-api-key", key);
    request.send().await.expect("an answer").status()
}

async fn adds(server: &Server, key: &str, name: &str) -> StatusCode {
    let film = serde_json::json!({"name": name, "studio": "S"});
    let request =
        reqwest::Client::new().post(format!("{}/v1/films", server.url)).bearer_auth(key).json(&film);
    request.send().await.expect("an answer").status()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_keys_are_made_and_taken_back_and_a_running_server_hears_at_once(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let told = |arguments: &[&str]| Told::by(here, &url, arguments);

    // Before the first start: it makes the database as a start does.
    let create = ["account", "create", "anna", "--role", "admin", "--password-stdin"];
    let made = with_input(here, &url, &create, &format!("{PASSWORD}\nanother line\n")).done();
    assert_eq!(made, "account 1 (anna) is made, as admin\n");
    with_input(here, &url, &create, PASSWORD).failed(1, &["account with this name already"]);
    let server =
        Server::start(here, &[("FILMGATE_DATABASE_URL", &url), ("FILMGATE_LIMITS__ENABLED", "false")]);

    let key = |arguments: &[&str]| {
        let told = Told::by(here, &url, &[&["key", "create", "anna"], arguments].concat());
        assert_eq!(told.code, Some(0), "{}", told.errors);
        assert_eq!(told.output.lines().count(), 1, "the key and nothing else: {}", told.output);
        assert!(told.errors.contains("account 1 (anna)"), "{}", told.errors);
        assert!(!told.errors.contains(told.output.trim()), "told once");
        told.output.trim().to_owned()
    };
    let admin = key(&["--name", "build"]);
    assert!(admin.starts_with("fg_"), "{admin}");
    let viewer = key(&["--name", "board", "--role", "viewer", "--expires", "90d"]);
    assert_eq!(asks(&server, &admin).await, 200);
    assert_eq!(adds(&server, &admin, "A").await, 201);
    assert_eq!(adds(&server, &viewer, "B").await, 403);

    let keys: Value =
        serde_json::from_str(&told(&["key", "list", "anna", "--format", "json"]).done()).expect("JSON");
    let roles: Vec<_> = keys.as_array().expect("a list").iter().map(|key| &key["role"]).collect();
    assert_eq!(roles, ["viewer", "admin"], "the newest first: {keys}");
    assert!(keys[0]["expiresAt"].as_str().is_some_and(|at| at.ends_with('Z')), "{keys}");
    assert!(keys[1]["expiresAt"].is_null() && keys[1]["revoked"] == false, "{keys}");
    let table = told(&["key", "list"]).done();
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(!table.contains(&admin) && !keys.to_string().contains(&admin), "only how it begins");

    let id = keys[0]["id"].to_string();
    assert!(told(&["key", "revoke", &id]).done().ends_with("is revoked\n"));
    assert_eq!(asks(&server, &viewer).await, 401);
    told(&["key", "revoke", "999"]).failed(1, &["no key with this id"]);

    // A role that was lowered, an account that is out of use: at once, and back.
    assert_eq!(told(&["account", "role", "ANNA", "voter"]).done(), "account 1 (anna) is voter now\n");
    assert_eq!(adds(&server, &admin, "C").await, 403);
    told(&["account", "disable", "anna"]).done();
    assert_eq!(asks(&server, &admin).await, 401);
    let accounts: Value =
        serde_json::from_str(&told(&["account", "list", "--format", "json"]).done()).expect("JSON");
    assert_eq!((&accounts[0]["name"], &accounts[0]["disabled"]), (&"anna".into(), &true.into()));
    assert_eq!(accounts[0]["role"], "voter");
    told(&["account", "enable", "anna"]).done();
    assert_eq!(asks(&server, &admin).await, 200);
    let table = told(&["account", "list"]).done();
    assert!(table.starts_with("id  name") && table.contains("1   anna  voter  in use"), "{table}");

    let password = ["account", "password", "anna", "--password-stdin"];
    with_input(here, &url, &password, "another good one\r\n").done();
    with_input(here, &url, &password, "short").failed(1, &["password must have 12"]);
    told(&["account", "role", "nobody", "admin"]).failed(1, &["no account with the name \"nobody\""]);
    told(&["key", "create", "anna", "--name", "k", "--role", "admin"]).failed(1, &["must not be higher"]);

    // All of it is on record, as the operator's.
    let kept =
        "SELECT COUNT(*) FROM audit_event WHERE actor = 'operator' AND surface = 'command' AND event = ";
    for (event, times) in [
        ("account_created", 1),
        ("key_created", 2),
        ("key_revoked", 1),
        ("role_changed", 1),
        ("account_disabled", 1),
        ("account_enabled", 1),
        ("password_changed", 1),
    ] {
        assert_eq!(count(&url, &format!("{kept}'{event}'")).await, times, "{event}");
    }
}

#[test]
fn wrong_use_is_2_and_a_password_is_never_an_argument() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let url = format!("sqlite://{}", here.join("x.db").display());
    for arguments in [
        &["account"][..],
        &["account", "create", "anna"],
        &["account", "create", "anna", "--role", "king"],
        &["account", "create", "anna", "--role", "admin", "--password", PASSWORD],
        &["account", "create", "anna", PASSWORD, "--role", "admin"],
        &["key", "create", "anna"],
        &["key", "create", "anna", "--name", "k", "--expires", "soon"],
        &["key", "create", "anna", "--name", "k", "--expires", "-5d"],
        &["key", "create", "anna", "--name", "k", "--expires", "2030-01-31"],
        &["key", "revoke", "x"],
    ] {
        assert_eq!(Told::by(here, &url, arguments).code, Some(2), "{arguments:?}");
    }
    Told::by(here, &url, &["account", "list"]).failed(1, &["does not exist"]);
    Told::by(here, &url, &["key", "list"]).failed(1, &["does not exist"]);
    assert_eq!(std::fs::read_dir(here).expect("a folder").count(), 0);
    // Where nobody can type, it is said how else.
    let create = ["account", "create", "anna", "--role", "admin"];
    Told::by(here, &url, &create).failed(2, &["--password-stdin"]);
    let create = ["account", "create", "anna", "--role", "admin", "--password-stdin"];
    with_input(here, &url, &create, "").failed(2, &["no password"]);
    with_input(here, &url, &create, &"x".repeat(10_000)).failed(2, &["longer than any password"]);
    with_input(here, &url, &create, "short\n").failed(1, &["must have 12"]);
    let bad_name = ["account", "create", "an na", "--role", "admin", "--password-stdin"];
    with_input(here, &url, &bad_name, PASSWORD).failed(1, &["name must consist of letters"]);
}
