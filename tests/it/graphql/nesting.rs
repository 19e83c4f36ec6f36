//! Nothing that nests, however deeply, ends the process.

use serde_json::json;
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Server, Socket};

/// The client makes no longer ones; the server refuses far shorter ones.
const LONGEST_URL: usize = 60_000;
/// The type under which a refusal has a status of its own.
const RESPONSE: &str = "application/graphql-response+json";

/// Documents that nest so deeply, each in its own way.
fn documents(levels: usize) -> [(&'static str, String); 7] {
    let (open, close) = (|text: &str| text.repeat(levels), |text: &str| text.repeat(levels));
    [
        ("lists", format!("{{ film(id: {}1{}) {{ id }} }}", open("["), close("]"))),
        // One string that does not close; a grammar that read it as two would see brackets behind it.
        (
            "behind an open block string",
            format!("{{ film(id: [\"\"\" x\" {}{}]) {{ id }} }}", open("["), close("]")),
        ),
        ("defaults", format!("query($a: Int = {}1{}) {{ __typename }}", open("["), close("]"))),
        ("objects", format!("{{ film(id: {}1{}) {{ id }} }}", open("{a:"), close("}"))),
        ("selections", format!("{}id{}", open("{film"), close("}"))),
        ("inline fragments", format!("{{ {}id{} }}", open("...{"), close("}"))),
        ("types", format!("query($a: {}Int{}) {{ __typename }}", open("["), close("]"))),
    ]
}

fn variables(levels: usize) -> [String; 2] {
    let query = json!("query($id: ID!) { film(id: $id) { id } }").to_string();
    [("[", "]"), ("{\"a\":", "}")].map(|(open, close)| {
        let value = format!("{}1{}", open.repeat(levels), close.repeat(levels));
        format!("{{\"query\":{query},\"variables\":{{\"id\":{value}}}}}")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_each_time_from_100_to_8000_levels() {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(
        folder.path(),
        &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")],
    );
    let url = format!("{}/graphql", server.url);
    let client = reqwest::Client::new();
    let mut answers = 0;
    for levels in (100..=8_000).step_by(50) {
        for (shape, document) in documents(levels) {
            let post =
                client.post(&url).header("content-type", "application/json").header("accept", RESPONSE);
            let post = post.body(json!({ "query": document }).to_string()).send().await;
            let status = post.unwrap_or_else(|error| panic!("{shape} {levels}: {error}")).status();
            assert!([400, 413].contains(&status.as_u16()), "{shape} {levels}: {status}");
            let get: String = form_urlencoded::byte_serialize(document.as_bytes()).collect();
            if get.len() < LONGEST_URL {
                let get = client.get(format!("{url}?query={get}")).header("accept", RESPONSE).send().await;
                let status = get.unwrap_or_else(|error| panic!("GET {shape} {levels}: {error}")).status();
                assert!([400, 414, 431].contains(&status.as_u16()), "GET {shape} {levels}: {status}");
            }
            answers += 1;
        }
        for body in variables(levels) {
            let value = body.split_once("\"variables\":").expect("variables").1.trim_end_matches('}');
            let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            if value.len() < LONGEST_URL {
                let get = client.get(format!("{url}?query=%7B__typename%7D&variables={value}")).send().await;
                let status = get.unwrap_or_else(|error| panic!("GET variables {levels}: {error}")).status();
                assert!([400, 414, 431].contains(&status.as_u16()), "GET variables {levels}: {status}");
            }
            let post = client.post(&url).header("content-type", "application/json").body(body).send().await;
            let status = post.unwrap_or_else(|error| panic!("variables {levels}: {error}")).status();
            assert!([400, 413].contains(&status.as_u16()), "variables {levels}: {status}");
            answers += 1;
        }
    }
    assert_eq!(answers, 159 * 9);
    assert!(server.is_alive());
    assert_eq!(server.film(1).await["name"], "Frozen");
}

/// The same over a socket, which goes on: in the document, in its variables, and in what is said before any operation.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_answers_each_time_too() {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(
        folder.path(),
        &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")],
    );
    let mut socket = Socket::ready(server.address()).await;
    let mut answers = 0;
    for levels in (100..=8_000).step_by(50) {
        for (shape, document) in documents(levels) {
            socket.subscribe("it", &document).await;
            let error = socket.hear().await;
            assert_eq!(error["type"], "error", "{shape} {levels}: {error}");
            answers += 1;
        }
        for body in variables(levels) {
            let message = format!("{{\"type\":\"subscribe\",\"id\":\"it\",\"payload\":{body}}}");
            socket.send(Message::Text(message.into())).await;
            let error = socket.hear().await;
            assert_eq!(error["payload"][0]["extensions"]["code"], "DOCUMENT_TOO_LARGE", "{levels}: {error}");
            answers += 1;
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let value = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            let init = format!("{{\"type\":\"connection_init\",\"payload\":{{\"a\":{value}}}}}");
            let mut newcomer = Socket::open(server.address()).await;
            newcomer.send(Message::Text(init.into())).await;
            assert_eq!(newcomer.end().await.expect("a code").0, 4400, "{levels}");
            answers += 1;
        }
    }
    assert_eq!(answers, 159 * 11);
    assert!(server.is_alive());
    assert_eq!(socket.ask("{ film(id: 1) { name } }").await["payload"]["data"]["film"]["name"], "Frozen");
}
