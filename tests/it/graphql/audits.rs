//! All audits of GraphQL over HTTP, by the package of the specification's working group.

use std::path::Path;
use std::process::Command;

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, Transport, issuer, skip};

#[rstest]
fn all_audits_of_graphql_over_http_pass(#[values(Transport::Plain, Transport::Tls)] transport: Transport) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphql-http");
    if !folder.join("node_modules/graphql-http").is_dir() {
        return skip("tests/graphql-http is not installed; make test does it, where npm is there");
    }
    let data = TempDir::new().expect("a folder");
    let certificate = transport.variables(data.path());
    let server = Server::start_with(data.path(), &[("FILMGATE_LIMITS__ENABLED", "false")], &certificate);
    let mut command = Command::new("node");
    command.arg("audit.mjs").current_dir(folder);
    if transport == Transport::Tls {
        // By HTTP/2: the client offers nothing else.
        let trusted = data.path().join("issuer.pem");
        std::fs::write(&trusted, issuer()).expect("a file");
        command.arg(format!("https://localhost:{}/graphql", server.address().port())).arg(trusted);
    } else {
        command.arg(format!("{}/graphql", server.url));
    }
    let output = command.output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    let audits: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(audits.len(), 61);
    let failed: Vec<String> =
        audits.iter().filter(|audit| audit["status"] != "ok").map(Value::to_string).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
