//! One structured line for every request.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Server, Wire};

/// The lines of so many requests.
fn requests(server: &Server, count: usize) -> Vec<Value> {
    server.await_log(count, |line| line["target"] == "filmgate::request")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_has_one_line_that_tells_all_and_leaks_nothing() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__FILM", "2/day")]);
    let client = reqwest::Client::new();
    let url = server.url.clone();
    let send =
        async |request: reqwest::RequestBuilder| request.send().await.expect("an answer").status().as_u16();
    let mut statuses = Vec::new();
    statuses.push(send(client.get(format!("{url}/?like=5&token=SECRET"))).await);
    statuses.push(send(client.get(format!("{url}/nothing%1B%5B31m"))).await);
    statuses.push(send(client.request("PROPFIND".parse().expect("a method"), &url)).await);
    statuses.push(send(client.head(&url)).await);
    statuses.push(send(client.get(&url)).await);
    let document = json!({"query": "query Two { film(id: 3) { id } films { edges { cursor } } }"});
    statuses.push(send(client.post(format!("{url}/graphql")).json(&document)).await);
    statuses.push(send(client.post(format!("{url}/graphql")).json(&json!({"query": "{"}))).await);
    statuses
        .push(send(client.post(format!("{url}/add_film")).json(&json!({"name": "N", "studio": "S"}))).await);

    let add = json!({"query": "mutation { addFilm(input: {name: \"G\", studio: \"S\"}) { name } }"});
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    statuses.push(send(client.post(format!("{url}/graphql")).json(&add)).await);
    // A code that is called otherwise in GraphQL, in the line as in the answer.
    let large = json!({"query": format!("{{ films {{ totalCount }} }}{}", " ".repeat(70_000))});
    statuses.push(send(client.post(format!("{url}/graphql")).json(&large)).await);

    let lines = requests(&server, statuses.len());
    let logged: Vec<u64> = lines.iter().map(|line| line["status"].as_u64().expect("a status")).collect();
    assert_eq!(logged, statuses.iter().map(|status| u64::from(*status)).collect::<Vec<_>>());
    for line in &lines {
        assert_eq!(line["level"], "INFO");
        for field in [
            "timestamp",
            "method",
            "path",
            "status",
            "duration_ms",
            "client",
            "surface",
            "outcome",
            "request_id",
        ] {
            assert!(!line[field].is_null(), "{field}: {line}");
        }
        assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "UTC: {line}");
    }
    let text = lines.iter().map(Value::to_string).collect::<String>();
    assert!(!text.contains("SECRET") && !text.contains('\u{1b}'), "{text}");
    let of = |place: usize, fields: Value| {
        for (name, value) in fields.as_object().expect("fields") {
            assert_eq!(&lines[place][name], value, "{name}: {}", lines[place]);
        }
    };
    of(
        0,
        json!({"action": "like", "film_id": 5, "surface": "rest", "outcome": "ok", "charges": "film=1,flood=1", "path": "/", "client": "127.0.0.1"}),
    );
    of(1, json!({"outcome": "NOT_FOUND", "charges": "flood=1"}));
    of(2, json!({"method": "PROPFIND", "outcome": "METHOD_NOT_ALLOWED"}));
    of(4, json!({"action": "random_film", "outcome": "RATE_LIMITED", "charges": "flood=1"}));
    of(
        5,
        json!({"surface": "graphql", "operation": "Two", "root_fields": "film,films", "action": "film", "film_id": 3, "charges": "browse=2,flood=1"}),
    );
    of(6, json!({"outcome": "GRAPHQL_PARSE_FAILED"}));
    of(9, json!({"status": 413, "outcome": "DOCUMENT_TOO_LARGE", "charges": "flood=1"}));
    of(7, json!({"action": "add_film", "film_id": 621, "charges": "add_film=1,flood=1"}));
    of(
        8,
        json!({"action": "add_film", "film_id": 622, "surface": "graphql", "charges": "add_film=1,flood=1"}),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_client_goes_away_is_logged_too() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).expect("a connection");
    let head = "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).expect("half a request");
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(stream);
    let lines = requests(&server, 1);
    // The body breaks off (400), or the whole request is dropped: either way it is told.
    assert_eq!(lines[0]["path"], "/add_film");
    assert!([400, 499].contains(&lines[0]["status"].as_u64().expect("a status")), "{}", lines[0]);
}

/// A vote whose sender does not wait counts, and has its line.
#[tokio::test(flavor = "multi_thread")]
async fn who_closes_after_sending_has_voted() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).expect("a connection");
        stream.write_all(b"GET /?like=3 HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
        stream.shutdown(std::net::Shutdown::Write).expect("half a close");
    }
    requests(&server, 20);
    assert_eq!(server.film(3).await["likes"], 20);
}

