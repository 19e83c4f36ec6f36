//! Typed clients, generated from the committed schema and run against the real server, and what docs/clients.md says of
//! them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use rust_client::Code;
use serde_json::{Value, json};

use crate::support::{Server, skip};

mod caches;
mod curl;
mod docs;
mod openapi;
mod python;
mod relay;
mod rust;
mod typescript;

/// For what must be refused at once after a first call: slower than the default, so that a busy machine does not let it
/// pass.
const SLOW: (&str, &str) = ("FILMGATE_LIMITS__FILM", "1/3 seconds");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// How often the server has refused for want of quota.
fn refusals(server: &Server) -> usize {
    server.log().iter().filter(|line| line["outcome"] == "RATE_LIMITED").count()
}

/// What a client's script tells of its walk, as JSON. `None` where what it needs is not installed.
fn walk(folder: &str, needs: &str, program: &str, arguments: &[&str]) -> Option<Value> {
    let folder = root().join("tests/clients").join(folder);
    if !folder.join(needs).exists() {
        skip(&format!("{needs} of {} is not installed; make test does it", folder.display()));
        return None;
    }
    Some(told(&folder, program, arguments))
}

/// What a program tells in a folder, as JSON.
#[track_caller]
fn told(folder: &Path, program: &str, arguments: &[&str]) -> Value {
    let output = Command::new(program).args(arguments).current_dir(folder).output().expect("it runs");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Whether every film was seen once: the starter catalogue and one more.
#[track_caller]
fn assert_all_once(mut ids: Vec<u64>) {
    ids.sort_unstable();
    assert_eq!(ids, (1..=621).collect::<Vec<u64>>());
}

fn id(film: &Value) -> u64 {
    film.as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no id: {film}"))
}

fn rust_files(path: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The schema cannot tell which codes there are, so this holds the clients' lists against the server's code.
#[test]
fn both_clients_know_every_code() {
    let mut files = vec![root().join("src/service/error.rs")];
    rust_files(&root().join("src/graphql"), &mut files);
    rust_files(&root().join("src/http"), &mut files);
    let mut codes = BTreeSet::new();
    for file in files {
        let code = std::fs::read_to_string(file).expect("a file");
        let is_code = |text: &&str| {
            text.trim_matches('_').contains('_')
                && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase())
        };
        codes.extend(code.split('"').filter(is_code).map(str::to_owned));
    }
    // What this one is called on the other surface.
    assert!(codes.remove("PAYLOAD_TOO_LARGE"));
    assert!(codes.len() > 10, "{codes:?}");
    let typescript =
        std::fs::read_to_string(root().join("tests/clients/typescript/src/errors.ts")).expect("a list");
    for code in codes {
        assert!(typescript.contains(&format!("  \"{code}\",\n")), "errors.ts lacks {code}");
        let known: Code = serde_json::from_value(json!(code)).expect("a code");
        assert_ne!(known, Code::Unknown, "error.rs lacks {code}");
    }
}
