//! The real program in a process of its own, on a port that the system chooses.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use serde_json::Value;

const LOG: &str = "log.jsonl";
/// For a command that ends by itself, on a machine that is busy.
const DEADLINE: Duration = Duration::from_mins(2);

/// Waits for a process by `work`, and kills it when that takes too long; whether it did.
fn within<T>(id: u32, most: Duration, work: impl FnOnce() -> T) -> (T, bool) {
    let (done, is_done) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let is_late = is_done.recv_timeout(most) == Err(RecvTimeoutError::Timeout);
        if is_late {
            let _ = Command::new("kill").args(["-s", "KILL", &id.to_string()]).status();
        }
        is_late
    });
    let worked = work();
    drop(done);
    (worked, watch.join().expect("a clock"))
}

pub(crate) struct Server {
    child: Child,
    pub url: String,
    pub greeting: String,
    log: PathBuf,
}

impl Server {
    /// A command in a folder, without the variables of whoever runs the tests.
    pub(crate) fn command(folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_filmgate"));
        command.current_dir(folder).env_clear().env("RUST_BACKTRACE", "0");
        command
    }

    /// Runs a command that is expected to end by itself. It blocks its thread: beside a `TestApp` a test has more of them, or the
    /// command waits for a lock that the app has no thread to let go.
    pub(crate) fn output(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Self::command(folder);
        command.args(arguments).envs(variables.iter().copied()).stdin(Stdio::null());
        Self::output_within(command, DEADLINE)
    }

    /// Kills what does not end, and fails with what it said: a start that was to be refused would serve for ever.
    pub(crate) fn output_within(mut command: Command, most: Duration) -> Output {
        let child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        // Both pipes are read meanwhile, so that nothing waits for us.
        let (output, is_late) = within(child.id(), most, || child.wait_with_output().expect("an end"));
        let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
        assert!(!is_late, "{command:?} did not end within {most:?}: {}", said.concat());
        output
    }

    /// Starts serving, and returns once the greeting is printed.
    pub(crate) fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let log = std::fs::File::create(folder.join(LOG)).expect("a log file");
        Self::start_logging_to(folder, variables, log.into())
    }

    /// Like [`Server::start`], with variables of two kinds.
    pub(crate) fn start_with(folder: &Path, variables: &[(&str, &str)], more: &[(&str, String)]) -> Self {
        let more = more.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<(&str, &str)> = variables.iter().copied().chain(more).collect();
        Self::start(folder, &all)
    }

    /// Like [`Server::start`], with arguments.
    pub(crate) fn start_arguments(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let log = std::fs::File::create(folder.join(LOG)).expect("a log file");
        let mut command = Self::command(folder);
        command.args(arguments);
        Self::start_command(command, folder, variables, log.into())
    }

    /// Like [`Server::start`], with a log of the test's own.
    pub(crate) fn start_logging_to(folder: &Path, variables: &[(&str, &str)], log_to: Stdio) -> Self {
        Self::start_command(Self::command(folder), folder, variables, log_to)
    }

    /// Like [`Server::start`], with so few file descriptors.
    pub(crate) fn start_with_descriptors(folder: &Path, most: u32, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("ulimit -n {most}; exec \"$0\""), env!("CARGO_BIN_EXE_filmgate")])
            .current_dir(folder)
            .env_clear();
        let log = std::fs::File::create(folder.join(LOG)).expect("a log file");
        Self::start_command(command, folder, variables, log.into())
    }

    /// Like [`Server::start`], with a program that may be an older one.
    pub(crate) fn start_program(program: &Path, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear();
        let log = std::fs::File::create(folder.join(LOG)).expect("a log file");
        Self::start_command(command, folder, variables, log.into())
    }

    fn start_command(mut command: Command, folder: &Path, variables: &[(&str, &str)], log_to: Stdio) -> Self {
        let log = folder.join(LOG);
        let mut child = command
            .env("FILMGATE_LISTEN", "127.0.0.1:0")
            .env("FILMGATE_LOG__FORMAT", "json")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log_to)
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("standard output"));
        let mut greeting = String::new();
        let (is_whole, _) = within(child.id(), DEADLINE, || {
            while !greeting.contains("Ctrl-C") {
                if lines.read_line(&mut greeting).expect("a greeting") == 0 {
                    return false;
                }
            }
            true
        });
        assert!(is_whole, "no greeting: {}", std::fs::read_to_string(&log).unwrap_or_default());
        let url = greeting
            .split_whitespace()
            .find(|word| word.starts_with("http://") || word.starts_with("https://"))
            .expect("an address")
            .trim_end_matches('/')
            .to_owned();
        Self { child, url, greeting, log }
    }

    /// A film, as the server tells it.
    pub(crate) async fn film(&self, id: u64) -> Value {
        let answer = reqwest::get(format!("{}/v1/films/{id}", self.url)).await.expect("an answer");
        answer.json().await.expect("a film")
    }

    /// Every line of the log so far. The last one may still be on its way.
    pub(crate) fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).expect("a log");
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
            .collect()
    }

    /// The log once it has so many lines that are wanted: they are written a moment after what they tell of.
    pub(crate) fn await_log(&self, count: usize, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        for _ in 0..200 {
            let lines: Vec<Value> = self.log().into_iter().filter(&wanted).collect();
            if lines.len() >= count {
                return lines;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("fewer than {count} such lines: {:?}", self.log());
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let (_, address) = self.url.split_once("://").expect("a scheme");
        address.parse().expect("an address")
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// KiB of memory that it holds.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("a process").is_none()
    }

    /// SIGKILL: nothing can be tidied up.
    pub(crate) fn kill(mut self) {
        self.kill_now();
    }

    /// The same of one that stays in its place.
    pub(crate) fn kill_now(&mut self) {
        self.child.kill().expect("a process");
        self.child.wait().expect("an end");
    }

    /// `TERM`, as orchestrators stop a service, or `INT`, as Ctrl-C does.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", signal, &id]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Waits for the end; the exit code.
    pub(crate) fn wait(&mut self, most: Duration) -> Option<i32> {
        let pause = Duration::from_millis(20);
        for _ in 0..most.as_millis() / pause.as_millis() {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return status.code();
            }
            std::thread::sleep(pause);
        }
        panic!("still running after {most:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // What it still had to say is read, so that it never blocks on a full pipe.
        if let Some(mut rest) = self.child.stdout.take() {
            let _ = rest.read_to_end(&mut Vec::new());
        }
    }
}
