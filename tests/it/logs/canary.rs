//! Secrets, sent in every way that people send them, right and wrong: none is ever seen again, at the most talkative level
//! of the log, in either of its formats, in an answer, or in what the program says of itself.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use filmgate::service::accounts::{AccountDraft, KeyDraft, SignIn};
use filmgate::service::caller::Role;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::support::{Server, Socket, Store, Told};

/// What must not be seen. Each is in place of another secret, so that a test that fails tells which one leaked.
const PASSWORD: &str = "CANARY-password-of-an-account";
const WRONG: &str = "CANARY-password-that-is-wrong";
const CREDENTIAL: &str = "CANARY-credential-of-somebody";
const QUERY: &str = "CANARY-in-a-query";
const DATABASE: &str = "CANARY-of-the-database";
const EVERY: &str = "CANARY";

/// Everything that was answered, and what else must not be told: secrets that the server made.
#[derive(Default)]
struct Heard {
    text: String,
    count: usize,
}

impl Heard {
    async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let headers = format!("{:?}", answer.headers());
        let body = answer.text().await.expect("a text");
        self.count += 1;
        self.text += &format!("{headers}\n{body}\n");
        (status, serde_json::from_str(&body).unwrap_or_default())
    }
}

/// With a connection for each request: who has sent more than was read is left with a closed one.
fn client() -> reqwest::Client {
    reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client")
}

/// Makes an account and a key by the command line, as an operator does.
fn account(folder: &Path, url: &str) -> String {
    let mut child = Server::command(folder)
        .args(["account", "create", "anna", "--role", "editor", "--password-stdin"])
        .envs([("FILMGATE_DATABASE_URL", url), ("FILMGATE_LOG__LEVEL", "trace")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("standard input").write_all(PASSWORD.as_bytes()).expect("a password");
    let told = Told::of(child.wait_with_output().expect("an end"));
    assert!(!told.output.contains(EVERY) && !told.errors.contains(EVERY));
    told.done();
    let key = Told::by(folder, url, &["key", "create", "anna", "--name", "test"]);
    assert_eq!(key.code, Some(0), "{}", key.errors);
    key.output.trim().to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_ever_seen_again(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values("json", "pretty")] format: &str,
) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let mut url = store.url(here).await;
    if store == Store::Postgres {
        // It lets in whoever comes, so any password will do.
        url = url.replace("postgres@", &format!("postgres:{DATABASE}@"));
    }
    let key = account(here, &url);
    let variables = [
        ("FILMGATE_DATABASE_URL", url.as_str()),
        ("FILMGATE_LOG__FORMAT", format),
        ("FILMGATE_LOG__LEVEL", "trace"),
        ("FILMGATE_LIMITS__ENABLED", "false"),
        // Lists come from the database, which is going to break.
        ("FILMGATE_CATALOGUE__MAX_BYTES", "0"),
        ("FILMGATE_HTTP__DRAIN_DELAY", "0"),
    ];
    let mut server = Server::start(here, &variables);
    let mut heard = Heard::default();
    let token = everything_over_http(&mut heard, &server, &key).await;
    over_http2(&mut heard, server.address(), &key).await;
    over_sockets(&mut heard, server.address(), &key).await;
    a_failure_of_ours(&mut heard, &server, &url, &key).await;
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(20)), Some(0));

    let log = std::fs::read_to_string(here.join("log.jsonl")).expect("a log");
    assert!(log.matches("filmgate::request").count() >= heard.count, "every request has its line");
    let mut said = format!("{}\n{}", server.greeting, heard.text);
    for command in
        [&["config", "show"][..], &["config", "check"], &["--help"], &["account", "list"], &["key", "list"]]
    {
        let output = Server::output(here, command, &variables);
        said += &(String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr));
    }
    let told = Told::by(here, &url, &["audit", "list", "--format", "json"]);
    said += &told.done();
    let whole_of_key = key.trim_start_matches("fg_");
    for secret in [EVERY, whole_of_key].into_iter().chain(token.as_deref()) {
        let leak = |text: &str| {
            let line = text.lines().find(|line| line.contains(secret));
            line.map(|line| line.chars().take(2_000).collect::<String>())
        };
        assert_eq!(leak(&log), None, "in the log");
        assert_eq!(leak(&said), None, "in what was said");
        if store == Store::Sqlite {
            let is_in = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            let files =
                std::fs::read_dir(here).expect("the folder").map(|entry| entry.expect("a file").path());
            let stored: Vec<_> = files.filter(|path| path.to_string_lossy().contains(".db")).collect();
            assert!(!stored.is_empty());
            for file in stored {
                assert!(!is_in(&std::fs::read(&file).expect("a file")), "in {}", file.display());
            }
        }
    }
}

