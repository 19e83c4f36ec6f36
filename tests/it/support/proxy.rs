//! HAProxy with the configuration of docs/, made from the binary on the machine, that ends with the tests.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

/// Its standard input is a pipe that nobody writes to. It closes when this process ends, however it ends.
const SCRIPT: &str = r#"
haproxy -db -f "$1" >/dev/null 2>&1 </dev/null &
proxy=$!
cat >/dev/null
kill -KILL "$proxy" 2>/dev/null
wait "$proxy"
"#;

/// A proxy before three servers, which ends when this is dropped.
pub(crate) struct Proxy {
    pub address: SocketAddr,
    /// The parent of its process.
    pub keeper: Child,
}

impl Proxy {
    /// Whether its binary is there; where it is not, that is said.
    pub(crate) fn is_installed() -> bool {
        let is_there = Command::new("haproxy").arg("-v").stdout(Stdio::null()).status().is_ok();
        if !is_there {
            super::skip("haproxy is not installed");
        }
        is_there
    }

    /// `None` where there is no HAProxy, which is said.
    pub(crate) fn start(servers: [SocketAddr; 3]) -> Option<Self> {
        if !Self::is_installed() {
            return None;
        }
        let address = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number");
        let keeper = Command::new("sh")
            .args(["-c", SCRIPT, "sh", concat!(env!("CARGO_MANIFEST_DIR"), "/docs/haproxy.cfg")])
            .env("FILMGATE_BIND", address.to_string())
            .envs(
                servers
                    .iter()
                    .enumerate()
                    .map(|(n, server)| (format!("FILMGATE_{}", n + 1), server.to_string())),
            )
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Some(Self { address, keeper })
    }

    /// Returns once a request comes through.
    pub(crate) async fn until_it_answers(&self) {
        for _ in 0..400 {
            let answer = reqwest::get(format!("http://{}/health/ready", self.address)).await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("HAProxy does not answer");
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The pipe closes, and the script tidies up.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
