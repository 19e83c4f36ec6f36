//! Each limit of `[graphql]`, and `http.max_body`: N passes, N + 1 is refused before anything runs or is charged, over
//! every transport.

use axum::http::Method;
use filmgate::config::Config;
use rstest::rstest;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Live, Socket, Wire};

const LIMITS: &str = "film=50/day; add_film=50/day; browse=50/day; flood=1000/day";
const TOO_LARGE: &str = "DOCUMENT_TOO_LARGE";

struct Limit {
    name: &'static str,
    change: fn(&mut Config),
    passes: String,
    refused: String,
    code: &'static str,
}

fn limit(name: &'static str, change: fn(&mut Config), passes: &str, refused: &str) -> Limit {
    Limit { name, change, passes: passes.to_owned(), refused: refused.to_owned(), code: TOO_LARGE }
}

/// Mutations where there can be one, so that whatever runs shows.
fn limits() -> Vec<Limit> {
    vec![
        limit(
            "nesting",
            |c| c.graphql.max_nesting = 3,
            "mutation{like(id:1){id ...{id}}}",
            "mutation{like(id:1){id ...{id ...{id}}}}",
        ),
        limit(
            "tokens",
            |c| c.graphql.max_tokens = 12,
            "mutation{like(id:1){id}}",
            "mutation{like(id:1){id name}}",
        ),
        limit(
            "name",
            |_| {},
            &format!("mutation{{{}:like(id:1){{id}}}}", "a".repeat(256)),
            &format!("mutation{{{}:like(id:1){{id}}}}", "a".repeat(257)),
        ),
        limit("depth", |c| c.graphql.max_depth = 2, "mutation{like(id:1){id}}", "{films{edges{cursor}}}"),
        limit(
            "fields",
            |c| c.graphql.max_fields = 4,
            "mutation{like(id:1){id ...F}} fragment F on Film{name}",
            "mutation{like(id:1){id ...F}} fragment F on Film{name year}",
        ),
        limit(
            "aliases",
            |c| c.graphql.max_aliases = 2,
            "mutation{a:like(id:1){...F}} fragment F on Film{b:id}",
            "mutation{a:like(id:1){...F ...F}} fragment F on Film{b:id}",
        ),
        limit(
            "directives",
            |c| c.graphql.max_directives = 1,
            "mutation{like(id:1)@skip(if:false){id}}",
            "mutation{like(id:1)@skip(if:false){id@skip(if:false)}}",
        ),
        Limit {
            code: "INVALID_INPUT",
            ..limit(
                "page",
                |c| c.graphql.max_page = 3,
                "{films(first:3){edges{cursor}}}",
                "{films(first:4){edges{cursor}}}",
            )
        },
    ]
}

