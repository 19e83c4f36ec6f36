//! Who may import whom.

use std::path::{Path, PathBuf};

/// A folder, and what its files must not name.
const WALLS: [(&str, &[&str]); 21] = [
    (
        "src/service",
        &[
            "crate::operations",
            "crate::admission",
            "axum",
            "http::",
            "async_graphql",
            "governor",
            "clap",
            "crate::rest",
            "crate::graphql",
            "crate::http",
            "crate::front",
            "crate::limits",
            "crate::config",
            "crate::transfer",
            "tower",
        ],
    ),
    (
        "src/limits",
        &[
            "crate::operations",
            "crate::admission",
            "axum",
            "async_graphql",
            "sea_orm",
            "sqlx",
            "crate::service",
            "crate::rest",
            "crate::graphql",
            "crate::http",
            "crate::front",
            "crate::config",
        ],
    ),
    (
        "src/rest",
        &[
            "crate::graphql",
            "crate::front",
            "async_graphql",
            "sea_orm",
            "sqlx",
            "entity::",
            "governor",
            "crate::config",
            // Both stand in the table of operations; who may and what it costs is asked of `admission`.
            "crate::service::action",
            "crate::service::policy::authorize",
            "Price::of",
        ],
    ),
    (
        "src/graphql",
        &[
            "crate::rest",
            "crate::front",
            "sea_orm",
            "sqlx",
            "entity::",
            "governor",
            "crate::service::action",
            "crate::service::policy",
        ],
    ),
    (
        "src/admission.rs",
        &[
            "axum",
            "async_graphql",
            "sea_orm",
            "sqlx",
            "entity::",
            "governor",
            "crate::rest",
            "crate::graphql",
            "crate::front",
            "crate::config",
            "crate::http::credential",
            "crate::http::body",
        ],
    ),
    (
        "src/operations.rs",
        &["axum", "async_graphql", "sea_orm", "sqlx", "crate::rest", "crate::graphql", "crate::http"],
    ),
    (
        "src/http",
        &[
            "crate::operations",
            "crate::admission",
            "crate::rest",
            "crate::graphql",
            "crate::front",
            "sea_orm",
            "sqlx",
            "entity::",
            "async_graphql",
            "governor",
            "crate::config",
        ],
    ),
    (
        "src/front",
        &[
            "crate::operations",
            "crate::admission",
            "crate::rest",
            "crate::graphql",
            "sea_orm",
            "sqlx",
            "entity::",
            "async_graphql",
            "governor",
            "crate::config",
        ],
    ),
    (
        "src/config",
        &[
            "axum",
            "sea_orm",
            "sqlx",
            "crate::rest",
            "crate::graphql",
            "crate::http",
            "crate::front",
            "crate::app",
        ],
    ),
    (
        "src/transfer",
        &[
            "axum",
            "http::",
            "async_graphql",
            "sea_orm",
            "sqlx",
            "entity::",
            "clap",
            "crate::rest",
            "crate::graphql",
            "crate::http",
            "crate::front",
            "crate::limits",
            "crate::config",
            "crate::cli",
            "crate::service::database",
        ],
    ),
    (
        "src/server",
        &[
            "crate::rest",
            "crate::graphql",
            "crate::http",
            "crate::front",
            "crate::service",
            "crate::app",
            "crate::cli",
            "sea_orm",
            "sqlx",
            "async_graphql",
            "governor",
        ],
    ),
    (
        "src/playground",
        &[
            "crate::rest",
            "crate::graphql",
            "crate::service",
            "crate::limits",
            "crate::config",
            "sea_orm",
            "sqlx",
            "async_graphql",
        ],
    ),
    (
        "src/issuer",
        &[
            "axum",
            "async_graphql",
            "sea_orm",
            "sqlx",
            "entity::",
            "governor",
            "clap",
            "crate::rest",
            "crate::graphql",
            "crate::http",
            "crate::front",
            "crate::limits",
            "crate::config",
            "crate::app",
            "crate::service::database",
        ],
    ),
    (
        "src/tls",
        &[
            "axum",
            "sea_orm",
            "sqlx",
            "crate::config",
            "crate::server",
            "crate::service",
            "crate::http",
            "crate::front",
            "crate::rest",
            "crate::graphql",
            "crate::app",
            "crate::cli",
        ],
    ),
    (
        "src/doctor",
        &[
            "axum",
            "async_graphql",
            "sea_orm",
            "sqlx",
            "entity::",
            "governor",
            "clap",
            "crate::rest",
            "crate::graphql",
            "crate::http",
            "crate::front",
            "crate::cli",
        ],
    ),
    // What is measured is known by name, and by nobody who measures it.
    ("src/metrics", &["crate::", "axum", "hyper", "sea_orm", "sqlx", "async_graphql", "governor"]),
    (
        "src/admin",
        &["sea_orm", "sqlx", "entity::", "async_graphql", "governor", "clap", "crate::cli", "crate::app"],
    ),
    ("src/lifecycle.rs", &["crate::", "axum", "sea_orm", "sqlx"]),
    ("src/cli", &["sea_orm", "sqlx", "entity::", "axum::"]),
    ("entity/src", &["migration", "filmgate::"]),
    ("migration/src", &["entity::", "filmgate::"]),
];

