//! Traces, as a real collector gets them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Server, Socket, skip};

/// Rotel, a collector of OpenTelemetry that writes what it gets to its log. Ends with the test.
struct Collector {
    child: Child,
    endpoint: String,
    log: PathBuf,
}

/// A span, as the collector writes it.
#[derive(Debug, Default)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    kind: String,
    has_failed: bool,
    /// Its attributes, and those of its resource.
    attributes: BTreeMap<String, String>,
    /// Traces that it links to.
    links: Vec<String>,
}

impl Collector {
    /// `None` where it is not installed.
    fn start(folder: &Path) -> Option<Self> {
        let environment = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/collector/.venv");
        let find = Command::new(environment.join("bin/python"))
            .args(["-c", "import rotel, pathlib; print(pathlib.Path(rotel.__file__).parent / 'rotel-agent')"])
            .output();
        let Some(program) = find.ok().filter(|found| found.status.success()) else {
            skip("tests/collector/.venv is not installed; make test does it");
            return None;
        };
        let program = String::from_utf8(program.stdout).expect("a path");
        let free = || TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let (http, grpc): (SocketAddr, SocketAddr) = (free(), free());
        let log = folder.join("collector.log");
        let out = File::create(&log).expect("a log");
        let child = Command::new(program.trim())
            .args(["start", "--exporter", "blackhole", "--debug-log", "traces"])
            .args(["--debug-log-verbosity", "detailed"])
            .args(["--otlp-http-endpoint", &http.to_string(), "--otlp-grpc-endpoint", &grpc.to_string()])
            .stdin(Stdio::null())
            .stderr(out.try_clone().expect("a log"))
            .stdout(out)
            .spawn()
            .expect("the collector runs");
        let collector = Self { child, endpoint: format!("http://{http}/v1/traces"), log };
        for _ in 0..200 {
            if TcpStream::connect(http).is_ok() {
                return Some(collector);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!(
            "the collector does not listen: {}",
            std::fs::read_to_string(&collector.log).unwrap_or_default()
        );
    }

    /// What it has got once there are so many spans.
    fn await_spans(&self, count: usize) -> Vec<Span> {
        let mut spans = Vec::new();
        for _ in 0..200 {
            spans = read(&std::fs::read_to_string(&self.log).expect("a log"));
            if spans.len() >= count {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        spans
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(log: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut resource = BTreeMap::new();
    let mut of_resource = false;
    for line in log.lines().map(str::trim) {
        if line.starts_with("ResourceSpans #") {
            (resource, of_resource) = (BTreeMap::new(), true);
        } else if line.starts_with("Span #") {
            of_resource = false;
            spans.push(Span { attributes: resource.clone(), ..Span::default() });
        } else if let Some((name, value)) = line.strip_prefix("-> ").and_then(|line| line.split_once(": ")) {
            // `Str(like)`, `Int(200)`.
            let value =
                value.split_once('(').map_or(value, |(_, value)| value.trim_end_matches(')')).to_owned();
            match spans.last_mut() {
                _ if of_resource => drop(resource.insert(name.to_owned(), value)),
                Some(span) if name == "Trace ID" => span.links.push(value),
                Some(span) => drop(span.attributes.insert(name.to_owned(), value)),
                None => {}
            }
        } else if let (Some(span), Some((name, value))) = (spans.last_mut(), line.split_once(':')) {
            let value = value.trim().to_owned();
            match name.trim() {
                "Trace ID" => span.trace = value,
                "Parent ID" => span.parent = value,
                "ID" => span.id = value,
                "Name" => span.name = value,
                "Kind" => span.kind = value,
                "Status code" => span.has_failed = value == "STATUS_CODE_ERROR",
                _ => {}
            }
        }
    }
    spans
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// So that nothing is sent before the stop.
const A_MINUTE: &str = "60000";
const PARENT: &str = "b7ad6b7169203331";

fn traceparent(sampled: bool) -> String {
    format!("00-{TRACE}-{PARENT}-{:02}", u8::from(sampled))
}

/// A server that sends traces there, of so large a share of its requests, so many milliseconds apart.
fn traced(folder: &Path, endpoint: &str, share: &str, delay: &str) -> Server {
    let variables = [
        ("FILMGATE_LIMITS__ENABLED", "false"),
        ("FILMGATE_TRACES__ENDPOINT", endpoint),
        ("FILMGATE_TRACES__SAMPLE_RATIO", share),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=one"),
        ("OTEL_BSP_SCHEDULE_DELAY", delay),
    ];
    Server::start(folder, &variables)
}

/// Whatever a request is, it has one trace; and what it waited for at the database is a span below it.
#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_one_trace_with_its_steps() {
    let folder = TempDir::new().expect("a folder");
    let Some(collector) = Collector::start(folder.path()) else { return };
    let mut server = traced(folder.path(), &collector.endpoint, "1", A_MINUTE);
    let client = reqwest::Client::new();
    let url = server.url.clone();
    let send =
        async |request: reqwest::RequestBuilder| request.send().await.expect("an answer").status().as_u16();
    let given = |request: reqwest::RequestBuilder| request.header("traceparent", traceparent(true));
    assert_eq!(send(client.get(&url)).await, 200);
    assert_eq!(send(given(client.get(format!("{url}/?like=5&token=SECRET")))).await, 200);
    // Nobody believes it of somebody who may be anywhere.
    let stranger = given(client.get(&url)).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(send(stranger).await, 200);
    assert_eq!(send(client.get(format!("{url}/fg_secret"))).await, 404);
    let film = json!({"name": "N", "studio": "S"});
    assert_eq!(send(client.post(format!("{url}/add_film")).json(&film)).await, 201);
    let document = json!({"query": "mutation Both { a: like(id: 1) { id } b: like(id: 2) { id } }"});
    assert_eq!(send(client.post(format!("{url}/graphql")).json(&document)).await, 200);
    let mut socket = Socket::ready(server.address()).await;
    assert_eq!(socket.ask("mutation { like(id: 3) { id } }").await["payload"]["data"]["like"]["id"], "3");
    drop(socket);
    let requests = 8;
    let lines = server.await_log(requests, |line| line["target"] == "filmgate::request");
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(15)), Some(0));

    let spans = collector.await_spans(requests + 5);
    let own: Vec<&Span> = spans.iter().filter(|span| span.kind == "SPAN_KIND_SERVER").collect();
    assert_eq!(own.len(), requests, "{spans:#?}");
    let traces: BTreeSet<&str> = own.iter().map(|span| span.trace.as_str()).collect();
    let logged: BTreeSet<&str> = lines.iter().filter_map(|line| line["trace_id"].as_str()).collect();
    assert_eq!((traces.len(), &traces), (requests, &logged));
    for span in &spans {
        let of_resource = ["service.name", "service.instance.id"].map(|name| span.attributes[name].as_str());
        assert_eq!(of_resource, ["filmgate", "one"]);
    }
    let of = |name: &str, method: &str| {
        let mut found =
            own.iter().filter(|span| span.name == name && span.attributes["http.request.method"] == method);
        let span = found.next().unwrap_or_else(|| panic!("no {name} by {method}: {own:#?}"));
        let steps = spans.iter().filter(|step| step.parent == span.id);
        let steps: Vec<(&str, &str)> = steps
            .inspect(|step| assert_eq!((&step.trace, step.kind.as_str()), (&span.trace, "SPAN_KIND_CLIENT")))
            .map(|step| (step.name.as_str(), step.attributes["filmgate.operation"].as_str()))
            .collect();
        (*span, steps)
    };
    let (like, steps) = of("like", "GET");
    assert_eq!((like.trace.as_str(), like.parent.as_str(), like.links.len()), (TRACE, PARENT, 0));
    assert_eq!(steps, [("votes", "like")]);
    for (name, value) in [
        ("url.path", "/"),
        ("http.response.status_code", "200"),
        ("client.address", "127.0.0.1"),
        ("filmgate.surface", "rest"),
        ("filmgate.outcome", "ok"),
        ("filmgate.film_id", "5"),
        ("filmgate.operation", "like"),
    ] {
        assert_eq!(like.attributes[name], value, "{name}");
    }
    assert_eq!(of("add_film", "POST").1, [("database", "add_film")]);
    let (both, steps) = of("like", "POST");
    assert_eq!(steps, [("votes", "like"); 2]);
    assert_eq!(both.attributes["graphql.operation.name"], "Both");
    assert_eq!(of("like", "SUBSCRIBE").1, [("votes", "like")]);
    // From memory.
    assert_eq!(of("random_film", "GET").1, []);
    let strange: Vec<_> = own.iter().filter(|span| span.links == [TRACE]).collect();
    assert!(strange.len() == 1 && strange[0].trace != TRACE && strange[0].parent.is_empty(), "{strange:?}");
    let log = std::fs::read_to_string(&collector.log).expect("a log");
    assert!(!log.contains("SECRET") && !log.contains("fg_secret"), "{log}");
}

/// A caller who is trusted says whether its trace is sampled; of all others, the share that the operator named.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sampled_is_not_sent() {
    let folder = TempDir::new().expect("a folder");
    let Some(collector) = Collector::start(folder.path()) else { return };
    let mut server = traced(folder.path(), &collector.endpoint, "0", A_MINUTE);
    let client = reqwest::Client::new();
    let ask = async |headers: &[(&str, &str)]| {
        let mut request = client.get(format!("{}/?like=1", server.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    };
    ask(&[]).await;
    ask(&[("traceparent", &traceparent(false))]).await;
    ask(&[("traceparent", &traceparent(true)), ("x-forwarded-for", "192.0.2.1")]).await;
    for malformed in
        ["", "00", "ff-0-0-0", &"0".repeat(5_000), "00-00000000000000000000000000000000-0000000000000000-01"]
    {
        ask(&[("traceparent", malformed)]).await;
    }
    ask(&[("traceparent", &traceparent(true))]).await;
    let traced = server.await_log(9, |line| line["target"] == "filmgate::request");
    assert_eq!(traced.iter().filter(|line| line["trace_id"].is_string()).count(), 1);
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(15)), Some(0));
    let spans = collector.await_spans(2);
    assert_eq!(spans.len(), 2, "{spans:#?}");
    assert!(spans.iter().all(|span| span.trace == TRACE), "{spans:#?}");
}

/// Whoever collects traces may be gone: nobody waits for it, and a stop comes in time.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_or_silent_holds_nobody_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    for address in [silent.local_addr().expect("an address"), gone] {
        let folder = TempDir::new().expect("a folder");
        let mut server = traced(folder.path(), &format!("http://{address}/v1/traces"), "1", "50");
        // More than wait for it at most.
        let client = reqwest::Client::new();
        for _ in 0..3_000 {
            let answer = client.get(&server.url).send().await.expect("an answer");
            assert_eq!(answer.status(), 200);
        }
        server.await_log(1, |line| {
            line["target"].as_str().is_some_and(|target| target.starts_with("opentelemetry"))
        });
        server.signal("TERM");
        assert_eq!(server.wait(Duration::from_secs(12)), Some(0));
    }
}
