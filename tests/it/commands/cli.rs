//! The program: how it starts, what it says when it cannot, how it stops.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use sqlx::Connection as _;
use tempfile::TempDir;

use crate::support::{Server, Told, skip};

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

/// One clear line on standard error, no backtrace.
#[track_caller]
fn assert_fails(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], code: i32, words: &[&str]) {
    let output = Server::output(folder, arguments, variables);
    let errors = String::from_utf8_lossy(&output.stderr);
    let told: Vec<&str> = errors.lines().filter(|line| line.starts_with("filmgate: ")).collect();
    assert_eq!(output.status.code(), Some(code), "{errors}");
    assert_eq!(told.len(), 1, "{errors}");
    for word in words {
        assert!(told[0].contains(word), "{word:?} is not in: {errors}");
    }
    for word in ["panicked", "RUST_BACKTRACE", "stack backtrace"] {
        assert!(!errors.contains(word), "{errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_a_database_that_the_second_one_reuses() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    assert!(folder.path().join("filmgate.db").is_file());
    assert!(server.greeting.contains("620 films"), "{}", server.greeting);
    assert!(server.greeting.lines().count() <= 24, "one screen");
    let client = reqwest::Client::new();
    client
        .get(format!("{}/?like=1", server.url))
        .send()
        .await
        .expect("an answer")
        .error_for_status()
        .expect("200");
    drop(server);
    let server = Server::start(folder.path(), &[]);
    let film = server.film(1).await;
    assert_eq!(film["likes"], 1);
}

#[test]
fn the_three_curl_lines_of_the_greeting_work_when_pasted_together() {
    if Command::new("curl").arg("--version").output().is_err() {
        return skip("curl is not installed");
    }
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let lines: Vec<&str> =
        server.greeting.lines().map(str::trim).filter(|line| line.starts_with("curl ")).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        let command = line.replacen("curl ", "curl --silent --show-error --fail ", 1);
        let output = Command::new("sh").args(["-c", &command]).output().expect("a shell");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(answer.get("errors").is_none(), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_of_the_greeting_can_be_opened_in_a_browser() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let addresses: Vec<&str> = server
        .greeting
        .lines()
        .take_while(|line| !line.contains("curl"))
        .filter_map(|line| line.split_whitespace().last().filter(|word| word.starts_with("http://")))
        .collect();
    assert!(addresses.len() >= 4, "{}", server.greeting);
    let client = reqwest::Client::new();
    for address in addresses {
        let answer = client
            .get(address)
            .header("accept", "text/html, */*;q=0.8")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .send()
            .await;
        assert_eq!(answer.expect("an answer").status(), 200, "{address}");
    }
}

#[test]
fn the_greeting_tells_the_limits_in_a_line() {
    for (variables, told) in [
        (
            vec![],
            "film 1/second, 50/hour, 200/day; add_film 1/second, 50/hour, 200/day; browse 10/second, 2000/hour;",
        ),
        (vec![("FILMGATE_LIMITS__FILM", "5/minute")], "film 5/minute; add_film "),
        (vec![("FILMGATE_LIMITS__ENABLED", "false")], "none: limits.enabled = false"),
        // As templates write it.
        (
            vec![("FILMGATE_LIMITS__ENABLED", "False "), ("FILMGATE_LIMITS__MAX_KEYS", " 5000")],
            "none: limits",
        ),
    ] {
        let folder = folder();
        let server = Server::start(folder.path(), &variables);
        let line = server.greeting.lines().find(|line| line.starts_with("  limits "));
        assert!(line.is_some_and(|line| line.contains(told)), "{}", server.greeting);
    }
}

#[test]
fn a_port_in_use_is_named_with_a_way_out_and_no_database_is_left() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    assert_fails(folder.path(), &["--listen", &address], &[], 1, &[&address, "in use", "--listen"]);
    // No port that this configuration uses itself.
    let port = taken.local_addr().expect("an address").port();
    if let Some(other) = port.checked_add(2) {
        let (next, other) = ((port + 1).to_string(), format!("--listen 127.0.0.1:{other}"));
        let variables = [("FILMGATE_ADMIN__LISTEN", &*next)];
        assert_fails(folder.path(), &["--listen", &address], &variables, 1, &[&other]);
    }
    assert!(!folder.path().join("filmgate.db").exists());
}

#[test]
fn a_database_that_cannot_be_used_is_named_with_a_way_out() {
    let folder = folder();
    let here = folder.path();
    let start = |url: &str, words: &[&str]| {
        assert_fails(here, &["--listen", "127.0.0.1:0", "--database-url", url], &[], 1, words);
    };
    start("sqlite://missing/filmgate.db", &["missing", "does not exist", "database_url"]);
    // Nobody may create files there, root included.
    start("sqlite:///proc/filmgate.db", &["/proc/filmgate.db", "database_url"]);
    std::fs::write(here.join("rubbish.db"), "this is not a database, whatever its name may say".repeat(30))
        .expect("a file");
    start("sqlite://rubbish.db", &["rubbish.db"]);
    std::fs::create_dir(here.join("folder.db")).expect("a folder");
    start("sqlite://folder.db", &["folder.db"]);
    // Another kind of database, or none, is a bad value, for every command that reads the configuration.
    for url in
        ["sqlite::memory:", "sqlite::MEMORY:", "sqlite://", "sqlite:", "mysql://u:SECRET@h/x", "films.db", ""]
    {
        for command in ["serve", "config check", "migrate up"] {
            let arguments: Vec<&str> = command.split(' ').chain(["--database-url", url]).collect();
            assert_fails(here, &arguments, &[], 2, &["database_url", "sqlite://FILE"]);
            let output = Server::output(here, &arguments, &[]);
            assert!(!String::from_utf8_lossy(&output.stderr).contains("SECRET"));
        }
    }
}

/// Whatever is asked for, its tables stay alone, and it stays as it was.
#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let folder = folder();
    let file = folder.path().join("other.db");
    let url = format!("sqlite://{}", file.display());
    let mut other = sqlx::SqliteConnection::connect(&format!("{url}?mode=rwc")).await.expect("a database");
    sqlx::raw_sql("CREATE TABLE film (a)").execute(&mut other).await.expect("a table");
    other.close().await.expect("an end");
    let before = std::fs::read(&file).expect("a file");
    let run = |command: &str| {
        let arguments: Vec<&str> = command.split(' ').chain(["--database-url", &url]).collect();
        Told::of(Server::output(folder.path(), &arguments, &[]))
    };
    for command in ["serve --listen 127.0.0.1:0", "export", "film list", "migrate up", "migrate status"] {
        run(command).failed(1, &["other.db", "another program", "database_url"]);
    }
    let doctor = run("doctor").output;
    assert!(
        doctor.contains("error    database         the database file") && doctor.contains("another program"),
        "{doctor}"
    );
    run("backup copy.db").failed(1, &["other.db", "no database of filmgate"]);
    assert_eq!(std::fs::read(&file).expect("a file"), before);
    let names = std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|file| file.file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["other.db"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_binary_is_refused() {
    let folder = folder();
    drop(Server::start(folder.path(), &[]));
    let url = format!("sqlite://{}", folder.path().join("filmgate.db").display());
    let database = sqlx::SqlitePool::connect(&url).await.expect("the database");
    sqlx::query(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_flying_films', 0)",
    )
    .execute(&database)
    .await
    .expect("a migration of the future");
    database.close().await;
    assert_fails(
        folder.path(),
        &["--listen", "127.0.0.1:0"],
        &[],
        1,
        &["newer", "m29990101_000001_flying_films"],
    );
}

#[test]
fn a_configuration_that_does_not_hold_is_named_by_its_key() {
    let folder = folder();
    let here = folder.path();
    for (text, words) in [
        ("[limits]\nfilms = '1/second'", &["limits.films", "filmgate.toml", "did you mean limits.film?"][..]),
        ("lissten = '127.0.0.1:1'", &["lissten", "did you mean listen?"]),
        ("port = 3000", &["port", "did you mean listen?"]),
        ("[nothing]\na = 1", &["nothing"]),
        ("listen = ", &["filmgate.toml", "not TOML"]),
        ("listen = 'localhost:3000'", &["listen"]),
        ("[limits]\nfilm = ['1/second', '5/fortnight']", &["limits.film", "5/fortnight"]),
        ("[limits]\nfilm = 5", &["limits.film"]),
        ("[limits]\nstorage = 'redis:localhost'", &["limits.storage", "memory://", "redis://"]),
        ("[auth]\nanonymous_role = 'king'", &["auth.anonymous_role", "viewer"]),
        ("listen = '0.0.0.0:3000'", &["tls.mode", "proxy", "off"]),
        ("listen = '0.0.0.0:3000'\n[tls]\nmode = 'proxy'", &["tls.mode", "trusted_proxies"]),
        ("[tls]\nmode = 'maybe'", &["tls.mode"]),
        ("[log]\nlevel = 'loud'", &["log.level", "loud"]),
        ("[audit]\nkeep_days = 0.4", &["audit.keep_days", "0.4 was given", "a whole number, 0 to 36500"]),
        ("[http]\nidle_timeout = true", &["http.idle_timeout", "true was given", "1 to 86400"]),
        ("[limits]\nmax_keys = '5'", &["limits.max_keys", "\"5\" was given", "a whole number"]),
        ("[graphql]\nmax_aliases = 1.9", &["graphql.max_aliases", "a whole number, at least 0"]),
        ("[limits]\nenabled = 7", &["limits.enabled", "7 was given", "true or false"]),
        ("[limits]\nenabled = 'off'", &["limits.enabled", "\"off\" was given", "true or false"]),
        ("[tls]\nredirect_port = 80.0", &["tls.redirect_port", "a whole number, 1 to 65535"]),
        ("[http]\nmax_body = -1", &["http.max_body", "-1 was given, expected 1 to 1073741824"]),
        ("log = 'info'", &["configuration key log", "is a table", "log.format"]),
    ] {
        std::fs::write(here.join("filmgate.toml"), text).expect("a file");
        assert_fails(here, &[], &[], 2, words);
    }
    std::fs::remove_file(here.join("filmgate.toml")).expect("removed");
    for (name, value, word) in [
        ("FILMGATE_LIMITS__FILM", "", "limits.film"),
        ("FILMGATE_LOG__LEVEL", "", "log.level"),
        ("FILMGATE_LOG__LEVEL", ",", "log.level"),
        ("FILMGATE_HTTP__MAX_CONNECTIONS", "4611686018427387904", "http.max_connections"),
        ("FILMGATE_HTTP__HEADER_TIMEOUT", "9223372036854775807", "http.header_timeout"),
        ("FILMGATE_HTTP__MAX_HEADER", "100", "http.max_header"),
        ("FILMGATE_LIMITS__MAX_KEYS", "0", "limits.max_keys"),
        ("FILMGATE_LIMITS__FILM", "5/minute, 3/minute", "limits.film"),
        ("FILMGATE_GRAPHQL__MAX_PAGE", "1001", "graphql.max_page"),
        ("FILMGATE_GRAPHQL__MAX_PAGE", "yes", "a whole number, 1 to 1000"),
        ("FILMGATE_LIMITS__ENABLED", "1", "true or false"),
    ] {
        assert_fails(here, &[], &[(name, value)], 2, &[word]);
    }
    assert_fails(here, &[], &[("FILMGATE_LIMITS__FLOOD", "lots")], 2, &["limits.flood", "lots"]);
    assert_fails(here, &["--config", "other.toml"], &[], 2, &["other.toml"]);
    assert!(!here.join("filmgate.db").exists());
}

#[test]
fn wrong_use_is_2_and_the_documents_are_printed() {
    let folder = folder();
    assert_eq!(Server::output(folder.path(), &["fly"], &[]).status.code(), Some(2));
    for (command, word) in [("schema", "type Query"), ("openapi", "\"openapi\"")] {
        let output = Server::output(folder.path(), &[command], &[]);
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8_lossy(&output.stdout).contains(word));
    }
}

#[test]
fn an_unknown_variable_is_a_warning() {
    let folder = folder();
    let server = Server::start(
        folder.path(),
        &[
            ("FILMGATE_SERVICE_PORT", "80"),
            ("FILMGATE_LIMITS_FILM", "1/day"),
            ("FILMGATE_LIMITS__ENABLED", "false"),
        ],
    );
    for word in ["FILMGATE_SERVICE_PORT", "did you mean FILMGATE_LIMITS__FILM?", "limits.enabled = false"] {
        server.await_log(1, |line| {
            line["level"] == "WARN" && line["message"].as_str().is_some_and(|text| text.contains(word))
        });
    }
}

#[test]
fn a_variable_that_is_no_text_is_refused_where_it_is_a_setting() {
    let folder = folder();
    for (name, code) in [("FILMGATE_SERVICE_PORT", 0), ("FILMGATE_LISTEN", 2)] {
        let mut command = Server::command(folder.path());
        command.args(["config", "check"]).env(name, OsStr::from_bytes(b"\xFF"));
        let output = command.output().expect("an end");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && told.contains(name), "{told}");
    }
}

#[test]
fn a_greeting_that_cannot_be_written_keeps_nobody_from_serving() {
    let folder = folder();
    let mut child = Server::command(folder.path())
        .env("FILMGATE_LISTEN", "127.0.0.1:0")
        .stdout(std::fs::File::options().write(true).open("/dev/full").expect("a device"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let log = BufReader::new(child.stderr.take().expect("a pipe"));
    let told = log.lines().map_while(Result::ok).find(|line| line.contains("the greeting cannot be written"));
    std::thread::sleep(Duration::from_millis(500));
    assert!(told.is_some() && child.try_wait().expect("a process").is_none(), "{told:?}");
    child.kill().expect("a process");
    child.wait().expect("an end");
}

/// A request whose body is still on its way when the stop is asked for gets its answer.
#[test]
fn a_stop_lets_requests_in_work_finish() {
    for signal in ["TERM", "INT"] {
        stop_with(signal);
    }
}

fn stop_with(signal: &str) {
    let folder = folder();
    let mut server = Server::start(folder.path(), &[("FILMGATE_HTTP__DRAIN_DELAY", "0")]);
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut idle = TcpStream::connect(&address).expect("a connection");
    idle.write_all(b"GET /v1/films/1 HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
    let mut busy = TcpStream::connect(&address).expect("a connection");
    let body = r#"{"name":"N","studio":"S"}"#;
    let head = format!(
        "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    busy.write_all(head.as_bytes()).expect("a head");
    std::thread::sleep(Duration::from_millis(300));
    server.signal(signal);
    std::thread::sleep(Duration::from_millis(300));
    assert!(server.is_alive(), "a request is in work");
    TcpStream::connect(&address).expect_err("no new connections");
    busy.write_all(body.as_bytes()).expect("the body");
    let mut answer = String::new();
    busy.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(server.wait(Duration::from_secs(10)), Some(0));
}

#[test]
fn beyond_loopback_it_serves_when_somebody_answers_for_encryption() {
    let folder = folder();
    let open = [("FILMGATE_LISTEN", "0.0.0.0:0"), ("FILMGATE_TLS__MODE", "off")];
    let server = Server::start(folder.path(), &open);
    // Told that nothing is encrypted.
    server.await_log(1, |line| line["level"] == "WARN");
    drop(server);
    let proxied = [
        ("FILMGATE_LISTEN", "0.0.0.0:0"),
        ("FILMGATE_TLS__MODE", "proxy"),
        ("FILMGATE_TRUSTED_PROXIES", "10.0.0.5"),
    ];
    let server = Server::start(folder.path(), &proxied);
    let address = server.url.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: films.example\r\n\r\n").expect("a request");
    // Lines come in their order: a warning of the start would be there by now.
    server.await_log(1, |line| line["target"] == "filmgate::request");
    assert!(server.log().iter().all(|line| line["level"] != "WARN"));
}

/// A request that has been read and waits for the disk is given up after its time, and nobody is told to repeat it.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_given_up() {
    let folder = folder();
    let server = Server::start(folder.path(), &[("FILMGATE_HTTP__REQUEST_TIMEOUT", "1")]);
    let url = format!("sqlite://{}", folder.path().join("filmgate.db").display());
    let mut writer = sqlx::SqliteConnection::connect(&url).await.expect("the database");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut writer).await.expect("the lock");
    let body = r#"{"query":"mutation { like(id: 1) { id } }"}"#;
    for (path, form) in [("/v1/films/1/like", "application/problem+json"), ("/graphql", "{\"errors\":[")] {
        let mut stream = TcpStream::connect(server.address()).expect("a connection");
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(form), "{answer}");
        assert!(!answer.contains("retry-after") && answer.contains("UNAVAILABLE"), "{answer}");
        // Past the budget of a second.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Killed at any moment of the very first start, the next start works, with all films or as a new database.
#[test]
fn a_first_start_that_is_killed_can_be_repeated() {
    let folder = folder();
    for round in 0..12_u64 {
        let mut child = Server::command(folder.path())
            .env("FILMGATE_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(round * 4));
        child.kill().expect("a process");
        child.wait().expect("an end");
        if round % 4 == 3 {
            let server = Server::start(folder.path(), &[]);
            assert!(server.greeting.contains("620 films"), "{}", server.greeting);
            drop(server);
            for file in ["filmgate.db", "filmgate.db-wal", "filmgate.db-shm"] {
                let _ = std::fs::remove_file(folder.path().join(file));
            }
        }
    }
}

#[test]
fn the_version_has_the_commit() {
    let folder = folder();
    let told = String::from_utf8(Server::output(folder.path(), &["--version"], &[]).stdout).expect("a text");
    let version = format!("filmgate {}", env!("CARGO_PKG_VERSION"));
    assert!(told.starts_with(&version) && told.lines().count() == 1, "{told}");
    if !Path::new(env!("CARGO_MANIFEST_DIR")).join(".git").exists() {
        return skip("there is no repository");
    }
    let commit =
        told.split_once("(commit ").and_then(|(_, rest)| rest.split([' ', ')']).next()).expect("a commit");
    let known = Command::new("git")
        .args(["-C", env!("CARGO_MANIFEST_DIR"), "cat-file", "-e", &format!("{commit}^{{commit}}")])
        .status();
    assert!(commit.len() == 12 && known.expect("git runs").success(), "{told}");
}

#[test]
fn shells_complete_commands() {
    let folder = folder();
    for (shell, word) in
        [("bash", "complete -F"), ("zsh", "#compdef filmgate"), ("fish", "complete -c filmgate")]
    {
        let output = Server::output(folder.path(), &["completions", shell], &[]);
        let script = String::from_utf8(output.stdout).expect("a text");
        assert!(output.status.success() && script.contains(word), "{shell}: {script}");
        assert!(script.contains("healthcheck") && script.contains("on-duplicate"), "{shell}");
    }
    assert_eq!(Server::output(folder.path(), &["completions", "csh"], &[]).status.code(), Some(2));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

/// Each command that tells something tells it to programs too.
#[test]
fn every_command_speaks_json() {
    let folder = folder();
    let json = |command: &str| -> Value {
        let arguments: Vec<&str> = command.split(' ').chain(["--format", "json"]).collect();
        let mut child = Server::command(folder.path())
            .args(&arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("a pipe");
        // Who asks for none has ended without reading it.
        let _ = input.write_all(b"correct horse battery\n");
        drop(input);
        let output = child.wait_with_output().expect("an end");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{command}: {told}{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&told).unwrap_or_else(|error| panic!("{command}: {error}: {told}"))
    };
    assert_eq!(json("migrate up")[0], "m20261123_000001_create_film");
    assert_eq!(json("migrate status")[0]["applied"], true);
    assert_eq!(json("account create anna --role admin --password-stdin")["name"], "anna");
    assert_eq!(json("account list")[0]["role"], "admin");
    assert_eq!(json("account role anna editor")["role"], "editor");
    assert_eq!(json("account password anna --password-stdin")["id"], 1);
    assert_eq!(json("account disable anna")["disabled"], true);
    assert_eq!(json("account enable anna")["disabled"], false);
    let made = json("key create anna --name nightly");
    assert!(made["key"].as_str().is_some_and(|key| key.starts_with("fg_")), "{made}");
    assert_eq!(
        (&made["apiKey"]["name"], &json("key list")[0]["hint"]),
        (&"nightly".into(), &made["apiKey"]["hint"])
    );
    assert_eq!(json("key revoke 1")["revoked"], true);
    assert_eq!(json("film add Dune --studio Legendary --year 2021 --genre Drama")["name"], "Dune");
    assert_eq!(json("film list --studio legendary")[0]["genres"][0], "Drama");
    let id = json("film list --sort newest --first 1")[0]["id"].to_string();
    assert_eq!(json(&format!("film show {id}"))["year"], 2021);
    assert_eq!(json(&format!("film remove {id} --yes"))["name"], "Dune");
    assert_eq!(json("audit list --first 1")[0]["event"], "film_removed");
    assert_eq!(json("config check")["variables"], serde_json::json!([]));
    assert_eq!(json("config show")["listen"], "127.0.0.1:3000");
    assert!(json("doctor")["findings"].is_array());
    assert_eq!(json("backup copy.db"), serde_json::json!({"backup": "copy.db"}));
    let restored = json("restore copy.db");
    let is_path = |member: &str, end: &str| restored[member].as_str().is_some_and(|path| path.ends_with(end));
    assert_eq!(restored["backup"], "copy.db");
    assert!(is_path("restored", "/filmgate.db") && is_path("kept", "/filmgate.db.replaced-1"), "{restored}");
    assert!(json("migrate down --yes")[0].is_string());
}

#[test]
fn flags_of_serving_are_for_who_serves_or_looks_at_a_server() {
    let folder = folder();
    let code = |command: &str| {
        let output = Server::output(folder.path(), &command.split(' ').collect::<Vec<_>>(), &[]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for command in
        ["film list", "export", "migrate status", "schema", "audit list", "key list", "completions bash"]
    {
        for flag in ["--listen 127.0.0.1:0", "--tls off"] {
            let name = flag.split(' ').next().expect("a name");
            for given in [format!("{command} {flag}"), format!("{flag} {command}")] {
                let (code, told) = code(&given);
                assert_eq!(code, Some(2), "{given}: {told}");
                assert!(told.contains(name), "{given}: {told}");
            }
        }
    }
    for command in ["config check --listen 127.0.0.1:1", "--listen 127.0.0.1:1 --tls off config show"] {
        assert_eq!(code(command).0, Some(0), "{command}");
    }
    assert_eq!(code("config check --listen 4999").0, Some(0), "a port alone is of this machine");
    let (refused, told) = code("config check --listen nowhere");
    assert!(refused == Some(2) && told.contains("127.0.0.1:3000") && told.contains("a port alone"), "{told}");
    assert_eq!(code("--tls sometimes doctor").0, Some(2));
    assert_eq!(code("healthcheck --listen 127.0.0.1:1").0, Some(1));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "and nothing was made");
}

/// Whoever reads neither stream (`filmgate ... 2>&1 | head`) changes neither what is done nor the exit code.
#[test]
fn streams_that_nobody_reads_end_nothing() {
    let folder = folder();
    for (command, code) in
        [("film show 1", 1), ("config check", 0), ("config check --listen nowhere", 2), ("migrate up", 0)]
    {
        let mut child = Server::command(folder.path())
            .args(command.split(' '))
            .env("FILMGATE_UNKNOWN", "a warning")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().expect("an end").code(), Some(code), "{command}");
    }
    assert!(folder.path().join("filmgate.db").is_file());
}

/// What every test of a refusal rests on: a command that goes on instead is no test that goes on too.
#[test]
#[should_panic(expected = "did not end within 500ms: begun")]
fn a_command_that_does_not_end_is_killed_and_fails() {
    let mut serving = Command::new("sh");
    serving.args(["-c", "printf begun; exec sleep 600"]);
    Server::output_within(serving, Duration::from_millis(500));
}
