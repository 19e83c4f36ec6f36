//! Load: ours and the yardsticks, turn by turn in one run, a core for the server and one for the load.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::time::Instant;

use crate::client::Client;
use crate::measure::{Sample, measure};
use crate::requests::{call, graphql_like, hot, like};
use crate::server::{BARE, FULL, LOGGED, Program, Server};
use crate::store::Postgres;
use crate::{document, machine, plot};

const ROUNDS: usize = 5;
/// Rounds in the place of those that were not fair.
const SPARE: usize = 3;
/// Rounds of a row that must be fair, for a median of it.
const FEWEST: usize = 3;
/// Percent of all cores that others may have in a fair round.
const MOST_FOR_OTHERS: f64 = 5.0;
const STARTS: usize = 7;
const READ: &str = "`GET /`";
const GRAPHQL_READ: &str = "GraphQL, a random film";
const SQLITE: &str = "a like on SQLite";
const GRAPHQL_SQLITE: &str = "a GraphQL like on SQLite";
const POSTGRES: &str = "a like on PostgreSQL";
const GRAPHQL_POSTGRES: &str = "a GraphQL like on PostgreSQL";
const GROUPS: [&str; 6] = [READ, GRAPHQL_READ, SQLITE, GRAPHQL_SQLITE, POSTGRES, GRAPHQL_POSTGRES];
const ON_ITS_CORE: [&str; 3] = ["taskset", "-c", "0"];

/// What is asked of whom.
pub(crate) struct Row {
    pub(crate) group: &'static str,
    pub(crate) who: String,
    server: usize,
    request: Arc<str>,
    /// Of the fair rounds.
    samples: Vec<Sample>,
}

impl Row {
    fn median(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(of).collect())
    }

    pub(crate) fn rate(&self) -> f64 {
        self.median(|sample| sample.rate)
    }

    pub(crate) fn cpu(&self) -> f64 {
        self.median(|sample| sample.cpu)
    }

    pub(crate) fn time(&self) -> f64 {
        self.median(|sample| sample.median)
    }

    pub(crate) fn p99(&self) -> f64 {
        self.median(|sample| sample.p99)
    }
}

/// What a start costs, and how much memory is held.
pub(crate) struct Standing {
    pub(crate) who: &'static str,
    /// MiB at most.
    pub(crate) memory: f64,
    /// Milliseconds to the first answer, with a database that is there and with a new one.
    pub(crate) start: f64,
    pub(crate) first_start: f64,
}

/// Those who take part.
#[derive(Default)]
struct Contest {
    servers: Vec<Server>,
    rows: Vec<Row>,
}

