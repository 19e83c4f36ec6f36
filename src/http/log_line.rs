//! One line for every request, and for every operation over a WebSocket, whatever becomes of it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use opentelemetry::KeyValue;

use crate::http::context::{Context, Record};
use crate::metrics::Requests;
use crate::service::accounts::AccountService;
use crate::telemetry::{Steps, Trace, Tracer, plain};

/// Characters of one field; a longer one is cut.
const LONGEST: usize = 200;
/// In the place of a status when the client went away before there was one.
const ABORTED: u16 = 499;
/// How a trace of no operation is called: of a refusal before it is known what is asked, of a page, of a path that leads nowhere.
const NO_OPERATION: &str = "none";

/// Who is told of each request besides the log.
#[derive(Clone, Default)]
pub struct Observers {
    /// What counts requests, where somebody measures.
    pub requests: Option<Arc<Requests>>,
    /// What makes traces, where somebody collects them.
    pub tracer: Option<Arc<Tracer>>,
}

/// A line that is written when it is finished or dropped: a request whose client goes away is dropped.
pub struct Line {
    context: Arc<Context>,
    method: Method,
    uri: Uri,
    started: Instant,
    written: bool,
    requests: Option<Arc<Requests>>,
    /// Boxed: most requests have none.
    trace: Option<Box<Trace>>,
}

impl Line {
    /// Of a request.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a duration for the log; nothing is decided by it")]
    pub fn begin(
        method: Method,
        uri: Uri,
        context: Arc<Context>,
        headers: &HeaderMap,
        observers: &Observers,
    ) -> Self {
        // Not where a proxy is believed of the client: it passes on what its client says of traces.
        let trace =
            observers.tracer.as_ref().map(|tracer| Box::new(tracer.begin(headers, context.client.is_local)));
        let requests = observers.requests.clone();
        Self { context, method, uri, started: Instant::now(), written: false, requests, trace }
    }

    /// Of one operation over a WebSocket.
    #[must_use]
    pub fn of_operation(context: Arc<Context>, observers: &Observers) -> Self {
        // As its message is called.
        let method = Method::from_bytes(b"SUBSCRIBE").unwrap_or_default();
        Self::begin(method, Uri::from_static("/graphql"), context, &HeaderMap::new(), observers)
    }

    /// Where the steps of the request are noted, if it has a trace.
    #[must_use]
    pub fn steps(&self) -> Option<Arc<Steps>> {
        self.trace.as_deref().map(Trace::steps)
    }

    /// Writes it. Once: it is not written again when it is dropped.
    pub fn finish(&mut self, status: StatusCode) {
        self.write(status.as_u16());
    }

    fn write(&mut self, status: u16) {
        self.written = true;
        let record = self.context.record();
        if let Some(requests) = &self.requests {
            requests.note(record.action, self.context.surface.name(), status, self.started.elapsed());
        }
        let trace_id = self.trace.as_deref().and_then(Trace::id);
        let charged = self.context.charged();
        let outcome = match (record.outcome, status) {
            (_, ABORTED) => "ABORTED",
            (Some(code), _) => code,
            (None, _) => "ok",
        };
        tracing::info!(
            target: "filmgate::request",
            request_id = self.context.request_id.to_str().unwrap_or_default(),
            method = &*plain(self.method.as_str(), LONGEST),
            // Without the query: it is where secrets are put by mistake.
            path = &*plain(&masked(self.uri.path()), LONGEST),
            status,
            duration_ms = rounded(self.started.elapsed()),
            client = &*text_of(self.context.client.address),
            surface = self.context.surface.name(),
            actor = record.actor.as_deref().map(|name| plain(name, LONGEST)).as_deref(),
            action = record.action,
            film_id = record.film_id,
            outcome,
            operation = record.operation.as_deref().map(|name| plain(name, LONGEST)).as_deref(),
            root_fields = record.root_fields.as_deref().map(|names| plain(names, LONGEST)).as_deref(),
            charges = (!charged.is_free()).then(|| charged.text()).as_deref(),
            trace_id = trace_id.as_deref(),
        );
        if let Some(trace) = self.trace.take() {
            let name = record.action.unwrap_or(NO_OPERATION);
            trace.finish(name, record.action, self.attributes(status, outcome, &record), status >= 500);
        }
    }

    /// By the names that OpenTelemetry has for them, where it has one.
    fn attributes(&self, status: u16, outcome: &'static str, record: &Record) -> Vec<KeyValue> {
        let operation = record.operation.as_deref().map(|name| plain(name, LONGEST).into_owned());
        let mut attributes = vec![
            KeyValue::new("http.request.method", plain(self.method.as_str(), LONGEST).into_owned()),
            KeyValue::new("url.path", plain(&masked(self.uri.path()), LONGEST).into_owned()),
            KeyValue::new("http.response.status_code", i64::from(status)),
            KeyValue::new("client.address", text_of(self.context.client.address)),
            KeyValue::new(
                "filmgate.request_id",
                self.context.request_id.to_str().unwrap_or_default().to_owned(),
            ),
            KeyValue::new("filmgate.surface", self.context.surface.name()),
            KeyValue::new("filmgate.outcome", outcome),
        ];
        attributes.extend(record.film_id.map(|id| KeyValue::new("filmgate.film_id", id)));
        attributes.extend(operation.map(|name| KeyValue::new("graphql.operation.name", name)));
        attributes
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.written {
            self.write(ABORTED);
        }
    }
}

/// As `Display` writes it; the many that are IPv4 without the machinery of formatting, since each line has one.
fn text_of(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else { return address.to_string() };
    let mut text = String::with_capacity("255.255.255.255".len());
    for (place, octet) in address.octets().into_iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        text.push_str(itoa::Buffer::new().format(octet));
    }
    text
}

/// Without what has the form of a token or a key: it may stand where an id belongs.
fn masked(path: &str) -> Cow<'_, str> {
    if !path.split('/').any(AccountService::is_ours) {
        return Cow::Borrowed(path);
    }
    let parts = path.split('/').map(|part| if AccountService::is_ours(part) { "***" } else { part });
    Cow::Owned(parts.collect::<Vec<_>>().join("/"))
}

/// Milliseconds, to the microsecond.
fn rounded(time: Duration) -> f64 {
    const MICROS: f64 = 1_000_000.0;
    (time.as_secs_f64() * MICROS).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_everywhere() {
        for text in ["0.0.0.0", "127.0.0.1", "255.255.255.255", "2001:db8::1"] {
            assert_eq!(text_of(text.parse().expect("an address")), text);
        }
    }

    #[test]
    fn a_credential_in_the_place_of_an_id_is_masked() {
        assert_eq!(masked("/v1/keys/fg_abc/x"), "/v1/keys/***/x");
        assert_eq!(masked("/fgs_abc"), "/***");
        assert_eq!(masked("/v1/films/1"), "/v1/films/1");
    }
}
