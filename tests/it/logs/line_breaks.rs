//! Line breaks from outside in the pretty log, which people read: none of them begins a line.

use std::time::Duration;

use filmgate::clock::{Clock as _, SystemClock};
use serde_json::json;
use tempfile::TempDir;

use crate::support::issuer::{AUDIENCE, Answer as Keys, ISSUER, JwksServer, SigningKey, claims};
use crate::support::{Server, Wire};

/// All that some program takes for the end of a line.
const BREAKS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
const FORGED: &str = "ERROR filmgate: forged";

/// By every way on which a text comes into a line: an address, a token, a document, a row of the database, a variable.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_outside_breaks_no_line_of_the_pretty_log() {
    let signing = SigningKey::ed25519();
    let keys = JwksServer::start(Keys::Keys(vec![signing.jwk("ed")])).await;
    let nasty: String = BREAKS.iter().map(|end| format!("x{end}{FORGED}")).collect();
    let variable = format!("FILMGATE_{nasty}");
    let folder = TempDir::new().expect("a folder");
    let server = Server::start_with(
        folder.path(),
        &[
            ("FILMGATE_LOG__FORMAT", "pretty"),
            ("FILMGATE_LIMITS__ENABLED", "false"),
            ("FILMGATE_AUTH__JWT__ISSUER", ISSUER),
            ("FILMGATE_AUTH__JWT__AUDIENCE", AUDIENCE),
            ("FILMGATE_AUTH__JWT__MAX_ROLE", "admin"),
            (&variable, "x"),
        ],
        &[("FILMGATE_AUTH__JWT__JWKS", keys.url())],
    );
    let url = format!("sqlite://{}", folder.path().join("filmgate.db").display());
    let database = sqlx::SqlitePool::connect(&url).await.expect("the database");
    let rename = sqlx::query("UPDATE film SET name = ? WHERE id = 7").bind(&nasty);
    rename.execute(&database).await.expect("a film of an older release");
    database.close().await;

    let token = |subject: &str| {
        let now = SystemClock::new().now_ms() / 1_000;
        let more = json!({"role": "admin", "sub": subject, "iat": now, "exp": now + 300});
        let mut claims = claims();
        claims.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        signing.token("EdDSA", "ed", &claims)
    };
    for (subject, status) in [(&*nasty, 401), ("alice", 200)] {
        let removal = reqwest::Client::new().delete(format!("{}/v1/films/7", server.url));
        assert_eq!(removal.bearer_auth(token(subject)).send().await.expect("an answer").status(), status);
    }
    let document = json!({"query": "{ film(id: 1) { name } }", "operationName": nasty});
    let answer = reqwest::Client::new().post(format!("{}/graphql", server.url)).json(&document);
    answer.send().await.expect("an answer");
    // As it is, and not in percents: what a line of HTTP/1.1 can hold of them.
    let mut wire = Wire::connect(server.address()).await;
    let path = nasty.replace(|letter: char| letter.is_ascii_control() || letter == ' ', "_");
    wire.send(format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
        .await;
    assert!(String::from_utf8_lossy(&wire.rest().await.0).starts_with("HTTP/1.1 404"));

    let log = || std::fs::read_to_string(folder.path().join("log.jsonl")).expect("a log");
    for _ in 0..100 {
        if log().matches("filmgate::request").count() >= 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let log = log();
    let log = log.strip_suffix('\n').expect("whole lines");
    // The variable, the film that was removed, the address: else this shows nothing.
    assert!(log.lines().filter(|line| line.contains("\\u{2028}ERROR")).count() >= 3, "{log}");
    for line in log.split(BREAKS) {
        assert!(line.starts_with("20") && line.contains(" filmgate"), "{line:?}");
    }
}