impl Contest {
    /// Adds a server, and what is asked of it. The first one that is asked something is the yardstick of the others.
    fn add(&mut self, who: &str, program: &Program, asked: &[(&'static str, String)]) -> u32 {
        self.servers.push(Server::start(program, &ON_ITS_CORE));
        let server = self.servers.len() - 1;
        self.rows.extend(asked.iter().map(|(group, request)| Row {
            group,
            who: who.to_owned(),
            server,
            request: request.as_str().into(),
            samples: Vec::new(),
        }));
        self.servers[server].process()
    }

    /// Turn by turn, until each row has its rounds or there is no hope; whether each has enough.
    async fn run(&mut self) -> bool {
        for round in 1..=ROUNDS + SPARE {
            if self.rows.iter().any(|row| row.samples.len() + ROUNDS + SPARE + 1 - round < FEWEST) {
                return false;
            }
            for row in self.rows.iter_mut().filter(|row| row.samples.len() < ROUNDS) {
                let sample = measure(&self.servers[row.server], &row.request).await;
                let (rate, cpu, others) = (sample.rate, sample.cpu, sample.others);
                let fair = others <= MOST_FOR_OTHERS;
                let verdict = if fair { "" } else { ": starved, does not count" };
                let Row { group, who, .. } = row;
                println!("{round} {group}: {who}: {rate:.0}/s, {cpu:.1} us, others {others:.0} %{verdict}");
                if fair {
                    row.samples.push(sample);
                }
            }
        }
        self.rows.iter().all(|row| row.samples.len() >= FEWEST)
    }
}

/// Measures, and writes tables and plot into the docs; `before` is another filmgate that takes part. Whether the run
/// could be judged.
pub(crate) fn run(before: Option<&str>) -> bool {
    if machine::cores() < 2.0 {
        eprintln!("A core for the server and one for the load are needed, and this machine has one.");
        return false;
    }
    if !machine::has_disk() {
        eprintln!(
            "The temporary folder is in memory, where nothing is durable: set TMPDIR to one on a disk."
        );
        return false;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let own = std::env::current_exe().expect("a path").with_file_name("filmgate");
    let mut binaries = vec![("filmgate", own.as_path())];
    binaries.extend(before.map(|before| ("filmgate before", Path::new(before))));
    // Started while this process has all cores, it has the choice of them too.
    let postgres = Postgres::start("on");
    let database = || postgres.as_ref().map(|postgres| runtime.block_on(postgres.database()));

    let mut contest = Contest::default();
    contest.add("bare axum", &Program::yardstick(&["reads"]), &[(READ, call("GET", "/"))]);
    contest.add("stock async-graphql-axum", &Program::yardstick(&["reads"]), &[(GRAPHQL_READ, hot())]);
    let one_by_one = Program::yardstick(&["votes", "sqlite://votes.db"]);
    contest.add("one commit a vote", &one_by_one, &[(SQLITE, like()), (GRAPHQL_SQLITE, graphql_like())]);
    if let Some(url) = database() {
        let one_by_one = Program::yardstick(&["votes", &url]);
        let asked = [(POSTGRES, like()), (GRAPHQL_POSTGRES, graphql_like())];
        contest.add("one UPDATE a vote", &one_by_one, &asked);
    }
    let mut standings = Vec::new();
    for (who, binary) in binaries {
        let reads = [(READ, call("GET", "/")), (GRAPHQL_READ, hot())];
        contest.add(&format!("{who}, limits and log off"), &Program::binary(binary, BARE), &reads);
        let full = contest.add(&format!("{who}, limits and log on"), &Program::binary(binary, FULL), &reads);
        let likes = [(SQLITE, like()), (GRAPHQL_SQLITE, graphql_like())];
        contest.add(&format!("{who}, limits off, log on"), &Program::binary(binary, LOGGED), &likes);
        if let Some(url) = database() {
            let variables = [LOGGED, &[("DATABASE_URL", url.as_str())]].concat();
            let likes = [(POSTGRES, like()), (GRAPHQL_POSTGRES, graphql_like())];
            contest.add(&format!("{who}, limits off, log on"), &Program::binary(binary, &variables), &likes);
        }
        standings.push((who, binary, full));
    }
    pin_to_second_core();
    if !runtime.block_on(contest.run()) {
        eprintln!(
            "Not judged: others had more than {MOST_FOR_OTHERS} % of the cores in too many rounds. Run it when the machine is quiet."
        );
        return false;
    }
    let memory: Vec<u64> = standings.iter().map(|(_, _, process)| machine::peak_memory(*process)).collect();
    contest.servers.clear();
    let standings: Vec<Standing> = standings
        .into_iter()
        .zip(memory)
        .map(|((who, binary, _), memory)| Standing {
            who,
            memory: machine::ticks(memory) / 1024.0,
            start: median((0..STARTS).map(|_| runtime.block_on(start(binary, true))).collect()),
            first_start: median((0..STARTS).map(|_| runtime.block_on(start(binary, false))).collect()),
        })
        .collect();
    contest.rows.sort_by_key(|row| GROUPS.iter().position(|group| *group == row.group));
    let text = document::load(&contest.rows, &standings);
    println!("\n{text}");
    document::write("load", &text);
    plot::write(&contest.rows);
    true
}

/// Milliseconds from the start of the process to its first answer.
async fn start(binary: &Path, has_database: bool) -> f64 {
    let program = Program::binary(binary, &[]);
    let folder = TempDir::new().expect("a folder");
    let folder = if has_database { Server::start_in(folder, &program, &[]).stop() } else { folder };
    let begin = Instant::now();
    let server = Server::start_in(folder, &program, &ON_ITS_CORE);
    let mut client = Client::connect(1, server.address).await.expect("a connection");
    assert_eq!(client.ask(&call("GET", "/")).await.expect("an answer").status, 200);
    begin.elapsed().as_secs_f64() * 1e3
}

/// The servers have the first one for themselves.
fn pin_to_second_core() {
    let own = std::process::id().to_string();
    let pinned = Command::new("taskset").args(["-a", "-c", "-p", "1", &own]).output().expect("taskset runs");
    assert!(pinned.status.success(), "{}", String::from_utf8_lossy(&pinned.stderr));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
