//! The README's tours, word for word on a fresh start.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Server, TestApp, UNLIMITED, skip};

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README")
}

/// The commands of the first block of shell under a heading; a backslash joins lines.
fn commands(heading: &str) -> Vec<String> {
    let readme = readme();
    let section = readme.split_once(heading).expect(heading).1;
    let block = section.split_once("```sh\n").expect("a block").1.split_once("```").expect("its end").0;
    let joined = block.replace("\\\n", " ");
    let is_command = |line: &&str| line.starts_with("curl ") || line.starts_with("filmgate ");
    joined.lines().filter(is_command).map(str::to_owned).collect()
}

fn play(server: &Server, command: &str) -> Value {
    let command = command.replace("http://127.0.0.1:3000", &server.url).replacen(
        "curl ",
        "curl --silent --show-error --fail-with-body ",
        1,
    );
    let output = Command::new("sh").args(["-c", &command]).output().expect("a shell");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{command}: {text}");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    assert!(answer.get("errors").is_none(), "{command}: {text}");
    answer
}

#[test]
fn the_curl_lines_give_what_the_readme_says() {
    if Command::new("curl").arg("--version").output().is_err() {
        return skip("curl is not installed");
    }
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let answers: Vec<Value> =
        commands("## A tour with curl").iter().map(|command| play(&server, command)).collect();
    assert_eq!(answers.len(), 4, "all at once, under the default limits");
    assert!(answers[0]["name"].is_string());
    assert_eq!(answers[1]["id"], 621);
    assert_eq!(answers[2]["films"].as_array().map(Vec::len), Some(2));
    assert!(answers[3]["limits"].is_array());
    // The second tour comes a second later.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let graphql = commands("## A tour of GraphQL");
    assert_eq!(graphql.len(), 1);
    assert_eq!(play(&server, &graphql[0])["data"]["like"]["likes"], 2);
}

#[tokio::test]
async fn the_graphql_documents_run_and_none_is_above_the_default_burst() {
    let readme = readme();
    let block = readme.split_once("```graphql\n").expect("a block").1.split_once("```").expect("its end").0;
    let documents: Vec<&str> = block.lines().collect();
    assert_eq!(documents.len(), 4);
    for limit in [UNLIMITED, "film=1/second; add_film=1/second; browse=1/second"] {
        for document in &documents {
            let app = TestApp::new(limit).await;
            let answer = app.graphql(document, json!({})).await.expect(200).json();
            assert!(answer.get("errors").is_none(), "{document}: {answer}");
            let data = answer["data"].as_object().expect("data");
            assert!(data.values().all(|value| !value.is_null()), "{document}: {answer}");
        }
    }
}

#[test]
fn the_commands_that_see_to_the_films() {
    let folder = TempDir::new().expect("a folder");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/faults.json");
    std::fs::copy(fixture, folder.path().join("movies.json")).expect("a copy");
    let program = Path::new(env!("CARGO_BIN_EXE_filmgate")).parent().expect("a folder").display();
    let mut told = Vec::new();
    let commands = commands("## Import and export");
    for command in &commands {
        let output = Command::new("sh")
            .args(["-c", &format!("PATH=\"{program}:$PATH\"; {command}")])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .output()
            .expect("a shell");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        told.push(String::from_utf8(output.stdout).expect("UTF-8"));
    }
    assert_eq!(commands.len(), 7);
    assert!(told[0].contains("7 added") && folder.path().join("report.ndjson").is_file(), "{}", told[0]);
    assert!(told[1].contains("dry run"), "{}", told[1]);
    assert!(told[3].contains("627 duplicates"), "{}", told[3]);
    assert!(told[4].lines().count() == 6, "{}", told[4]);
    assert!(told[6].starts_with("removed film 123"), "{}", told[6]);
}