/// Who reads the log has gone, or reads no more: requests are answered all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_stops_nothing() {
    for full in [true, false] {
        let folder = TempDir::new().expect("a folder");
        let log = if full {
            Stdio::from(std::fs::File::options().write(true).open("/dev/full").expect("a full device"))
        } else {
            Stdio::piped()
        };
        let mut server =
            Server::start_logging_to(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")], log);
        let client = reqwest::Client::new();
        // Far more than a pipe holds.
        for _ in 0..1_000 {
            let answer =
                client.get(format!("{}/v1/films/1", server.url)).timeout(Duration::from_secs(5)).send().await;
            assert_eq!(answer.expect("an answer").status(), 200);
        }
        server.signal("TERM");
        server.wait(Duration::from_secs(10));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarding_header_from_a_peer_that_is_not_trusted_is_warned_of_once() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    for n in 0..3 {
        let request = reqwest::Client::new().get(format!("{}/v1/films/1", server.url));
        request.header("x-forwarded-for", format!("192.0.2.{n}")).send().await.expect("an answer");
    }
    let lines = requests(&server, 3);
    let warnings = server.log().into_iter().filter(|line| line["level"] == "WARN").collect::<Vec<_>>();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0]["message"].as_str().expect("a text").contains("trusted_proxies"));
    assert!(lines.iter().all(|line| line["client"] == "127.0.0.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_logged_with_its_cause_under_the_id_that_the_client_was_told() {
    let folder = TempDir::new().expect("a folder");
    // Lists come from the database where memory does not hold every film.
    let server = Server::start(folder.path(), &[("FILMGATE_CATALOGUE__MAX_BYTES", "0")]);
    let url = format!("sqlite://{}", folder.path().join("filmgate.db").display());
    let database = sqlx::SqlitePool::connect(&url).await.expect("the database");
    sqlx::raw_sql("DROP TABLE film_genre").execute(&database).await.expect("a broken database");
    let client = reqwest::Client::new();
    let document = json!({"query": "{ films { edges { cursor } } }"});
    for (request, id) in [
        (client.get(format!("{}/v1/films", server.url)), "rest-1"),
        (client.post(format!("{}/graphql", server.url)).json(&document), "graphql-1"),
    ] {
        request.header("x-request-id", id).send().await.expect("an answer");
    }
    requests(&server, 2);
    let log = server.log();
    for id in ["rest-1", "graphql-1"] {
        let of_id = |line: &&Value| line["level"] == "ERROR" && line["span"]["request_id"] == id;
        let errors: Vec<&Value> = log.iter().filter(of_id).collect();
        assert_eq!(errors.len(), 1, "{id}: {log:?}");
        assert!(errors[0]["error"].as_str().expect("a cause").contains("film_genre"), "{}", errors[0]);
    }
}

/// Who reads the log was stuck for a while: what he has missed is told to him, to the line.
#[tokio::test(flavor = "multi_thread")]
async fn lines_that_were_lost_are_counted_in_the_log() {
    const REQUESTS: usize = 24_000;
    let folder = TempDir::new().expect("a folder");
    let (mut reading, writing) = std::io::pipe().expect("a pipe");
    let mut server =
        Server::start_logging_to(folder.path(), &[("FILMGATE_LIMITS__ENABLED", "false")], writing.into());
    let mut wire = Wire::connect(server.address()).await;
    // Far more than wait to be written.
    let batch = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    for _ in 0..REQUESTS / 100 {
        wire.send(batch.as_bytes()).await;
        let mut answers = Vec::new();
        while answers.windows(15).filter(|bytes| bytes == b"HTTP/1.1 200 OK").count() < 100 {
            let read = tokio::io::AsyncReadExt::read_buf(&mut wire.stream, &mut answers).await;
            assert!(read.expect("an answer") > 0);
        }
    }
    let read = std::thread::spawn(move || {
        let mut log = String::new();
        std::io::Read::read_to_string(&mut reading, &mut log).map(|_| log)
    });
    // All that waited has been taken, and more is to come.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut wire = Wire::connect(server.address()).await;
    assert_eq!(wire.get("/health/live").await, Some(200));
    server.signal("INT");
    server.wait(Duration::from_secs(10));
    let log = read.join().expect("no panic").expect("a log");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let written = lines.iter().filter(|line| line["target"] == "filmgate::request").count();
    let lost: u64 = lines.iter().filter_map(|line| line["lines"].as_u64()).sum();
    assert!(lost > 0 && written > 10_000, "{written} written, {lost} lost");
    assert_eq!(written + usize::try_from(lost).expect("a number"), REQUESTS + 1);
}
