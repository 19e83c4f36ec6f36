//! A PostgreSQL server of our own, made from the binaries on the machine, that ends with the tests.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Its standard input is a pipe that nobody writes to. It closes when this process ends, however it ends; then the
/// server is stopped and its folder removed.
const SCRIPT: &str = r#"
folder=$1
as=
if [ "$(id -u)" = 0 ]; then
  as='setpriv --reuid=65534 --regid=65534 --clear-groups'
  chown 65534:65534 "$folder"
fi
cd "$folder"
if [ ! -d data ]; then
  $as "$2/initdb" --no-sync -A trust -U postgres -E UTF8 --locale=C.UTF-8 -D "$folder/data" >>"$folder/log" 2>&1
fi
$as "$2/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$3" -c unix_socket_directories= \
  -c max_connections=800 -c fsync="$4" >>"$folder/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

/// A server, which ends when this is dropped.
pub(crate) struct Postgres {
    folder: PathBuf,
    binaries: PathBuf,
    port: u16,
    fsync: String,
    keeper: Child,
}

impl Postgres {
    /// The server that all tests share; `None` where there are no binaries, which is said.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start("off")).as_ref()
    }

    /// Whether its binaries are there; where they are not, that is said.
    pub(crate) fn is_installed() -> bool {
        let is_there = binaries().is_some();
        if !is_there {
            super::skip("PostgreSQL's server is not installed");
        }
        is_there
    }

    /// A server of a test's own.
    pub(crate) fn start(fsync: &str) -> Option<Self> {
        let Some(binaries) = binaries() else {
            super::skip("PostgreSQL's server is not installed");
            return None;
        };
        // Removed by the script, which outlives us.
        let folder =
            tempfile::Builder::new().prefix("filmgate-postgres-").tempdir().expect("a folder").keep();
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
        let keeper = keeper(&folder, &binaries, port, fsync);
        Some(Self { folder, binaries, port, fsync: fsync.to_owned(), keeper })
    }

    /// SIGKILL to all of it, as when the machine fails.
    pub(crate) fn kill(&mut self) {
        // The script first: it would remove the folder.
        self.keeper.kill().expect("a process");
        self.keeper.wait().expect("an end");
        // Then the server, before its children, so that it cannot tell them to end in peace.
        let server = self.process();
        let children = Command::new("pgrep").args(["-P", &server]).output().expect("pgrep runs").stdout;
        let children = String::from_utf8(children).expect("numbers");
        let mut kill = Command::new("kill");
        // A child may have ended by itself in between.
        kill.args(["-s", "KILL", &server]).args(children.split_whitespace()).status().expect("kill runs");
    }

    /// Starts again what was killed, on the same port; returns when it answers.
    pub(crate) async fn restart(&mut self) {
        let _ = std::fs::remove_file(self.folder.join("data/postmaster.pid"));
        self.keeper = keeper(&self.folder, &self.binaries, self.port, &self.fsync);
        self.connect().await.close().await.expect("an end");
    }

    /// Sends a signal to the server and all its processes.
    pub(crate) fn signal(&self, signal: &str) {
        let server = self.process();
        for arguments in [vec!["-P", &server], vec![]] {
            if arguments.is_empty() {
                Command::new("kill").args(["-s", signal, &server]).status().expect("kill runs");
            } else {
                Command::new("pkill").arg(format!("-{signal}")).args(arguments).status().expect("pkill runs");
            }
        }
    }

    /// The number of the server's process.
    pub(crate) fn process(&self) -> String {
        let file =
            std::fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("a server that runs");
        file.lines().next().expect("a number").to_owned()
    }

    /// Runs statements in a database.
    pub(crate) async fn execute(&self, url: &str, sql: &str) {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("statements");
        connection.close().await.expect("an end");
    }

    /// A new and empty database; its URL.
    pub(crate) async fn database(&self) -> String {
        self.database_like("template1").await
    }

    /// A copy of a database that nobody is connected to; its URL.
    pub(crate) async fn database_like(&self, template: &str) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("test{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let mut connection = self.connect().await;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"));
        sqlx::query(create).execute(&mut connection).await.expect("a database");
        connection.close().await.expect("an end");
        self.url(&name)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Once the server answers.
    async fn connect(&self) -> PgConnection {
        for _ in 0..300 {
            if let Ok(connection) = PgConnection::connect(&self.url("postgres")).await {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("PostgreSQL does not start");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The pipe closes, and the script tidies up.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn keeper(folder: &Path, binaries: &Path, port: u16, fsync: &str) -> Child {
    Command::new("sh")
        .args(["-c", SCRIPT, "sh"])
        .args([folder, binaries])
        .args([&port.to_string(), fsync])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell")
}

fn binaries() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders
        .into_iter()
        .rev()
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}
