//! Server-sent events, as a browser would read them.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(20);

/// The body of an event stream.
pub(crate) struct Events {
    body: Body,
    unread: String,
    /// Comments that came between the events.
    pub comments: usize,
}

/// One event.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    pub name: String,
    pub data: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).expect("JSON")
    }
}

impl Events {
    pub(crate) fn new(body: Body) -> Self {
        Self { body, unread: String::new(), comments: 0 }
    }

    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        timeout(LONG, self.read()).await.expect("an event in time")
    }

    /// Whether nothing is told for so long.
    pub(crate) async fn is_quiet_for(&mut self, time: Duration) -> bool {
        timeout(time, self.read()).await.is_err()
    }

    /// The data of the next event, which has this name.
    pub(crate) async fn data(&mut self, name: &str) -> Value {
        let told = self.next().await.expect("an event");
        assert_eq!(told.name, name, "{told:?}");
        told.json()
    }

    async fn read(&mut self) -> Option<Told> {
        loop {
            while let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                let field = |name: &str| {
                    let value =
                        |line: &str| line.strip_prefix(name).map(|value| value.trim_start().to_owned());
                    block.lines().find_map(value)
                };
                match field("event:") {
                    Some(name) => return Some(Told { name, data: field("data:").expect("data") }),
                    None => self.comments += 1,
                }
            }
            let frame = self.body.frame().await?.ok()?;
            self.unread += std::str::from_utf8(frame.data_ref().expect("data")).expect("a text");
        }
    }
}

/// A subscription with results so large that few of them fill every buffer on the way.
pub(crate) fn greedy() -> String {
    let names: String = (0..90).map(|number| format!("n{number}: name ")).collect();
    format!("subscription {{ filmVoted(id: 1) {{ {names} }} }}")
}

/// The same as a request over HTTP/1.1, for an event stream.
pub(crate) fn greedy_request() -> String {
    let body = json!({"query": greedy()}).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
