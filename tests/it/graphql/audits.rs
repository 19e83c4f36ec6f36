//! All audits of GraphQL over HTTP, by the package of the specification's working group.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, skip};

#[test]
fn all_audits_of_graphql_over_http_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphql-http");
    if !folder.join("node_modules/graphql-http").is_dir() {
        return skip("tests/graphql-http is not installed; make test does it, where npm is there");
    }
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let output = Command::new("node")
        .arg("audit.mjs")
        .arg(format!("{}/graphql", server.url))
        .current_dir(folder)
        .output()
        .expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    let audits: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(audits.len(), 61);
    let failed: Vec<String> =
        audits.iter().filter(|audit| audit["status"] != "ok").map(Value::to_string).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
