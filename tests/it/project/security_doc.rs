//! `docs/security.md` promises nothing that no test shows.

use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The rows of the tables whose last column is headed so, as cells.
fn rows<'a>(text: &'a str, last: &str) -> Vec<Vec<&'a str>> {
    let cells = |line: &'a str| -> Vec<&'a str> {
        line.trim_matches('|').split(" | ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
    };
    let mut rows = Vec::new();
    let mut wanted = false;
    for line in text.lines() {
        if !line.starts_with('|') {
            wanted = false;
        } else if wanted {
            rows.push(cells(line));
        } else if cells(line).last() == Some(&last) {
            wanted = true;
        }
    }
    rows.retain(|row| !row.iter().all(|cell| cell.trim_matches(['-', '|', ' ']).is_empty()));
    rows
}

/// `films::votes::sqlite_never_answers_locked` is in `tests/it`, `service::films::types::an_id_is_ascii_digits_however_many` in `src`,
/// `make security-sqlmap` is run by hand.
fn exists(name: &str) -> bool {
    if let Some(tester) = name.strip_prefix("make security-") {
        return root().join(format!("tests/security/{tester}.sh")).is_file();
    }
    let Some((room, test)) = name.rsplit_once("::") else { return false };
    let room = room.replace("::", "/");
    ["tests/it", "src"]
        .iter()
        .flat_map(|folder| [format!("{folder}/{room}.rs"), format!("{folder}/{room}/mod.rs")])
        .any(|file| has_test(&read(&root().join(file)), test))
}

/// Whether the function stands below an attribute that makes it a test.
fn has_test(code: &str, name: &str) -> bool {
    let Some((before, _)) = code.split_once(&format!("fn {name}(")) else { return false };
    before.rsplit("\n\n").next().is_some_and(|start| start.contains("test]") || start.contains("test("))
}

#[test]
fn every_row_names_a_test_that_exists_or_says_why_there_is_none() {
    let text = read(&root().join("docs/security.md"));
    let rows = rows(&text, "shown by");
    assert!(rows.len() > 60, "{} rows", rows.len());
    let mut faults = Vec::new();
    for row in rows {
        let shown_by = row.last().copied().unwrap_or_default();
        let names: Vec<&str> = shown_by.split('`').skip(1).step_by(2).collect();
        let is_open = ["not met", "does not apply", "to come"].iter().any(|word| shown_by.starts_with(word));
        if row.len() != 4 || (names.is_empty() && !is_open) {
            faults.push(format!("a row without a test: {row:?}"));
        }
        faults.extend(names.iter().filter(|name| !exists(name)).map(|name| format!("no such test: {name}")));
    }
    assert!(faults.is_empty(), "docs/security.md:\n{}", faults.join("\n"));
}

#[test]
fn a_name_that_is_no_test_is_seen() {
    for name in [
        "films::votes::no_such_test",
        "nothing::sqlite_never_answers_locked",
        "sqlite_never_answers_locked",
        "make security-nothing",
        // A helper is no test.
        "project::security_doc::exists",
    ] {
        assert!(!exists(name), "{name}");
    }
    for name in [
        "films::votes::sqlite_never_answers_locked",
        "service::films::types::an_id_is_ascii_digits_however_many",
    ] {
        assert!(exists(name), "{name}");
    }
}
