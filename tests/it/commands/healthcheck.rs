//! `filmgate healthcheck` against servers that behave, and others.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

use crate::support::Server;

/// Answers one request with these bytes and then does nothing more; the connection stays open. What it was asked comes
/// through the channel.
fn server(answer: &'static str) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let (mut request, mut buffer) = (String::new(), [0; 1024]);
        while !request.ends_with("\r\n\r\n") {
            let read = stream.read(&mut buffer).expect("a request");
            request.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        stream.write_all(answer.as_bytes()).expect("an answer is sent");
        let _ = sender.send(request);
        // Until the other side closes.
        let _ = stream.read(&mut buffer);
    });
    (address, receiver)
}

#[track_caller]
fn assert_answer(arguments: &[&str], variables: &[(&str, &str)], code: i32, words: &[&str]) {
    let folder = TempDir::new().expect("a folder");
    let output = Server::output(folder.path(), &[&["healthcheck"], arguments].concat(), variables);
    let said = String::from_utf8_lossy(if code == 0 { &output.stdout } else { &output.stderr }).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!said.trim_end().contains(char::is_control), "{said:?}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "no database");
}

#[test]
fn only_200_is_ready_and_everything_else_says_why() {
    for (answer, code, words) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, &["ready"][..]),
        // Whether the body comes is of no matter.
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 0, &["ready"]),
        ("HTTP/1.1 204 No Content\r\n\r\n", 1, &["not ready", "204"]),
        (
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 55\r\n\r\n{\"status\":503,\"detail\":\"The database does not answer.\"}\n",
            1,
            &["not ready", "503", ": The database does not answer."],
        ),
        (
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 18\r\n\r\n\u{1b}[31mstart\r\ning up ",
            1,
            &["503", "[31mstart  ing up"],
        ),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            1,
            &["404", "no filmgate", "another version"],
        ),
        ("HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 1, &["301"]),
        ("SSH-2.0-OpenSSH\r\n", 1, &["no HTTP answer"]),
    ] {
        let (address, _) = server(answer);
        assert_answer(&["--url", &format!("http://{address}")], &[], code, words);
    }
}

#[test]
fn who_does_not_answer_is_not_waited_for() {
    let began = Instant::now();
    let (address, _) = server("");
    let url = format!("http://{address}");
    assert_answer(&["--url", &url, "--timeout", "1"], &[], 1, &[&url, "did not answer within 1 s"]);
    // Half a refusal is told as far as it came.
    let (address, _) = server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\nstarting");
    let url = format!("http://{address}");
    assert_answer(&["--url", &url, "--timeout", "1"], &[], 1, &["503", "starting"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let free =
        TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").to_string();
    assert_answer(&[], &[("FILMGATE_LISTEN", &free)], 1, &["nothing listens", &free]);
    assert_answer(&["--url", "http://nobody.invalid:1"], &[], 1, &["nobody.invalid:1", "cannot be reached"]);
}

#[test]
fn the_configured_server_is_asked() {
    let (address, asked) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let listen = format!("0.0.0.0:{}", address.port());
    let variables = [
        ("FILMGATE_LISTEN", &*listen),
        ("FILMGATE_TLS__MODE", "off"),
        ("FILMGATE_ALLOWED_HOSTS", "films.example"),
    ];
    assert_answer(&[], &variables, 0, &["ready"]);
    let asked = asked.recv().expect("a request");
    assert!(asked.starts_with("GET /health/ready HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("\r\nhost: films.example\r\n"), "{asked}");
    // A configuration that does not hold, and one that names no port.
    assert_answer(&[], &[("FILMGATE_LISTEN", "0.0.0.0:3000")], 1, &["tls.mode"]);
    assert_answer(&[], &[("FILMGATE_LISTEN", "127.0.0.1:0")], 1, &["--url"]);
}

#[test]
fn wrong_use_is_2() {
    let folder = TempDir::new().expect("a folder");
    for arguments in [
        &["--url", "ftp://127.0.0.1:3000"][..],
        &["--url", "127.0.0.1:3000"],
        &["--timeout", "0"],
        &["--timeout", "soon"],
    ] {
        let output = Server::output(folder.path(), &[&["healthcheck"], arguments].concat(), &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

/// Whatever the server says of itself, the command says the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_filmgate_is_judged_by_what_it_says() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let answer = reqwest::get(format!("{}/health/ready", server.url)).await.expect("an answer");
    let status = answer.status().as_u16();
    let code = i32::from(status != 200);
    let word = if code == 0 { "ready".to_owned() } else { status.to_string() };
    assert_answer(&["--url", &server.url], &[], code, &[&word]);
}
