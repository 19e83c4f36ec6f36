//! Traces by OpenTelemetry: a span for each request that is sampled, and one for each of its steps.
//!
//! Spans are made when their request ends, so that what is on its way pays for nothing but the two times of a step.

use std::borrow::Cow;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{
    Link, Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _,
    TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, Span};

use crate::config::Traces;

/// Steps of one request that are told; a page of a list has a few.
const MOST_STEPS: usize = 32;
const TRACESTATE: &str = "tracestate";
/// Bytes of `tracestate` that are passed on: as many as W3C wants; a longer one is left out.
const LONGEST_STATE: usize = 512;

/// Makes traces, and sends them to a collector in the background.
#[derive(Debug)]
pub struct Tracer {
    provider: SdkTracerProvider,
    spans: SdkTracer,
    /// Whether the trace of every caller is gone on with.
    trusts_all: bool,
}

impl Tracer {
    /// What was asked for; `None` where no collector is named. What the exporter reads from the environment by itself
    /// (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_RESOURCE_ATTRIBUTES`, ...) is as OpenTelemetry says.
    ///
    /// # Errors
    /// None once the configuration was checked.
    pub fn new(settings: &Traces) -> Result<Option<Self>, Box<dyn Error + Send + Sync>> {
        let Some(endpoint) = &settings.endpoint else { return Ok(None) };
        let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", env!("CARGO_PKG_NAME")),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .with_detector(Box::new(EnvResourceDetector::new()))
            .build();
        let by_ratio = Sampler::TraceIdRatioBased(settings.sample_ratio);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(by_ratio)))
            .with_resource(resource)
            .build();
        let spans = provider.tracer(env!("CARGO_PKG_NAME"));
        Ok(Some(Self { provider, spans, trusts_all: settings.trust_all }))
    }

    /// The trace of a request. The one that its header `traceparent` names is gone on with where its sender is trusted;
    /// otherwise a new one links to it, or anybody could have each of their requests sampled.
    pub fn begin(self: &Arc<Self>, headers: &HeaderMap, is_trusted: bool) -> Trace {
        let given = TraceContextPropagator::new().extract_with_context(&Context::new(), &Carrier(headers));
        let mut span = SpanBuilder::from_name("").with_kind(SpanKind::Server);
        let parent = if is_trusted || self.trusts_all {
            given
        } else {
            let theirs = given.span().span_context().clone();
            span.links = theirs.is_valid().then(|| vec![Link::with_context(theirs)]);
            Context::new()
        };
        let span = self.spans.build_with_context(span, &parent);
        let steps = Arc::new(Steps {
            parent: span.span_context().clone(),
            taken: span.is_recording().then(Mutex::default),
        });
        Trace { tracer: Arc::clone(self), span, steps }
    }

    /// Sends what is left, and waits so long for it. Blocks.
    pub fn end(&self, patience: Duration) {
        if let Err(error) = self.provider.shutdown_with_timeout(patience) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Reads headers. Of one that is there twice, the first: as OpenTelemetry's own readers do.
struct Carrier<'a>(&'a HeaderMap);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let value = self.0.get(key)?.to_str().ok()?;
        (key != TRACESTATE || value.len() <= LONGEST_STATE).then_some(value)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

/// The trace of one request, from its beginning to its end.
#[derive(Debug)]
pub struct Trace {
    tracer: Arc<Tracer>,
    span: Span,
    steps: Arc<Steps>,
}

impl Trace {
    /// Where the steps of its work are noted.
    #[must_use]
    pub fn steps(&self) -> Arc<Steps> {
        Arc::clone(&self.steps)
    }

    /// Its id, where it is sampled: by this it is found from the log.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.span.is_recording().then(|| self.steps.parent.trace_id().to_string())
    }

    /// Ends it. `attributes` are those of the request; `operation` is what its steps are told by too.
    pub fn finish(
        mut self,
        name: impl Into<Cow<'static, str>>,
        operation: Option<&'static str>,
        attributes: impl IntoIterator<Item = KeyValue>,
        failed: bool,
    ) {
        let Some(taken) = &self.steps.taken else { return };
        let parent = Context::new().with_remote_span_context(self.steps.parent.clone());
        let named = |attributes: &mut Vec<KeyValue>| {
            attributes.extend(operation.map(|name| KeyValue::new("filmgate.operation", name)));
        };
        for Step { name, began, ended } in taken.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let mut attributes = Vec::new();
            named(&mut attributes);
            let step = SpanBuilder::from_name(name)
                .with_kind(SpanKind::Client)
                .with_start_time(began)
                .with_attributes(attributes);
            self.tracer.spans.build_with_context(step, &parent).end_with_timestamp(ended);
        }
        let mut own: Vec<_> = attributes.into_iter().collect();
        named(&mut own);
        self.span.update_name(name.into());
        self.span.set_attributes(own);
        if failed {
            self.span.set_status(Status::error(""));
        }
        self.span.end();
    }
}

/// What the work for a request notes on its way.
#[derive(Debug)]
pub struct Steps {
    /// The span of the request.
    parent: SpanContext,
    /// Not set where the request is not sampled.
    taken: Option<Mutex<Vec<Step>>>,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    began: SystemTime,
    ended: SystemTime,
}

impl Steps {
    /// Begins one, which ends when it is dropped.
    pub(super) fn begin(self: &Arc<Self>, name: &'static str) -> Option<Begun> {
        self.taken.as_ref()?;
        Some(Begun { steps: Arc::clone(self), name, began: now() })
    }

    /// The header `traceparent` for what is asked of others on the way.
    pub(super) fn traceparent(&self) -> Option<HeaderValue> {
        let (trace, span) = (self.parent.trace_id(), self.parent.span_id());
        let flags = self.parent.trace_flags().to_u8();
        HeaderValue::try_from(format!("00-{trace}-{span}-{flags:02x}")).ok()
    }
}

/// A step that has begun.
pub(super) struct Begun {
    steps: Arc<Steps>,
    name: &'static str,
    began: SystemTime,
}

impl Drop for Begun {
    fn drop(&mut self) {
        let Some(taken) = &self.steps.taken else { return };
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() < MOST_STEPS {
            taken.push(Step { name: self.name, began: self.began, ended: now() });
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a time for whoever reads the trace; nothing is decided by it")]
fn now() -> SystemTime {
    SystemTime::now()
}
