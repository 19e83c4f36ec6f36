//! How many requests there were, and how long they took.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics::{Counter, Histogram};

use super::recorder::Metrics;
use super::table::{REQUEST_DURATION, REQUESTS};

/// Every status that we answer with, in order, and 499 for a client that went away before there was one.
const STATUSES: [(u16, &str); 26] = [
    (101, "101"),
    (200, "200"),
    (201, "201"),
    (204, "204"),
    (303, "303"),
    (304, "304"),
    (308, "308"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (406, "406"),
    (408, "408"),
    (409, "409"),
    (412, "412"),
    (413, "413"),
    (414, "414"),
    (415, "415"),
    (422, "422"),
    (426, "426"),
    (429, "429"),
    (431, "431"),
    (499, "499"),
    (500, "500"),
    (503, "503"),
];
const OTHER: &str = "other";
/// Of a request that was refused before it was known what it asks, or asks for nothing that is priced.
const NO_OPERATION: &str = "none";

/// Counts requests that have ended, by operation, surface and status. Each handle is looked up when it is first wanted.
pub struct Requests {
    metrics: Arc<Metrics>,
    /// Names of operations, the one for none first; and of surfaces.
    operations: Vec<&'static str>,
    surfaces: Vec<&'static str>,
    /// By operation, and then by surface.
    rows: Vec<Row>,
}

#[derive(Default)]
struct Row {
    duration: OnceLock<Histogram>,
    by_status: [OnceLock<Counter>; STATUSES.len() + 1],
}

impl Requests {
    /// Nobody has asked yet.
    #[must_use]
    pub fn new(
        metrics: Arc<Metrics>,
        operations: impl Iterator<Item = &'static str>,
        surfaces: impl Iterator<Item = &'static str>,
    ) -> Self {
        let operations: Vec<_> = [NO_OPERATION].into_iter().chain(operations).collect();
        let surfaces: Vec<_> = surfaces.collect();
        let rows = (0..operations.len() * surfaces.len()).map(|_| Row::default()).collect();
        Self { metrics, operations, surfaces, rows }
    }

    /// Notes one. A name that nobody knows is no operation.
    pub fn note(&self, operation: Option<&str>, surface: &str, status: u16, took: Duration) {
        let place = |names: &[&str], wanted: &str| names.iter().position(|name| *name == wanted);
        let operation = operation.and_then(|name| place(&self.operations, name)).unwrap_or_default();
        let surface = place(&self.surfaces, surface).unwrap_or_default();
        let row = &self.rows[operation * self.surfaces.len() + surface];
        let names = [self.operations[operation], self.surfaces[surface]];
        let duration = || self.metrics.histogram(REQUEST_DURATION, &names);
        row.duration.get_or_init(duration).record(took.as_secs_f64());
        let status = STATUSES.binary_search_by_key(&status, |(status, _)| *status).unwrap_or(STATUSES.len());
        let counter = || {
            let status = STATUSES.get(status).map_or(OTHER, |(_, text)| text);
            self.metrics.counter(REQUESTS, &[names[0], names[1], status])
        };
        row.by_status[status].get_or_init(counter).increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_request_has_a_series_and_what_nobody_knows_has_one_too() {
        assert!(STATUSES.is_sorted());
        let requests = Requests::new(
            Arc::new(Metrics::new()),
            ["film", "like"].into_iter(),
            ["rest", "graphql"].into_iter(),
        );
        let took = Duration::from_millis(3);
        for _ in 0..3 {
            requests.note(Some("like"), "graphql", 200, took);
        }
        requests.note(None, "rest", 404, took);
        requests.note(Some("made up"), "rest", 599, took);
        let text = requests.metrics.text();
        for line in [
            r#"filmgate_requests_total{operation="like",surface="graphql",status="200"} 3"#,
            r#"filmgate_requests_total{operation="none",surface="rest",status="404"} 1"#,
            r#"filmgate_requests_total{operation="none",surface="rest",status="other"} 1"#,
            r#"filmgate_request_duration_seconds_bucket{operation="like",surface="graphql",le="0.0025"} 0"#,
            r#"filmgate_request_duration_seconds_bucket{operation="like",surface="graphql",le="0.005"} 3"#,
            r#"filmgate_request_duration_seconds_count{operation="none",surface="rest"} 2"#,
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
        assert_eq!(text.lines().filter(|line| line.starts_with("filmgate_requests_total{")).count(), 3);
    }
}