/// What a transport tells of a document: the code of its first error, or nothing.
async fn ask(live: &Live, transport: &str, document: &str) -> String {
    let body = json!({ "query": document });
    let (kind, accept) = (("content-type", "application/json"), "application/graphql-response+json");
    let code = |answer: &Value| {
        answer.pointer("/errors/0/extensions/code").and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    match transport {
        "post" => live.app.post("/graphql", body).await.code(),
        "get" => {
            let query: String = form_urlencoded::byte_serialize(document.as_bytes()).collect();
            live.app
                .call(Method::GET, &format!("/graphql?query={query}"), &[("accept", accept)], None)
                .await
                .code()
        }
        // A neighbour that is fine does not run either.
        "batch" => {
            let vote = json!({"query": "mutation { dislike(id: 2) { id } }"});
            let answer = live.app.post("/graphql", json!([vote, body])).await.json();
            if answer.is_array() { code(&answer[1]) } else { code(&answer) }
        }
        "sse" => {
            let headers = [kind, ("accept", "text/event-stream")];
            let answer = live.app.call(Method::POST, "/graphql", &headers, Some(body.to_string())).await;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let data = text.lines().find_map(|line| line.strip_prefix("data:")).unwrap_or(&text);
            code(&serde_json::from_str(data.trim()).expect("JSON"))
        }
        _ => {
            let mut socket = Socket::ready(live.address).await;
            let message = socket.ask(document).await;
            match message["type"].as_str() {
                Some("error") => code(&json!({ "errors": message["payload"] })),
                _ => code(&message["payload"]),
            }
        }
    }
}

async fn votes(live: &Live) -> i64 {
    live.app.count("SELECT COUNT(*) FROM vote").await
}

/// What has been drawn from the quotas of a day, flood aside.
async fn drawn(live: &Live) -> u64 {
    let quotas = live.app.get("/v1/rate_limit").await.expect(200).json();
    let all = quotas["limits"].as_array().expect("quotas").iter().filter(|quota| quota["bucket"] != "flood");
    all.map(|quota| 50 - quota["remaining"].as_u64().expect("a number")).sum()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn n_passes_and_one_more_is_refused_before_anything_runs(
    #[values("post", "get", "batch", "sse", "socket")] transport: &str,
) {
    for Limit { name, change, passes, refused, code } in limits() {
        let live = Live::with(LIMITS, change).await;
        // A page that is too large is told by the field itself, which its price has been paid for; it changes nothing.
        let is_field = code == "INVALID_INPUT";
        let told = ask(&live, transport, &refused).await;
        assert_eq!(told, code, "{name} over {transport}");
        if !is_field {
            assert_eq!((votes(&live).await, drawn(&live).await), (0, 0), "{name} over {transport}");
        }
        let told = ask(&live, transport, &passes).await;
        // GET is for queries: that the mutation is refused only now shows that it is within the limit.
        let wanted =
            if transport == "get" && passes.starts_with("mutation") { "METHOD_NOT_ALLOWED" } else { "" };
        assert_eq!(told, wanted, "{name} over {transport}");
        let expected = i64::from(passes.starts_with("mutation") && transport != "get")
            + i64::from(transport == "batch") * if is_field { 2 } else { 1 };
        assert_eq!(votes(&live).await, expected, "{name} over {transport}");
    }
}

/// An answer tells an alias again and again: it is bounded by what one pays who asks, which is nothing but `flood`.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_free_is_small() {
    let live = Live::with(LIMITS, |_| {}).await;
    for length in [256, 257, 50_000] {
        let fields = format!("fragment F on RateLimitWindow {{ {}: name }}", "a".repeat(length));
        let roots: String = (0..49).map(|n| format!("a{n}: rateLimit {{ limits {{ ...F }} }} ")).collect();
        let answer = live.app.post("/graphql", json!({"query": format!("{{ {roots} }} {fields}")})).await;
        assert!(answer.body.len() < 256 * 1024, "{length}: {} bytes", answer.body.len());
        assert_eq!(answer.code(), if length > 256 { TOO_LARGE } else { "" });
    }
}

/// Also in variables, which are JSON and not a document.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_nests_no_deeper_than_a_document() {
    let live = Live::with(LIMITS, |config| config.graphql.max_nesting = 4).await;
    let body = |value: Value| json!({"query": "mutation($id: ID!) { like(id: $id) { id } }", "variables": {"id": value}});
    let vote = |value: Value| live.app.post("/graphql", body(value));
    assert_eq!(vote(json!([[1]])).await.code(), "GRAPHQL_VALIDATION_FAILED", "within the limit");
    assert_eq!(vote(json!([[[1]]])).await.expect(400).code(), TOO_LARGE);
    let mut socket = Socket::ready(live.address).await;
    for (value, code) in [(json!([[1]]), "GRAPHQL_VALIDATION_FAILED"), (json!([[[1]]]), TOO_LARGE)] {
        socket.say(json!({"id": "1", "type": "subscribe", "payload": body(value)})).await;
        assert_eq!(socket.hear().await["payload"][0]["extensions"]["code"], code);
    }
    assert_eq!((votes(&live).await, drawn(&live).await), (0, 0));
}

/// Fragments within fragments nest as deep as what is written in one piece, introspection too.
#[tokio::test(flavor = "multi_thread")]
async fn introspection_by_fragments_nests_no_deeper() {
    let live = Live::with(LIMITS, |_| {}).await;
    for (levels, code) in [(31, ""), (32, TOO_LARGE), (90, TOO_LARGE)] {
        // The root and the name are two.
        let fragments: String = (0..levels - 1)
            .map(|n| format!(" fragment F{n} on __Type {{ ofType {{ ...F{} }} }}", n + 1))
            .collect();
        let query = format!(
            "{{ __type(name: \"Film\") {{ ...F0 }} }}{fragments} fragment F{} on __Type {{ name }}",
            levels - 1
        );
        let answer = live.app.post("/graphql", json!({ "query": query })).await;
        assert_eq!(answer.code(), code, "{levels}: {}", answer.json());
    }
}