pub(super) fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file: no comments, and nothing of its unit tests.
pub(super) fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a file");
    let text = text.split("#[cfg(test)]").next().expect("a first part");
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// `use crate::{rest, graphql::http}` as `crate::rest crate::graphql::http`, added to the code.
fn ungrouped(code: &str) -> String {
    let mut all = code.to_owned();
    for (place, opening) in code.match_indices("crate::{") {
        let (mut depth, mut member) = (1, String::new());
        for character in code[place + opening.len()..].chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 || (depth == 1 && character == ',') {
                all += &format!("\n crate::{}", member.trim());
                member.clear();
            } else {
                member.push(character);
            }
            if depth == 0 {
                break;
            }
        }
    }
    all
}

fn names(code: &str, wanted: &str) -> bool {
    code.match_indices(wanted).any(|(place, _)| {
        let before = code[..place].chars().next_back().unwrap_or(' ');
        !before.is_alphanumeric() && before != '_' && before != ':' && before != '/' && before != '"'
    })
}

#[test]
fn no_folder_imports_what_its_wall_forbids() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut broken = Vec::new();
    for (room, forbidden) in WALLS {
        let mut found = Vec::new();
        let room_path = root.join(room);
        if room_path.is_file() {
            found.push(room_path);
        } else {
            files(&room_path, &mut found);
        }
        assert!(!found.is_empty(), "no files in {room}");
        for file in found {
            let code = ungrouped(&code(&file));
            for name in forbidden {
                if names(&code, name) {
                    broken.push(format!(
                        "{} names {name}",
                        file.strip_prefix(root).expect("a file of ours").display()
                    ));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// So that whoever reads the table needs no other file.
#[test]
fn the_table_of_operations_imports_a_bucket_and_an_action_alone() {
    let code = code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/operations.rs"));
    let imports: Vec<&str> = code.lines().filter(|line| line.contains("crate::")).collect();
    assert_eq!(imports, ["use crate::limits::Bucket;", "use crate::service::action::Action;"]);
}

#[test]
fn only_the_configuration_reads_the_environment() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("src"), &mut found);
    for file in found {
        let reads = names(&code(&file), "std::env::var") || names(&code(&file), "env::var");
        assert_eq!(reads, file.ends_with("config/load.rs"), "{}", file.display());
    }
}

/// What is wrapped in one place is seen in no other; and what async-graphql answers has one way out.
#[test]
fn a_library_stays_where_it_is_wrapped() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("src"), &mut found);
    for (name, room) in [
        ("apollo_compiler", "src/graphql/document"),
        ("async_graphql", "src/graphql"),
        ("schema.execute", "src/graphql/execute.rs"),
        ("schema.execute_stream", "src/graphql/execute.rs"),
    ] {
        let names_it = |file: &&PathBuf| {
            let code = code(file);
            names(&code, name) || code.contains(&format!(".{name}("))
        };
        let (within, outside): (Vec<&PathBuf>, Vec<&PathBuf>) =
            found.iter().filter(names_it).partition(|file| file.starts_with(root.join(room)));
        assert!(!within.is_empty() && outside.is_empty(), "{name}: {outside:?}");
    }
}

#[test]
fn a_wall_that_is_broken_is_seen() {
    assert!(names("use crate::rest::Rest;", "crate::rest"));
    assert!(names(&ungrouped("use crate::{graphql, rest::{a, b}};"), "crate::rest"));
    assert!(names("fn f() -> axum::Router", "axum"));
    assert!(!names("use my_axum::x;", "axum"));
}
