//! What is committed is what the code says.

use std::path::Path;

use filmgate::config::load::{Flags, load};
use filmgate::config::{Config, KEYS};
use filmgate::{graphql, rest};

#[track_caller]
fn assert_committed(file: &str, generated: &str, cure: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    if committed != generated {
        let difference = similar::TextDiff::from_lines(committed.as_str(), generated);
        panic!(
            "{file} has drifted:\n{}\nTo cure it: {cure}",
            difference.unified_diff().header("committed", "generated")
        );
    }
}

#[test]
fn the_graphql_schema_is_committed() {
    assert_committed("schema.graphql", &graphql::schema::sdl(), "cargo run -- schema > schema.graphql");
}

#[test]
fn the_openapi_document_is_committed() {
    assert_committed("openapi.json", &rest::document::document(), "cargo run -- openapi > openapi.json");
}

#[test]
fn every_key_is_documented_with_its_default() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let page = std::fs::read_to_string(path).expect("a page");
    for (key, default, meaning) in KEYS {
        let row = format!("| `{key}` | `{default}` | {meaning} |");
        assert!(page.contains(&row), "docs/configuration.md lacks the row:\n{row}");
    }
}

#[test]
fn the_defaults_that_are_documented_are_those_of_the_code() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("all.toml");
    let lines: String = KEYS
        .iter()
        .filter(|(_, default, _)| *default != "not set")
        .map(|(key, default, _)| format!("{key} = {default}\n"))
        .collect();
    std::fs::write(&file, lines).expect("a file");
    let flags = Flags { config: Some(file), ..Flags::default() };
    let documented = load(&flags).expect("a configuration").config;
    assert_eq!(format!("{documented:?}"), format!("{:?}", Config::default()));
}

/// What stands between quotes is a label.
#[test]
fn the_picture_of_the_architecture_is_the_one_that_is_described() {
    let read = |file: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file")
    };
    let (page, picture) = (read("docs/architecture.md"), read("docs/architecture.svg"));
    let source = page.split_once("```mermaid\n").expect("a picture").1.split_once("```").expect("its end").0;
    let visible: String =
        picture.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    let visible: String = visible.split_whitespace().collect();
    let labels: Vec<&str> = source.split('"').skip(1).step_by(2).collect();
    assert!(labels.len() > 10, "{labels:?}");
    for label in labels {
        let label: String = label.split_whitespace().collect();
        assert!(visible.contains(&label), "docs/architecture.svg lacks {label}; to cure it: make picture");
    }
}
