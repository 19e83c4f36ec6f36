//! A server in a process of its own: filmgate, or a yardstick.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// What is in every process's environment: the server has one core.
const THREADS: (&str, &str) = ("TOKIO_WORKER_THREADS", "1");

pub(crate) type Variables<'a> = [(&'a str, &'a str)];

/// No limits and no log.
pub(crate) const BARE: &Variables<'static> = &[("LIMITS__ENABLED", "false"), ("LOG__LEVEL", "off")];
/// No limits, but the log.
pub(crate) const LOGGED: &Variables<'static> = &[("LIMITS__ENABLED", "false")];
/// The windows of the default, which refuse nobody; and the log.
pub(crate) const FULL: &Variables<'static> = &[
    ("LIMITS__FILM", "1000000/second, 50000000/hour, 200000000/day"),
    ("LIMITS__BROWSE", "1000000/second, 50000000/hour"),
    ("LIMITS__FLOOD", "1000000/second"),
];

/// Which program, with what.
#[derive(Clone)]
pub(crate) enum Program {
    /// The binary, and variables without their prefix.
    Filmgate(PathBuf, Vec<(String, String)>),
    /// The words after `serve`.
    Yardstick(Vec<String>),
}

impl Program {
    /// filmgate as it was built beside this program.
    pub(crate) fn filmgate(variables: &Variables<'_>) -> Self {
        let own = std::env::current_exe().expect("a path");
        Self::binary(&own.with_file_name("filmgate"), variables)
    }

    pub(crate) fn binary(binary: &Path, variables: &Variables<'_>) -> Self {
        let own = |(name, value): &(&str, &str)| (format!("FILMGATE_{name}"), (*value).to_owned());
        Self::Filmgate(binary.to_owned(), variables.iter().map(own).collect())
    }

    pub(crate) fn yardstick(words: &[&str]) -> Self {
        Self::Yardstick(words.iter().map(|word| (*word).to_owned()).collect())
    }

    fn words(&self) -> Vec<String> {
        let path = |path: PathBuf| path.into_os_string().into_string().expect("a path in UTF-8");
        match self {
            Self::Filmgate(binary, _) => vec![path(binary.clone())],
            Self::Yardstick(words) => {
                let own = path(std::env::current_exe().expect("a path"));
                [vec![own, "serve".to_owned()], words.clone()].concat()
            }
        }
    }
}

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// It may print more.
    _stdout: BufReader<ChildStdout>,
    folder: TempDir,
}

impl Server {
    /// Runs it in a folder of its own, behind the words of a wrapper; returns when it listens.
    pub(crate) fn start(program: &Program, wrapper: &[&str]) -> Self {
        Self::start_in(TempDir::new().expect("a folder"), program, wrapper)
    }

    /// Runs it where another one has left its database.
    pub(crate) fn start_in(folder: TempDir, program: &Program, wrapper: &[&str]) -> Self {
        let words = program.words();
        let mut words = wrapper.iter().copied().chain(words.iter().map(String::as_str));
        let log = std::fs::File::create(folder.path().join("log")).expect("a log file");
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).current_dir(folder.path()).env_clear().envs([THREADS]);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        if let Program::Filmgate(_, variables) = program {
            command.env("FILMGATE_LISTEN", "127.0.0.1:0");
            command.envs(variables.iter().map(|(name, value)| (name, value)));
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            let read = stdout.read_line(&mut line).expect("text");
            let log = || std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            assert!(read > 0, "no address: {}", log());
            let url = line.split_whitespace().find_map(|word| word.strip_prefix("http://"));
            if let Some(address) = url.and_then(|url| url.trim_end_matches('/').parse().ok()) {
                break address;
            }
        };
        Self { child, address, _stdout: stdout, folder }
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Lets it end as an orchestrator does, and keeps what it wrote.
    pub(crate) fn stop(mut self) -> TempDir {
        let process = self.process().to_string();
        assert!(Command::new("kill").arg(process).status().expect("kill runs").success());
        self.child.wait().expect("an end");
        std::mem::replace(&mut self.folder, TempDir::new().expect("a folder"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
