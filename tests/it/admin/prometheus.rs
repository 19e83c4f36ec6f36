//! A real Prometheus reads it, and finds nothing wrong with it.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::scrape::{ON, Scrape, address};
use crate::support::{Server, skip};

fn is_installed(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&paths).any(|folder| folder.join(program).exists());
    if !is_there {
        skip(&format!("{program} is not installed"));
    }
    is_there
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_finds_nothing_wrong() {
    if !is_installed("promtool") {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[ON]);
    assert_eq!(reqwest::get(format!("{}/?like=1", server.url)).await.expect("an answer").status(), 200);
    let file = folder.path().join("metrics.txt");
    std::fs::write(&file, Scrape::of(&server).await.text).expect("a file");
    let input = std::fs::File::open(file).expect("a file");
    let output =
        Command::new("promtool").args(["check", "metrics"]).stdin(input).output().expect("promtool runs");
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).expect("text")).concat();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// Ends with the test.
struct Prometheus {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Prometheus {
    fn start(target: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let config = format!(
            "scrape_configs:\n- job_name: filmgate\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  static_configs:\n  - targets: ['{target}']\n"
        );
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).expect("a file");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={free}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus runs");
        Self { child, url: format!("http://{free}"), _folder: folder }
    }

    /// What a query finds: each series with its labels and its value; nothing while it does not answer.
    async fn query(&self, query: &str) -> Vec<(Value, String)> {
        let url = reqwest::Url::parse_with_params(&format!("{}/api/v1/query", self.url), [("query", query)]);
        let Ok(answer) = reqwest::get(url.expect("a URL")).await else { return Vec::new() };
        let Ok(answer) = answer.json::<Value>().await else { return Vec::new() };
        let found = answer["data"]["result"].as_array().cloned().unwrap_or_default();
        let series = |found: Value| {
            (found["metric"].clone(), found["value"][1].as_str().unwrap_or_default().to_owned())
        };
        found.into_iter().map(series).collect()
    }

    async fn until(&self, query: &str, value: &str) -> Value {
        for _ in 0..300 {
            let found = self.query(query).await;
            if let [(labels, told)] = &*found
                && told == value
            {
                return labels.clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{query} never was {value}: {:?}", self.query(query).await);
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_reads_every_count() {
    if !is_installed("prometheus") {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[ON, ("FILMGATE_LIMITS__ENABLED", "false")]);
    let url = address(&server);
    let target = url.trim_start_matches("http://").trim_end_matches("/metrics");
    let prometheus = Prometheus::start(target);
    prometheus.until("up{job=\"filmgate\"}", "1").await;
    for _ in 0..50 {
        assert_eq!(reqwest::get(format!("{}/?like=1", server.url)).await.expect("an answer").status(), 200);
        assert_eq!(
            reqwest::get(format!("{}/v1/films/0", server.url)).await.expect("an answer").status(),
            404
        );
    }
    let labels = prometheus.until("filmgate_requests_total{operation=\"like\"}", "50").await;
    assert_eq!((&labels["surface"], &labels["status"]), (&"rest".into(), &"200".into()));
    prometheus.until("sum(filmgate_requests_total)", "100").await;
    prometheus.until("filmgate_vote_group_calls_sum", "50").await;
    prometheus.until("filmgate_request_duration_seconds_bucket{operation=\"film\",le=\"+Inf\"}", "50").await;
    let quantile =
        "histogram_quantile(0.5, sum by (le) (filmgate_request_duration_seconds_bucket)) < bool 10";
    prometheus.until(quantile, "1").await;
    prometheus.until("count(filmgate_build_info)", "1").await;
    // Nothing of a scrape was left out.
    prometheus.until("scrape_samples_scraped - scrape_samples_post_metric_relabeling", "0").await;
    assert_eq!(prometheus.query("prometheus_target_scrapes_sample_out_of_order_total > 0").await, []);
}
