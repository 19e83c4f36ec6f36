//! The server under load: a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

pub(crate) struct Target {
    child: Child,
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

impl Target {
    /// A new database, and a log of warnings alone unless the variables say otherwise.
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let log = std::fs::File::create(folder.path().join("log")).expect("a log file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_filmgate"))
            .current_dir(folder.path())
            .env_clear()
            .env("FILMGATE_LISTEN", "127.0.0.1:0")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("standard output"));
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C") {
            assert!(lines.read_line(&mut greeting).expect("a greeting") > 0, "no greeting");
        }
        let url = greeting.split_whitespace().find(|word| word.starts_with("http"));
        let (_, address) = url.and_then(|url| url.split_once("://")).expect("an address");
        let address = address.trim_end_matches('/').parse().expect("an address");
        Self { child, address, folder }
    }

    /// Makes an account by the command line.
    pub(crate) fn account(&self, name: &str, password: &str) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_filmgate"))
            .args(["account", "create", name, "--role", "voter", "--password-stdin"])
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the command starts");
        let mut input = child.stdin.take().expect("standard input");
        writeln!(input, "{password}").expect("it reads");
        drop(input);
        assert!(child.wait().expect("an end").success());
    }

    /// KiB of memory that it holds.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// As an orchestrator stops it.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().expect("kill runs").success());
    }

    /// Whether it has ended, and well.
    pub(crate) fn ended(&mut self) -> Option<bool> {
        self.child.try_wait().expect("a process").map(|status| status.success())
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> bool {
        loop {
            if let Some(well) = self.ended() {
                return well;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
