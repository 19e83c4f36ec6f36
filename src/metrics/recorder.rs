//! Where measurements are kept, and how they are told.

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_process::Collector;

use super::table::{ALL, Kind, Metric};

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

const METADATA: Metadata<'static> = Metadata::new("filmgate", Level::INFO, None);

/// All measurements of a process. Not the global recorder of the crate: each app has its own.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    process: Collector,
}

impl Metrics {
    /// Nothing is measured yet.
    ///
    /// # Panics
    /// If a histogram of the table has no bounds.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "to measure is a decision, and takes a moment: it tunes a clock"
    )]
    #[expect(clippy::expect_used, reason = "the table is our own")]
    pub fn new() -> Self {
        let mut builder = PrometheusBuilder::new();
        for metric in ALL {
            if let Kind::Histogram(bounds) = metric.kind {
                let name = Matcher::Full(metric.name.to_owned());
                builder = builder.set_buckets_for_metric(name, bounds).expect("bounds");
            }
        }
        let recorder = builder.build_recorder();
        for metric in ALL {
            let (name, meaning) = (metric.name.into(), metric.meaning.into());
            match metric.kind {
                Kind::Counter => recorder.describe_counter(name, None, meaning),
                Kind::Gauge => recorder.describe_gauge(name, None, meaning),
                Kind::Histogram(_) => recorder.describe_histogram(name, None, meaning),
            }
        }
        Self { handle: recorder.handle(), recorder, process: Collector::default() }
    }

    /// The handle of a counter with these values of its labels.
    pub fn counter(&self, metric: &Metric, values: &[&'static str]) -> Counter {
        self.recorder.register_counter(&key(metric, values), &METADATA)
    }

    /// The handle of a gauge with these values of its labels.
    pub fn gauge(&self, metric: &Metric, values: &[&'static str]) -> Gauge {
        self.recorder.register_gauge(&key(metric, values), &METADATA)
    }

    /// The handle of a histogram with these values of its labels.
    pub fn histogram(&self, metric: &Metric, values: &[&'static str]) -> Histogram {
        self.recorder.register_histogram(&key(metric, values), &METADATA)
    }

    /// All of it in Prometheus's text format, with what the system knows of this process.
    #[must_use]
    pub fn text(&self) -> String {
        metrics::with_local_recorder(&self.recorder, || self.process.collect());
        self.handle.render()
    }

    /// Sorts what histograms were given into their buckets: it takes room until then. To be called every few seconds.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }
}

fn key(metric: &Metric, values: &[&'static str]) -> Key {
    debug_assert_eq!(metric.labels.len(), values.len(), "{metric:?}");
    let labels = metric.labels.iter().zip(values).map(|(label, value)| Label::new(*label, *value));
    Key::from_parts(metric.name, labels.collect::<Vec<_>>())
}