/// Small as they are, each is memory of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_so_many_lists_and_objects_and_no_more() {
    let live = Live::with(LIMITS, |_| {}).await;
    // The request, its variables and the list are three.
    for (count, code) in [(4_000 - 3, ""), (4_000 - 2, TOO_LARGE)] {
        let objects: Vec<Value> = vec![json!({}); count];
        let body = json!({"query": "{ __typename }", "variables": {"unused": objects}});
        assert_eq!(live.app.post("/graphql", body.clone()).await.code(), code, "{count}");
        let mut socket = Socket::ready(live.address).await;
        socket.say(json!({"id": "1", "type": "subscribe", "payload": body})).await;
        let heard = socket.hear().await;
        assert_eq!(heard["payload"][0]["extensions"]["code"].as_str().unwrap_or_default(), code, "{heard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_so_many_requests_and_no_more() {
    let live = Live::with(LIMITS, |config| config.graphql.max_batch = 2).await;
    let vote = json!({"query": "mutation { like(id: 1) { id } }"});
    let answer = live.app.post("/graphql", json!([vote, vote, vote])).await.expect(400);
    assert_eq!(answer.code(), TOO_LARGE);
    assert_eq!((votes(&live).await, drawn(&live).await), (0, 0));
    live.app.post("/graphql", json!([vote, vote])).await.expect(200);
    assert_eq!(votes(&live).await, 2);
}

/// Errors are capped rather than refused: what they tell of has been found out already.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_so_many_errors_and_says_how_many_more(
    #[values("post", "batch", "sse", "socket")] transport: &str,
) {
    let live = Live::with("", |config| config.graphql.max_errors = 2).await;
    let kind = ("content-type", "application/json");
    for (count, shown) in [(2, 2), (3, 3), (9, 3)] {
        let likes: String = (0..count).map(|n| format!("a{n}: like(id: 9999) {{ id }} ")).collect();
        let body = json!({"query": format!("mutation {{ {likes} }}")});
        let answer = match transport {
            "post" => live.app.post("/graphql", body).await.json(),
            "batch" => live.app.post("/graphql", json!([body])).await.json()[0].clone(),
            "sse" => {
                let headers = [kind, ("accept", "text/event-stream")];
                let answer = live.app.call(Method::POST, "/graphql", &headers, Some(body.to_string())).await;
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                let data = text.lines().find_map(|line| line.strip_prefix("data:")).expect("data").to_owned();
                serde_json::from_str(&data).expect("JSON")
            }
            _ => {
                let mut socket = Socket::ready(live.address).await;
                socket.ask(body["query"].as_str().expect("a text")).await["payload"].clone()
            }
        };
        let errors = answer["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), shown, "{answer}");
        if count > 2 {
            assert_eq!(errors[2]["message"], format!("{} more errors are not shown.", count - 2));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_so_many_films_at_either_surface() {
    let live = Live::with("", |config| config.graphql.max_page = 3).await;
    live.app.get("/v1/films?first=3").await.expect(200);
    let answer = live.app.get("/v1/films?first=4").await;
    assert_eq!(answer.code(), "INVALID_INPUT");
    assert!(String::from_utf8_lossy(&answer.body).contains('3'), "it names the maximum");
}

/// The body of a request, and the message of a socket.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_so_many_bytes_at_either_surface() {
    const MOST: usize = 2_048;
    let live = Live::with(LIMITS, |config| config.http.max_body = MOST).await;
    let pad = |text: String, length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    let vote = json!({"query": "mutation { like(id: 1) { id } }"}).to_string();
    let film = json!({"name": "N", "studio": "S"}).to_string();
    for (path, body, code) in [
        ("/graphql", &vote, TOO_LARGE),
        ("/add_film", &film, "PAYLOAD_TOO_LARGE"),
        ("/v1/films", &film, "PAYLOAD_TOO_LARGE"),
    ] {
        let send = async |length| {
            let headers = [("content-type", "application/json")];
            live.app.call(Method::POST, path, &headers, Some(pad(body.clone(), length))).await
        };
        let before = (votes(&live).await, drawn(&live).await);
        let told = "The request body has more than 2048 bytes, and is not read.";
        let refused = send(MOST + 1).await.expect(413);
        assert_eq!(refused.code(), code, "{path}");
        assert!(String::from_utf8_lossy(&refused.body).contains(told), "{path}");
        // Without a length, it is known when it has come.
        let mut wire = Wire::connect(live.address).await;
        let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", MOST + 1, pad(body.clone(), MOST + 1));
        let header = "Host: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked";
        wire.send(format!("POST {path} HTTP/1.1\r\n{header}\r\n\r\n{chunk}").as_bytes()).await;
        let (status, _, refused) = wire.answer().await;
        assert!(status == 413 && refused.contains(code) && refused.contains(told), "{refused}");
        assert_eq!((votes(&live).await, drawn(&live).await), before, "{path}");
        assert!([200, 201, 409].contains(&send(MOST).await.status.as_u16()), "{path}");
    }
    let mut socket = Socket::ready(live.address).await;
    let message = json!({"id": "ask", "type": "subscribe", "payload": {"query": "{ film(id: 1) { name } }"}});
    socket.send(Message::Text(pad(message.to_string(), MOST).into())).await;
    assert_eq!(socket.hear().await["payload"]["data"]["film"]["name"], "Frozen");
    socket.hear().await;
    socket.send(Message::Text(pad(message.to_string(), MOST + 1).into())).await;
    assert_eq!(socket.end().await.expect("a code").0, 1009);
}
