//! A server under callgrind, and the records that it writes.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::time::Instant;

use crate::client;
use crate::server::{Program, Server};

/// After a start, until there is nothing left of it to do.
const SETTLED: Duration = Duration::from_secs(1);
/// How long a server is watched that is asked nothing.
const IDLE: Duration = Duration::from_secs(3);

/// A server that runs under callgrind, and one connection to it.
pub(crate) struct Recorded {
    server: Server,
    stream: TcpStream,
    /// The last part of the address that it is asked from: each is a client of its own to the limiter.
    client: u8,
    records: u32,
    idle: Record,
}

/// What was executed in user space, by the file that it was compiled from.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) files: HashMap<String, u64>,
}

impl Record {
    pub(crate) fn total(&self) -> u64 {
        self.files.values().sum()
    }

    /// Without what a server does by itself in that time. Where that is most of it, the rest is taken for chance.
    fn without(mut self, idle: &Self, time: Duration) -> Self {
        for (file, cost) in &mut self.files {
            let by_itself = idle.files.get(file).copied().unwrap_or(0);
            let by_itself = u128::from(by_itself) * time.as_nanos() / IDLE.as_nanos();
            let left = cost.saturating_sub(u64::try_from(by_itself).unwrap_or(u64::MAX));
            *cost = if u128::from(left) > by_itself { left } else { 0 };
        }
        self
    }
}

impl Recorded {
    pub(crate) fn start(program: &Program) -> Self {
        // In the folder of the server, where it is started.
        let server = Server::start(program, &["valgrind", "--tool=callgrind", "--callgrind-out-file=record"]);
        let stream = connect(&server, 1);
        let mut recorded = Self { server, stream, client: 1, records: 0, idle: Record::default() };
        std::thread::sleep(SETTLED);
        recorded.idle = recorded.record(|_| std::thread::sleep(IDLE));
        recorded
    }

    /// Goes on as a client that has drawn nothing yet.
    pub(crate) fn change_client(&mut self) {
        self.client += 1;
        self.stream = connect(&self.server, self.client);
    }

    /// The status of an answer that tells no error of GraphQL.
    pub(crate) fn ask(&mut self, request: &str) -> u16 {
        let (status, body) = self.answer(request);
        assert!(!body.windows(8).any(|eight| eight == b"\"errors\""), "{request}");
        status
    }

    /// Status and body.
    pub(crate) fn answer(&mut self, request: &str) -> (u16, Vec<u8>) {
        answer(&mut self.stream, request)
    }

    /// The record of what the work made the server do.
    pub(crate) fn record(&mut self, work: impl FnOnce(&mut Self)) -> Record {
        self.tell("zero");
        let begin = Instant::now();
        work(self);
        let time = begin.elapsed();
        self.tell("dump");
        self.records += 1;
        let path = self.server.folder().join(format!("record.{}", self.records));
        let record = read(&path);
        std::fs::remove_file(path).expect("a record");
        record.without(&self.idle, time)
    }

    fn tell(&self, what: &str) {
        let process = format!("--pid={}", self.server.process());
        // They find each other by names that the environment has a part in, and the server's is empty.
        let mut command = Command::new("vgdb");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let told = command.args([&process, what]).output().expect("vgdb runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }
}

/// Sends a request and reads the answer: status and body.
pub(crate) fn answer(stream: &mut TcpStream, request: &str) -> (u16, Vec<u8>) {
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut read = Vec::new();
    let mut chunk = [0; 16_384];
    loop {
        let length = stream.read(&mut chunk).expect("an answer");
        assert!(length > 0, "no answer to {request}");
        read.extend_from_slice(&chunk[..length]);
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&read[..end]);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").parse().expect("a number");
        if read.len() >= end + 4 + length {
            let status = head.get(9..12).expect("a status").parse().expect("a number");
            return (status, read.split_off(end + 4));
        }
    }
}

/// Whether callgrind is there; if not, says so.
pub(crate) fn is_there() -> bool {
    let there = Command::new("valgrind").arg("--version").output().is_ok();
    if !there {
        eprintln!("Counting instructions needs valgrind, which is missing.");
    }
    there
}

/// Reads a record in callgrind's format: costs by line, below the names of object, file and function.
fn read(path: &Path) -> Record {
    let text = std::fs::read_to_string(path).expect("a record");
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut record = Record::default();
    let mut file = "";
    let mut called = false;
    for line in text.lines() {
        if let Some((key, name)) = line.split_once('=') {
            match key {
                "fl" | "fi" | "fe" => file = full(&mut names, name),
                // Names of files, which later lines may use.
                "cfl" | "cfi" => drop(full(&mut names, name)),
                // What a call costs follows, and is counted where it is spent.
                "calls" => called = true,
                _ => {}
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok());
            if !std::mem::take(&mut called) {
                *record.files.entry(file.to_owned()).or_default() += cost.unwrap_or(0);
            }
        }
    }
    record
}

/// A name is written once, as `(7) name`, and is `(7)` from then on.
fn full<'a>(names: &mut HashMap<&'a str, &'a str>, text: &'a str) -> &'a str {
    match text.split_once(' ') {
        Some((number, name)) => {
            names.insert(number, name);
            name
        }
        None => names.get(text).copied().unwrap_or(text),
    }
}

pub(crate) fn connect(server: &Server, from: u8) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let stream = runtime.block_on(client::connect(from, server.address)).expect("a connection");
    let stream = stream.into_std().expect("a socket");
    stream.set_nonblocking(false).expect("a socket");
    stream
}

/// The name of a file within `src/` of this repository.
pub(crate) fn own(file: &str) -> Option<&str> {
    let root = env!("CARGO_MANIFEST_DIR").strip_suffix("benches")?;
    // The compiler names files of the package that it compiles by their path within it.
    file.strip_prefix(root).unwrap_or(file).strip_prefix("src/")
}
