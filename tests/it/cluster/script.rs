//! `make cluster`: the script behind it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Postgres, Proxy, Redis, Server};

fn script() -> Command {
    let mut command = Command::new("/bin/bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cluster/run.sh")).stdin(Stdio::null());
    command
}

#[test]
fn the_documented_calls_are_played_and_nothing_is_left_behind() {
    if !Postgres::is_installed() || !Redis::is_installed() || !Proxy::is_installed() {
        return;
    }
    let mut check = script();
    check.args(["--check", env!("CARGO_BIN_EXE_filmgate")]);
    let output = Server::output_within(check, Duration::from_mins(3));
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.ends_with("All went well.\n"), "{said}");
    let folder = said.split_once("logs in ").and_then(|(_, rest)| rest.split(',').next()).expect("a folder");
    assert!(folder.contains("filmgate-cluster-") && !Path::new(folder).exists(), "{folder}");
    // Its own name was in the command, or the address, of each.
    let (_, rest) = said.split_once("filmgate at ").expect("addresses");
    for address in rest.split(',').next().expect("a list").split(' ') {
        assert!(std::net::TcpStream::connect(address).is_err(), "{address} is still there");
    }
    let left = Command::new("pgrep").args(["-f", folder]).output().expect("pgrep runs");
    assert_eq!(String::from_utf8_lossy(&left.stdout), "");
}

#[test]
fn what_is_missing_is_named_with_the_way_to_get_it() {
    let nothing = script().output().expect("bash runs");
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("usage:"));
    let poor =
        script().arg(env!("CARGO_BIN_EXE_filmgate")).env("PATH", "/nowhere").output().expect("bash runs");
    let said = String::from_utf8_lossy(&poor.stderr);
    assert_eq!(poor.status.code(), Some(1), "{said}");
    assert!(said.contains("missing: ") && said.contains("apt-get install"), "{said}");
    for name in ["redis-server", "haproxy", "curl"] {
        assert!(said.contains(name), "{said}");
    }
}
