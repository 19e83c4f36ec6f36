//! One measurement: a request, asked again and again on many connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::client::{Answer, Client};
use crate::machine::{self, Moment};
use crate::server::Server;

const CONNECTIONS: usize = 64;
const WARM: Duration = Duration::from_millis(500);
const COUNTED: Duration = Duration::from_millis(2_500);

pub(crate) struct Sample {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Of the server, in microseconds of processor time a request.
    pub(crate) cpu: f64,
    /// In milliseconds.
    pub(crate) median: f64,
    pub(crate) p99: f64,
    /// The share of all cores that others had, in percent.
    pub(crate) others: f64,
}

#[derive(Default)]
struct Shared {
    counts: AtomicBool,
    ends: AtomicBool,
    answers: AtomicU64,
}

pub(crate) async fn measure(server: &Server, request: &Arc<str>) -> Sample {
    let shared = Arc::new(Shared::default());
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let client = Client::connect(1, server.address).await.expect("a connection");
        clients.spawn(ask(client, Arc::clone(request), Arc::clone(&shared)));
    }
    sleep(WARM).await;
    let (then, cpu, begin) = (Moment::now(), machine::ticks_of(server.process()), Instant::now());
    let answers = shared.answers.load(Ordering::Relaxed);
    shared.counts.store(true, Ordering::Relaxed);
    sleep(COUNTED).await;
    let answers = shared.answers.load(Ordering::Relaxed) - answers;
    let (seconds, cpu) = (begin.elapsed().as_secs_f64(), machine::ticks_of(server.process()) - cpu);
    let others = Moment::now().others_since(&then);
    shared.ends.store(true, Ordering::Relaxed);
    let mut times = clients.join_all().await.concat();
    times.sort_unstable();
    let percentile = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e3;
    Sample {
        rate: machine::ticks(answers) / seconds,
        cpu: machine::ticks(cpu) * machine::TICK_US / machine::ticks(answers),
        median: percentile(50),
        p99: percentile(99),
        others,
    }
}

/// The times of the answers that count.
async fn ask(mut client: Client, request: Arc<str>, shared: Arc<Shared>) -> Vec<Duration> {
    let mut times = Vec::new();
    while !shared.ends.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let Answer { status, .. } = client.ask(&request).await.expect("an answer");
        assert_eq!(status, 200, "{request}");
        shared.answers.fetch_add(1, Ordering::Relaxed);
        if shared.counts.load(Ordering::Relaxed) {
            times.push(asked.elapsed());
        }
    }
    times
}
