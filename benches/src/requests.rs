//! The requests that are measured.

/// A call without a body.
pub(crate) fn call(method: &str, path: &str) -> String {
    let length = if method == "POST" { "Content-Length: 0\r\n" } else { "" };
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n")
}

/// A GraphQL request.
pub(crate) fn graphql(document: &str, variables: &str) -> String {
    let body = format!(r#"{{"query":{},"variables":{variables}}}"#, serde_json::Value::from(document));
    post("/graphql", &body)
}

/// A call with a body of JSON.
pub(crate) fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

pub(crate) const RANDOM_FILM: &str = "{ randomFilm { id name studio } }";

pub(crate) fn hot() -> String {
    graphql(RANDOM_FILM, "{}")
}

/// The same document under a name that was not seen before.
pub(crate) fn first_seen(number: usize) -> String {
    graphql(&format!("query N{number:06} {RANDOM_FILM}"), "{}")
}

pub(crate) fn variable() -> String {
    graphql("query($i:ID!){film(id:$i){id name studio}}", r#"{"i":"7"}"#)
}

pub(crate) fn page() -> String {
    graphql("{films(first:5){edges{node{id name studio year genres likes dislikes}}}}", "{}")
}

pub(crate) fn graphql_like() -> String {
    graphql("mutation { like(id: 7) { id name likes } }", "{}")
}

pub(crate) fn like() -> String {
    call("POST", "/v1/films/7/like")
}