/// The token of a session, as far as one could be opened.
async fn everything_over_http(heard: &mut Heard, server: &Server, key: &str) -> Option<String> {
    let client = client();
    let url = |path: &str| format!("{}{path}", server.url);
    // Credentials, good and bad, where they belong and where they do not.
    for value in [
        format!("Bearer {CREDENTIAL}"),
        format!("bearer fg_{CREDENTIAL}"),
        format!("Basic {CREDENTIAL}"),
        format!("Digest username=\"anna\", response=\"{CREDENTIAL}\""),
        format!("Bearer {CREDENTIAL} {CREDENTIAL}"),
        CREDENTIAL.to_owned(),
        format!("Bearer {key}"),
    ] {
        for path in ["/", "/v1/films", "/nowhere"] {
            heard.send(client.get(url(path)).header("authorization", &value)).await;
        }
        let document = json!({"query": "{ films(first: 1) { edges { cursor } } }"});
        heard.send(client.post(url("/graphql")).header("authorization", &value).json(&document)).await;
    }
    for name in ["x-api-key", "cookie", "proxy-authorization", "x-auth-token", "referer"] {
        heard.send(client.get(url("/v1/films/1")).header(name, format!("fg_{CREDENTIAL}"))).await;
    }
    let two =
        client.get(url("/")).header("x-api-key", key).header("authorization", format!("Bearer {CREDENTIAL}"));
    heard.send(two).await;
    let (status, _) = heard.send(client.get(url("/v1/films/1")).header("x-api-key", key)).await;
    assert_eq!(status, 200, "the key is good");
    for query in [
        format!("/?token={QUERY}"),
        format!("/?like=1&access_token={QUERY}"),
        format!("/?like={QUERY}"),
        format!("/v1/films?api_key={QUERY}"),
        format!("/v1/films?first={QUERY}"),
        format!("/v1/films?after={QUERY}"),
        format!("/v1/films?sort={QUERY}"),
        format!("/v1/films/random?exclude={QUERY}"),
        format!("/v1/audit_events?since={QUERY}"),
        format!("/graphql?query={{%20film(id:%20%22{QUERY}%22)%20{{%20id%20}}%20}}&token={QUERY}"),
        format!("/graphql?query={{__typename}}&variables={{%22password%22:%22{QUERY}%22"),
        format!("/graphql?access_token={QUERY}"),
    ] {
        heard.send(client.get(url(&query))).await;
    }
    // Bodies: right, of a wrong type, in the wrong field, cut off, too long, of another kind.
    let sign_in = |name: Value, password: Value| json!({"name": name, "password": password}).to_string();
    let mut token = None;
    for body in [
        sign_in(json!("anna"), json!(PASSWORD)),
        sign_in(json!("anna"), json!(WRONG)),
        sign_in(json!(WRONG), json!(WRONG)),
        sign_in(json!("anna"), json!([WRONG])),
        sign_in(json!("anna"), json!({ WRONG: WRONG })),
        sign_in(json!([WRONG]), json!(5)),
        sign_in(json!(WRONG.repeat(300)), json!(WRONG.repeat(300))),
        json!({"name": "anna", "password": PASSWORD, "passwort": WRONG}).to_string(),
        format!("{{\"name\": \"anna\", \"password\": \"{WRONG}"),
        format!("{{\"name\": \"anna\", \"password\": {WRONG}}}"),
        format!("[\"{WRONG}\"]"),
        format!("\"{WRONG}\""),
        format!("{{\"name\": \"{}\"}}", WRONG.repeat(4_000)),
    ] {
        for path in ["/v1/session", "/add_film", "/graphql"] {
            for kind in ["application/json", "application/x-www-form-urlencoded", "text/plain"] {
                let request = client.post(url(path)).header("content-type", kind).body(body.clone());
                let (_, mut answer) = heard.send(request).await;
                if let Some(opened) = answer["token"].take().as_str() {
                    // Told once, to whom it is for.
                    heard.text = heard.text.replace(opened, "");
                    token = Some(opened.to_owned());
                }
            }
        }
    }
    for document in [
        json!({"query": "mutation($input: SignInInput!) { signIn(input: $input) { expiresAt } }",
               "variables": {"input": {"name": "anna", "password": WRONG}}}),
        json!({"query": "mutation($input: SignInInput!) { signIn(input: $input) { expiresAt } }",
               "variables": {"input": {"name": {"is": WRONG}, "password": [WRONG]}}}),
        json!({"query": "mutation($p: String!) { signIn(input: {name: \"anna\", password: $p}) { expiresAt } }",
               "variables": {"p": {"x": WRONG}, "other": WRONG}}),
        json!({"query": format!("mutation {{ signIn(input: {{name: \"anna\", password: \"{WRONG}\"}}) {{ expiresAt }} }}")}),
        json!({"query": format!("mutation {{ signIn(input: {{name: \"{WRONG}\", password: 5}}) {{ expiresAt }} }}")}),
        json!({"query": format!("mutation {{ signIn(input: {{name: \"anna\", password: \"{WRONG} }}) {{ expiresAt }} }}")}),
        json!({"query": format!("{{ film(id: \"{WRONG}\") {{ id }} }}")}),
        json!({"query": format!("{{ films(filter: {{genre: 5, studio: \"{WRONG}\", secret: \"{WRONG}\"}}) {{ edges {{ cursor }} }} }}")}),
        json!({"query": format!("{{ films(after: \"{WRONG}\") {{ edges {{ cursor }} }} }}")}),
        json!({"query": "query($first: Int) { films(first: $first) { edges { cursor } } }", "variables": {"first": {"is": WRONG}}}),
        json!({"query": "{ __typename }", "extensions": {"token": WRONG}, "token": WRONG}),
        json!({"query": format!("# {WRONG}\n{{ __typename ")}),
        json!({"query": [WRONG]}),
        json!({"query": "{ __typename }", "variables": WRONG}),
    ] {
        for accept in ["application/json", "application/graphql-response+json", "text/event-stream"] {
            let request = client.post(url("/graphql")).header("accept", accept).json(&document);
            heard.send(request).await;
        }
        heard.send(client.post(url("/graphql")).json(&json!([document, document]))).await;
    }
    if let Some(token) = &token {
        heard.send(client.get(url("/v1/films/1")).bearer_auth(token)).await;
        heard.send(client.delete(url("/v1/session")).bearer_auth(token)).await;
        heard.send(client.get(url("/v1/films/1")).bearer_auth(token)).await;
    }
    token
}

