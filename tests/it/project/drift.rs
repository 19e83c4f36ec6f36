//! What is committed is what the code says.

use std::path::Path;

use filmgate::config::load::{Flags, load};
use filmgate::config::{Config, Setting};
use filmgate::http::catalogue::{self, Entry};
use filmgate::limits::Bucket;
use filmgate::operations::{self, Difference, Operation};
use filmgate::service::action::Action;
use filmgate::service::policy::Authentication;
use filmgate::{graphql, rest};
use strum::VariantArray as _;
use toml::{Table, Value};

use crate::support::value;

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

/// Written anew under `TEST_REGENERATE=1`: nobody but these tests needs the table as a page.
#[test]
fn the_pages_of_the_table_are_committed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let limits = std::fs::read_to_string(root.join("docs/limits.md")).expect("a page");
    let start = limits.find("| bucket |").expect("a table");
    let end = start + limits[start..].find("\n\n").expect("its end") + 1;
    let rest = std::fs::read_to_string(root.join("docs/rest.md")).expect("a page");
    let codes = rest.split("| code |").next().expect("a beginning");
    let pages = [
        ("docs/operations.md", operations_page()),
        ("docs/rest.md", format!("{codes}{}", refusals())),
        ("docs/limits.md", format!("{}{}{}", &limits[..start], buckets(), &limits[end..])),
    ];
    for (file, page) in pages {
        if std::env::var_os("TEST_REGENERATE").is_some() {
            std::fs::write(root.join(file), &page).expect("a page");
        }
        let cure = "TEST_REGENERATE=1 cargo test --test it the_pages_of_the_table_are_committed";
        assert_committed(file, &page, cure);
    }
}

fn refusals() -> String {
    let mut table = "| code | meaning | remedy |\n|---|---|---|\n".to_owned();
    for Entry { code, meaning, remedy } in catalogue::ALL {
        table += &format!("| `{code}` | {meaning} | {remedy} |\n");
    }
    table
}

fn operations_page() -> String {
    let mut page = "# Operations\n\nEach operation of filmgate, with its calls at both surfaces, what it draws and who \
                    may. This page is made from\n`src/operations.rs` and `src/service/policy.rs`; `GET /v1/operations` \
                    answers the same as JSON, and [limits.md](limits.md) says what a bucket is.\n\n\
                    | operation | REST | GraphQL | changes something | draws one from | who may |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for operation in operations::ALL {
        let rest: Vec<String> =
            operation.rest.iter().map(|(method, path)| format!("`{method} {path}`")).collect();
        let graphql: Vec<String> = operation
            .graphql
            .iter()
            .map(|field| format!("{} `{}`", field.kind.to_string().to_lowercase(), field.name))
            .collect();
        page += &format!(
            "| `{}` | {} | {} | {} | {} | {} |\n",
            operation.name,
            rest.join("<br>"),
            graphql.join("<br>"),
            if operation.changes { "yes" } else { "" },
            operation.bucket.map_or("free".to_owned(), |bucket| format!("`{}`", bucket.name())),
            operation.action.map_or("anybody".to_owned(), who_may),
        );
    }
    page += "\n## Differences between the surfaces\n\nIn all else both have the same effect, code and price; \
             `tests/it/parity` plays it.\n\n| difference | operations |\n|---|---|\n";
    for difference in Difference::VARIANTS {
        let operations = names(|operation| operation.differences.contains(difference));
        page += &format!("| {difference} | {operations} |\n");
    }
    page
}

fn buckets() -> String {
    let mut table =
        "| bucket | policies by default, all apply | operations that draw from it |\n|---|---|---|\n"
            .to_owned();
    for bucket in Bucket::ALL {
        let default = default_of(&format!("limits.{}", bucket.name())).expect("a default");
        let policies: Vec<String> = default.try_into().expect("a list");
        let operations = match bucket {
            Bucket::Flood => "every request, before anything is read; each message of a socket".to_owned(),
            bucket => names(|operation| operation.bucket == Some(bucket)),
        };
        table += &format!("| `{}` | {} | {operations} |\n", bucket.name(), policies.join(", "));
    }
    table += &format!("| free | | {} |\n", names(|operation| operation.bucket.is_none()));
    table
}

fn names(wanted: impl Fn(&Operation) -> bool) -> String {
    let names: Vec<String> = operations::ALL
        .iter()
        .filter(|operation| wanted(operation))
        .map(|operation| format!("`{}`", operation.name))
        .collect();
    names.join(", ")
}

fn who_may(action: Action) -> String {
    let role = action.needs();
    match action.authentication() {
        Authentication::Anybody => format!("{role}"),
        Authentication::SignedIn => format!("{role}, signed in"),
        Authentication::Session => "whoever has a session".to_owned(),
        Authentication::SessionOrAdmin => "whoever has a session; an admin".to_owned(),
    }
}

const SETTINGS: &str = "docs/configuration.md";
const SETTINGS_HEAD: &str = "| key | default | range | meaning |\n|---|---|---|---|\n";

/// The table is the end of the page. Written anew under `TEST_REGENERATE=1`.
#[test]
fn every_setting_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SETTINGS);
    let page = std::fs::read_to_string(&path).expect("a page");
    let rows = Config::declared().map(|setting| {
        let Setting { key, meaning, .. } = setting;
        let default = default_of(key).map_or("not set".to_owned(), |default| format!("`{default}`"));
        let range = setting.range_text().unwrap_or_default();
        format!("| `{key}` | {default} | {range} | {meaning} |\n")
    });
    let before = page.split("| key |").next().unwrap_or_default();
    let generated = format!("{before}{SETTINGS_HEAD}{}", rows.collect::<String>());
    if std::env::var_os("TEST_REGENERATE").is_some() {
        std::fs::write(path, &generated).expect("a page");
    }
    let cure = "TEST_REGENERATE=1 cargo test --test it every_setting_is_documented";
    assert_committed(SETTINGS, &generated, cure);
}

fn default_of(key: &str) -> Option<Value> {
    value(&Table::try_from(Config::default()).expect("a table"), key).cloned()
}

/// As an operator reads the page, and writes what it says into a file.
#[test]
fn the_defaults_that_are_documented_are_those_of_the_code() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("all.toml");
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SETTINGS)).expect("a page");
    let rows = page.split_once(SETTINGS_HEAD).expect("a table").1.lines();
    let lines: String = rows
        .map(|row| row.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`'])))
        .filter_map(|mut cells| Some((cells.next()?, cells.next()?)))
        .filter(|(_, default)| *default != "not set")
        .map(|(key, default)| format!("{key} = {default}\n"))
        .collect();
    assert!(lines.lines().count() > 50, "{lines}");
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

/// `cargo run` hands on to the server what a build script sets, and a new user's first start would begin with a warning.
#[test]
fn what_the_build_sets_is_taken_for_no_setting() {
    let build = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/build.rs"));
    assert!(build.contains("rustc-env=") && !build.contains("rustc-env=FILMGATE_"));
}
