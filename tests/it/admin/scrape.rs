//! What a server tells of itself, read as Prometheus reads it.

use std::collections::BTreeMap;

use crate::support::Server;

/// Asks for a second listener on a port that the system chooses.
pub(super) const ON: (&str, &str) = ("FILMGATE_ADMIN__LISTEN", "0");

/// One scrape.
pub(super) struct Scrape {
    pub text: String,
    /// Every sample: its name, its labels, and its value.
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

/// Where the metrics of a server are, as it says at its start.
pub(super) fn address(server: &Server) -> String {
    let words = server.greeting.split_whitespace();
    words.into_iter().find(|word| word.ends_with("/metrics")).expect("an address").to_owned()
}

impl Scrape {
    pub(super) async fn of(server: &Server) -> Self {
        let answer = reqwest::get(address(server)).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        Self::read(answer.text().await.expect("a text"))
    }

    pub(super) fn read(text: String) -> Self {
        let samples = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let labels = labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty());
            let labels = labels.map(|label| {
                let (label, value) = label.split_once('=').expect("a label");
                (label.to_owned(), value.trim_matches('"').to_owned())
            });
            (name.to_owned(), labels.collect(), value.parse().expect(line))
        });
        Self { samples: samples.collect(), text }
    }

    /// Every series of a metric, with its labels.
    pub(super) fn series(&self, name: &str) -> impl Iterator<Item = (&BTreeMap<String, String>, f64)> {
        self.samples.iter().filter(move |sample| sample.0 == name).map(|(_, labels, value)| (labels, *value))
    }

    /// The sum of the series that have these labels; `None` where there is none.
    pub(super) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |own: &BTreeMap<String, String>| {
            labels.iter().all(|(label, value)| own.get(*label).is_some_and(|own| own == value))
        };
        self.series(name)
            .filter(|(own, _)| fits(own))
            .map(|(_, value)| value)
            .reduce(|sum, value| sum + value)
    }

    /// What kinds of metric there are, by name.
    pub(super) fn kinds(&self) -> BTreeMap<&str, &str> {
        self.text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
    }
}
