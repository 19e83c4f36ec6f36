//! curl, unmodified: QUERY, compressed answers, and a vote that is sent again by itself.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Server, skip};

/// What it writes, if it ends well.
#[track_caller]
fn curl(arguments: &[&str]) -> Option<Vec<u8>> {
    let Ok(output) = Command::new("curl").args(["--silent", "--show-error"]).args(arguments).output() else {
        skip("curl is not installed");
        return None;
    };
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

#[track_caller]
fn json_of(arguments: &[&str]) -> Option<Value> {
    Some(serde_json::from_slice(&curl(arguments)?).expect("JSON"))
}

#[tokio::test]
async fn it_asks_by_query() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let (films, graphql) = (format!("{}/v1/films", server.url), format!("{}/graphql", server.url));
    // A form is what curl sends by itself.
    let Some(page) = json_of(&["-X", "QUERY", &films, "-d", "q=toy story", "-d", "first=2"]) else { return };
    assert_eq!(page["films"][0]["name"], "Toy Story");
    let body = json!({"query": "{ film(id: 1) { name } }"}).to_string();
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let told = json_of(&["-X", "QUERY", version, &graphql, "--json", &body]).expect("curl");
        assert_eq!(told, json!({"data": {"film": {"name": "Frozen"}}}), "{version}");
    }
}

/// By every way in, in every encoding: what curl decompresses is what is sent plain, and less was on the way.
#[tokio::test]
async fn it_decompresses_what_is_compressed() {
    let folder = TempDir::new().expect("a folder");
    let variables = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_TLS__MODE", "self-signed")];
    let (plain, tls) =
        (Server::start(folder.path(), &variables[..1]), Server::start(folder.path(), &variables));
    let document =
        json!({"query": "{ films(first: 100) { edges { node { id name studio genres } } } }"}).to_string();
    for (server, versions) in [
        (&plain, &["--http1.0", "--http1.1", "--http2-prior-knowledge"][..]),
        (&tls, &["--http1.1", "--http2"]),
    ] {
        for (path, more) in
            [("/v1/films?first=100", &[][..]), ("/openapi.json", &[]), ("/graphql", &["--json", &document])]
        {
            let url = format!("{}{path}", server.url);
            let Some(whole) = curl(&[&["--insecure", &url], more].concat()) else { return };
            for version in versions {
                for encoding in ["br", "gzip", "zstd"] {
                    let accepted = format!("Accept-Encoding: {encoding}");
                    let file = folder.path().join("answer");
                    let file = file.to_string_lossy();
                    let told = "%{size_download} %header{content-encoding} %header{content-length}";
                    let arguments = [
                        "--insecure",
                        version,
                        "--compressed",
                        "-H",
                        &accepted,
                        "-o",
                        &*file,
                        "-w",
                        told,
                        &url,
                    ];
                    let told = curl(&[&arguments[..], more].concat()).expect("curl");
                    let told = String::from_utf8(told).expect("UTF-8");
                    let [size, used, length] = told.split(' ').collect::<Vec<_>>()[..] else {
                        panic!("{told}")
                    };
                    assert_eq!(used, encoding, "{url} {version}");
                    assert_eq!(size, length, "{url} {version} {encoding}");
                    let size: usize = size.parse().expect("a number");
                    assert!(size * 3 < whole.len(), "{url} {encoding}: {size} of {}", whole.len());
                    assert!(std::fs::read(&*file).expect("a file") == whole, "{url} {version} {encoding}");
                }
            }
        }
    }
}

/// A way to a server on which the first answers are cut in the middle.
fn cutting(server: SocketAddr, cuts: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for place in 0.. {
            let Ok((mut client, _)) = listener.accept() else { return };
            let mut request = [0; 4096];
            let length = client.read(&mut request).expect("a request");
            let mut behind = TcpStream::connect(server).expect("a connection");
            behind.write_all(&request[..length]).expect("it is passed on");
            let mut answer = Vec::new();
            behind.read_to_end(&mut answer).expect("an answer");
            let sent = if place < cuts { answer.len() - 20 } else { answer.len() };
            client.write_all(&answer[..sent]).expect("it is passed on");
            client.shutdown(Shutdown::Both).expect("an end");
        }
    });
    address
}

/// The vote is made, its answer is cut within the body, and curl asks again: one vote, one charge, and the film as it is.
#[tokio::test]
async fn a_vote_that_it_sends_again_counts_once() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__FILM", "100/day")]);
    let way = cutting(server.address(), 2);
    let film = folder.path().join("film.json");
    let film = film.to_string_lossy();
    let url = format!("http://{way}/v1/films/7/like");
    // As docs/rest.md has it; the rest is for this way, which knows the end of an answer by the end of the connection.
    let again = [
        "--retry",
        "5",
        "--retry-all-errors",
        "-X",
        "POST",
        "-H",
        "Idempotency-Key: \"cut-on-the-way-0001\"",
    ];
    let here = [
        "-H",
        "Connection: close",
        "--retry-delay",
        "1",
        "-o",
        &*film,
        "-w",
        "%header{idempotency-replayed}",
        &url,
    ];
    let Some(told) = curl(&[&again[..], &here].concat()) else { return };
    assert_eq!(String::from_utf8_lossy(&told), "true");
    let told: Value = serde_json::from_slice(&std::fs::read(&*film).expect("a film")).expect("JSON");
    assert_eq!((&told["id"], &told["likes"]), (&json!(7), &json!(1)));
    assert_eq!(server.film(7).await["likes"], 1);
    let limits = json_of(&[&format!("{}/v1/rate_limit", server.url)]).expect("curl");
    let limits = limits["limits"].as_array().expect("limits");
    let film = limits.iter().find(|limit| limit["name"] == "film-1d").expect("a window");
    assert_eq!(film["remaining"], 99);
}
