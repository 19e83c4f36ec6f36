//! What others make of openapi.json: linters, and typed clients for TypeScript and Python, all of them unmodified.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{assert_all_once, root, told};
use crate::support::{Server, skip};

const TYPESCRIPT: &str = "tests/clients/openapi";
const PYTHON: &str = "tests/clients/openapi_python";

/// Whether what a client needs is installed.
fn is_installed(path: &str) -> bool {
    let is_there = root().join(path).exists();
    if !is_there {
        skip(&format!("{path} is not installed; make test does it"));
    }
    is_there
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

fn document() -> Value {
    let text = std::fs::read_to_string(root().join("openapi.json")).expect("a document");
    serde_json::from_str(&text).expect("JSON")
}

/// What a linter finds in a document by all the rules that its makers recommend; nothing where it finds nothing.
fn findings(linter: &str, document: &Value) -> Option<String> {
    let folder = root().join(TYPESCRIPT);
    let scratch = TempDir::new().expect("a folder");
    let file = scratch.path().join("openapi.json");
    std::fs::write(&file, document.to_string()).expect("a document");
    let mut command = Command::new(folder.join("node_modules/.bin").join(linter));
    command.current_dir(&folder).arg("lint").arg(&file);
    // What is no more than a warning is a finding too.
    let is_clean: fn(&Output) -> bool = if linter == "redocly" {
        command.args(["--config", "redocly.yaml", "--format", "json", "--max-problems", "1000"]);
        command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        |output| {
            let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            told["totals"]["errors"] == 0 && told["totals"]["warnings"] == 0
        }
    } else {
        command.args(["--ruleset", ".spectral.yaml", "--fail-severity", "hint"]);
        |output| output.status.success()
    };
    let output = command.output().expect("it runs");
    (!is_clean(&output)).then(|| text(&output))
}

#[test]
fn linters_find_nothing_by_the_rules_that_they_recommend_and_see_a_planted_fault() {
    if !is_installed("tests/clients/openapi/node_modules/@redocly/cli") {
        return;
    }
    for linter in ["redocly", "spectral"] {
        if let Some(found) = findings(linter, &document()) {
            panic!("{linter}: {found}");
        }
    }
    let plant = |linter: &str, pointer: &str, member: &str, value: Option<Value>, rule: &str| {
        let mut planted = document();
        let place = planted.pointer_mut(pointer).and_then(Value::as_object_mut).expect(pointer);
        match value {
            Some(value) => drop(place.insert(member.to_owned(), value)),
            None => drop(place.remove(member).expect(member)),
        }
        let found = findings(linter, &planted).unwrap_or_else(|| panic!("{linter} is blind to {pointer}"));
        assert!(found.contains(rule), "{linter}: {found}");
    };
    let like = "/paths/~1v1~1films~1{id}~1like/post";
    let film = "/components/schemas/Film";
    plant("redocly", like, "summary", None, "operation-summary");
    // These are warnings by their makers' word.
    plant(
        "redocly",
        "/components/responses",
        "Unused",
        Some(json!({ "description": "" })),
        "no-unused-components",
    );
    plant("spectral", like, "description", None, "operation-description");
    plant("spectral", film, "example", Some(json!({ "id": "1" })), "oas3-valid-schema-example");
    plant("spectral", "", "servers", None, "oas3-api-servers");
}

/// What both clients saw of one walk.
#[track_caller]
fn assert_walked(saw: &Value, likes: [&Value; 2]) {
    let film = &saw["film"];
    assert!(film["id"].is_u64() && film["name"].is_string(), "{film}");
    for liked in likes {
        assert_eq!((&liked["id"], &liked["likes"]), (&film["id"], &json!(1)), "once under its key");
    }
    assert_eq!(saw["replayed"], json!([null, "true"]));
    assert_ne!(saw["picked"]["id"], film["id"], "{saw}");
    assert_eq!((&saw["added"]["id"], &saw["added"]["year"]), (&json!(621), &json!(1959)));
    assert_eq!(saw["refused"], json!(["film 621 is there", "/name /studio /year", "FILM_NOT_FOUND"]));
    let walked = saw["walked"].as_array().expect("ids");
    assert_all_once(walked.iter().filter_map(Value::as_u64).collect());
}

fn start(data: &TempDir) -> Server {
    Server::start(data.path(), &[("FILMGATE_LIMITS__ENABLED", "false")])
}

/// A copy of the client beside a copy of the document, so that nothing is generated into the sources.
fn copy(document: &Value) -> TempDir {
    let (source, folder) = (root().join(TYPESCRIPT), TempDir::new().expect("a folder"));
    let copy = folder.path().join(TYPESCRIPT);
    std::fs::create_dir_all(copy.join("src")).expect("a folder");
    symlink(source.join("node_modules"), copy.join("node_modules")).expect("a link");
    for file in ["package.json", "tsconfig.json", "src/walk.ts"] {
        std::fs::copy(source.join(file), copy.join(file)).expect(file);
    }
    std::fs::write(folder.path().join("openapi.json"), document.to_string()).expect("a document");
    folder
}

fn build(folder: &Path) -> Output {
    Command::new("npm").args(["run", "build"]).current_dir(folder).output().expect("npm runs")
}

#[tokio::test]
async fn openapi_fetch_compiles_and_passes_the_id_of_a_film_on() {
    if !is_installed("tests/clients/openapi/node_modules/openapi-typescript") {
        return;
    }
    let copied = copy(&document());
    let folder = copied.path().join(TYPESCRIPT);
    let built = build(&folder);
    assert!(built.status.success(), "{}", text(&built));
    let data = TempDir::new().expect("a folder");
    let server = start(&data);
    let saw = told(&folder, "node", &["dist/walk.js", &server.url]);
    assert_walked(&saw, [&saw["liked"], &saw["again"]]);
    assert_eq!(saw["location"], "/v1/films/621");
    assert_eq!(server.film(saw["film"]["id"].as_u64().expect("an id")).await["dislikes"], 1);
}

/// What the client rests on: an id of another type on one side, or a code that is gone, does not compile.
#[test]
fn a_document_that_changed_under_the_client_does_not_compile() {
    if !is_installed("tests/clients/openapi/node_modules/openapi-typescript") {
        return;
    }
    let mut changed = document();
    changed["components"]["schemas"]["Film"]["properties"]["id"] = json!({ "type": "string" });
    let codes = &mut changed["components"]["schemas"]["ProblemCode"]["enum"];
    codes.as_array_mut().expect("codes").retain(|code| code != "FILM_EXISTS");
    let copied = copy(&changed);
    let built = build(&copied.path().join(TYPESCRIPT));
    let said = text(&built);
    assert!(!built.status.success(), "{said}");
    assert!(said.contains("Type 'string' is not assignable to type 'number'"), "{said}");
    assert!(said.contains("\"FILM_EXISTS\"' is not comparable to type"), "{said}");
}

#[tokio::test]
async fn openapi_python_client_is_checked_by_mypy_and_passes_the_id_of_a_film_on() {
    if !is_installed("tests/clients/openapi_python/.venv/installed") {
        return;
    }
    let (source, scratch) = (root().join(PYTHON), TempDir::new().expect("a folder"));
    let bin = source.join(".venv/bin");
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(bin.join(program));
        // The generator formats what it has written by a program beside it.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [bin.clone()].into_iter().chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).expect("a path"));
        let output = command.args(arguments).current_dir(scratch.path()).output().expect("it runs");
        assert!(output.status.success(), "{program}: {}", text(&output));
    };
    std::fs::copy(root().join("openapi.json"), scratch.path().join("openapi.json")).expect("a document");
    std::fs::copy(source.join("walk.py"), scratch.path().join("walk.py")).expect("a script");
    run(
        "openapi-python-client",
        &[
            "generate",
            "--path",
            "openapi.json",
            "--meta",
            "none",
            "--output-path",
            "films",
            "--fail-on-warning",
        ],
    );
    run("mypy", &["--strict", "--follow-imports", "silent", "walk.py"]);
    let data = TempDir::new().expect("a folder");
    let server = start(&data);
    let python = bin.join("python");
    let saw = told(scratch.path(), &python.to_string_lossy(), &["walk.py", &server.url]);
    assert_walked(&saw, [&saw["likes"][0], &saw["likes"][1]]);
}
