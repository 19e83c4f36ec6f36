//! A Redis of our own, made from the binary on the machine, that ends with the tests.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ToRedisArgs};

/// Its standard input is a pipe that nobody writes to. It closes when this process ends, however it ends; then the
/// server is stopped and its folder removed.
const SCRIPT: &str = r#"
folder=$1 port=$2
shift 2
redis-server --bind 127.0.0.1 --port "$port" --dir "$folder" --databases 1000 --save '' "$@" \
  >>"$folder/log" 2>&1 </dev/null &
server=$!
echo "$server" >"$folder/pid"
cat >/dev/null
kill -KILL "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

/// A server, which ends when this is dropped.
pub(crate) struct Redis {
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    keeper: Child,
}

impl Redis {
    /// The server that all tests share; `None` where there is no binary, which is said.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Redis>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[])).as_ref()
    }

    /// Whether its binary is there; where it is not, that is said.
    pub(crate) fn is_installed() -> bool {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let is_there = std::env::split_paths(&paths).any(|folder| folder.join("redis-server").exists());
        if !is_there {
            super::skip("redis-server is not installed");
        }
        is_there
    }

    /// A server of a test's own, with settings (`--appendonly`, `yes`); it takes connections already.
    pub(crate) fn start(settings: &[&str]) -> Option<Self> {
        if !Self::is_installed() {
            return None;
        }
        // Removed by the script, which outlives us.
        let folder = tempfile::Builder::new().prefix("filmgate-redis-").tempdir().expect("a folder").keep();
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let keeper = keeper(&folder, port, &settings);
        let takes_connections = (0..600).any(|_| {
            let is_there = TcpStream::connect(("127.0.0.1", port)).is_ok();
            if !is_there {
                std::thread::sleep(Duration::from_millis(50));
            }
            is_there
        });
        assert!(takes_connections, "Redis does not start");
        Some(Self { folder, port, settings, keeper })
    }

    /// SIGKILL, as when the machine fails.
    pub(crate) fn kill(&mut self) {
        let server = self.process();
        // The script first: it would remove the folder.
        self.keeper.kill().expect("a process");
        self.keeper.wait().expect("an end");
        let status = Command::new("kill").args(["-s", "KILL", &server]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Starts again what was killed, on the same port; returns when it answers.
    pub(crate) async fn restart(&mut self) {
        self.start_again();
        self.connection(0).await;
    }

    /// The same without waiting for an answer.
    pub(crate) fn start_again(&mut self) {
        self.keeper = keeper(&self.folder, self.port, &self.settings);
    }

    /// `STOP` freezes it, `CONT` lets it go on.
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args(["-s", signal, &self.process()]).status().expect("kill runs");
        assert!(status.success());
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> String {
        for _ in 0..100 {
            match std::fs::read_to_string(self.folder.join("pid")) {
                Ok(id) if id.ends_with('\n') => return id.trim().to_owned(),
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        panic!("Redis does not start");
    }

    /// A database that no other test has; its number.
    pub(crate) fn database() -> u64 {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        COUNT.fetch_add(1, Ordering::SeqCst)
    }

    pub(crate) fn url(&self, database: u64) -> String {
        format!("redis://127.0.0.1:{}/{database}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Once the server answers.
    pub(crate) async fn connection(&self, database: u64) -> MultiplexedConnection {
        self.until_it_answers(&self.url(database)).await
    }

    /// The same as whoever the URL names.
    pub(crate) async fn until_it_answers(&self, url: &str) -> MultiplexedConnection {
        let client = Client::open(url).expect("a URL");
        // The machine may be busy with other tests.
        let patient = AsyncConnectionConfig::new().set_response_timeout(None);
        for _ in 0..300 {
            if let Ok(connection) = client.get_multiplexed_async_connection_with_config(&patient).await {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("Redis does not answer");
    }

    /// Says something to it; the answer as a text.
    pub(crate) async fn say(&self, database: u64, words: &[impl ToRedisArgs]) -> String {
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(word);
        }
        let answer: redis::Value =
            command.query_async(&mut self.connection(database).await).await.expect("an answer");
        format!("{answer:?}")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // The pipe closes, and the script tidies up.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        // It cannot where it was killed.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn keeper(folder: &Path, port: u16, settings: &[String]) -> Child {
    let _ = std::fs::remove_file(folder.join("pid"));
    Command::new("sh")
        .args(["-c", SCRIPT, "sh"])
        .arg(folder)
        .arg(port.to_string())
        .args(settings)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell")
}