async fn over_http2(heard: &mut Heard, address: SocketAddr, key: &str) {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut client, connection) =
        handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    let task = tokio::spawn(connection);
    for (credential, body) in [(key, "{}".to_owned()), (CREDENTIAL, json!({"password": WRONG}).to_string())] {
        let request = Request::post(format!("http://{address}/v1/session?token={QUERY}"))
            .header("authorization", format!("Bearer {credential}"))
            .header("x-auth-token", CREDENTIAL)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        let (parts, body) = client.send_request(request).await.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        heard.text += &format!("{:?}\n{}\n", parts.headers, String::from_utf8_lossy(&body));
        heard.count += 1;
    }
    drop(client);
    let _ = task.await;
}

async fn over_sockets(heard: &mut Heard, address: SocketAddr, key: &str) {
    let init = |payload: Value| json!({"type": "connection_init", "payload": payload});
    for message in [
        init(json!({"Authorization": format!("Bearer {key}")})),
        init(json!({"Authorization": format!("Bearer {CREDENTIAL}")})),
        init(json!({"Authorization": {"Bearer": CREDENTIAL}})),
        init(json!({"X-API-Key": CREDENTIAL, "token": CREDENTIAL})),
        json!({"type": CREDENTIAL, "payload": CREDENTIAL}),
        json!([CREDENTIAL]),
    ] {
        let mut socket = Socket::open(address).await;
        socket.say(message).await;
        let said = socket.hear_or_end().await;
        heard.text += &format!("{said:?}\n");
        if said.is_err() {
            continue;
        }
        let sign_in = "mutation($p: String!) { signIn(input: {name: \"anna\", password: $p}) { expiresAt } }";
        for variables in [json!({"p": WRONG}), json!({"p": [WRONG]}), json!(WRONG)] {
            let payload = json!({"query": sign_in, "variables": variables, "extensions": {"token": WRONG}});
            socket.say(json!({"id": "1", "type": "subscribe", "payload": payload})).await;
            let said = socket.hear_or_end().await;
            heard.text += &format!("{said:?}\n");
            if said.is_err() {
                break;
            }
        }
    }
}

async fn a_failure_of_ours(heard: &mut Heard, server: &Server, url: &str, key: &str) {
    let database = sea_orm::Database::connect(url).await.expect("the database");
    let broken =
        sea_orm::ConnectionTrait::execute_unprepared(&database, "ALTER TABLE film_genre RENAME TO gone");
    broken.await.expect("a broken database");
    let client = client();
    for path in ["/v1/films", "/v1/films?genre=CANARY-genre"] {
        let request = client.get(format!("{}{path}", server.url)).bearer_auth(key);
        assert_eq!(heard.send(request).await.0, 500);
    }
    let mend =
        sea_orm::ConnectionTrait::execute_unprepared(&database, "ALTER TABLE gone RENAME TO film_genre");
    mend.await.expect("it is mended");
    database.close().await.expect("an end");
}

/// What a program that crashes or is debugged prints.
#[test]
fn no_secret_is_in_a_debug_print() {
    let password: secrecy::SecretString = PASSWORD.into();
    let said = format!(
        "{:?} {:?} {:?}",
        AccountDraft { name: "anna".to_owned(), role: Role::Viewer, password: password.clone() },
        SignIn { name: "anna".to_owned(), password },
        KeyDraft { name: "test".to_owned(), role: None, expires_at: None, limits: None },
    );
    assert!(said.contains("anna") && !said.contains(EVERY), "{said}");
}
