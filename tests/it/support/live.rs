//! The app behind the real accept loop in this process, and bytes on a wire to it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use filmgate::config::{Config, Http};
use filmgate::server::{self, Entrance, Settings, Stop};
use ipnet::IpNet;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Store, Stream, TestApp, Transport, say};

/// Far longer than any timeout of these tests.
const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Live {
    pub address: SocketAddr,
    transport: Transport,
    /// Held, since it holds the database.
    pub app: TestApp,
    stop: Option<oneshot::Sender<Stop>>,
    ended: JoinHandle<()>,
}

impl Live {
    /// `uncapped`: networks whose peers may open any number of connections.
    pub(crate) async fn start(limit: &str, uncapped: &[&str], change: impl FnOnce(&mut Http)) -> Self {
        Self::start_over(Transport::Plain, limit, uncapped, change).await
    }

    pub(crate) async fn start_over(
        transport: Transport,
        limit: &str,
        uncapped: &[&str],
        change: impl FnOnce(&mut Http),
    ) -> Self {
        let app = TestApp::with(limit, |config| change(&mut config.http)).await;
        Self::serve(transport, app, uncapped).await
    }

    /// With the whole configuration.
    pub(crate) async fn with(limit: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::serve(Transport::Plain, TestApp::with(limit, change).await, &["127.0.0.0/8"]).await
    }

    /// The same on either database.
    pub(crate) async fn on_with(store: Store, limit: &str, change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::on_with(store, limit, change).await;
        Self::serve(Transport::Plain, app, &["127.0.0.0/8"]).await
    }

    /// Without films, and with the whole configuration.
    pub(crate) async fn empty_with(limit: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::serve(Transport::Plain, TestApp::empty_with(limit, change).await, &["127.0.0.0/8"]).await
    }

    async fn serve(transport: Transport, app: TestApp, uncapped: &[&str]) -> Self {
        let http = app.http.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let uncapped: Vec<IpNet> =
            uncapped.iter().map(|network| network.parse().expect("a network")).collect();
        let (stop, stopped) = oneshot::channel();
        let (behind, lifecycle) = (app.front.clone(), app.lifecycle.clone());
        let ended = tokio::spawn(async move {
            let stop = async { stopped.await.unwrap_or(Stop::AtOnce) };
            let settings = Settings::new(http, uncapped);
            let entrance = Entrance { listener, behind, encryption: transport.encryption() };
            server::run(vec![entrance], &lifecycle, &settings, stop).await.expect("a quiet end");
        });
        Self { address, transport, app, stop: Some(stop), ended }
    }

    pub(crate) async fn connect(&self) -> Wire {
        self.transport.connect(self.address).await
    }

    /// For HTTP/2.
    pub(crate) async fn connect_h2(&self) -> Wire {
        self.transport.connect_h2(self.address).await
    }

    /// From another address of this machine: another client.
    pub(crate) async fn connect_from(&self, source: &str) -> Wire {
        self.transport.over(Wire::tcp(source, self.address).await, "http/1.1").await
    }

    /// Stops it and waits for its end.
    pub(crate) async fn stop(mut self, stop: Stop) {
        self.stop.take().expect("it runs").send(stop).expect("it runs");
        timeout(LONG, &mut self.ended).await.expect("an end").expect("no panic");
    }
}

/// A connection, byte by byte.
pub(crate) struct Wire {
    pub stream: Stream,
    opened: Instant,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_from("127.0.0.1", address).await
    }

    /// From another address of this machine: another client.
    pub(crate) async fn connect_from(source: &str, address: SocketAddr) -> Self {
        Self::over(Self::tcp(source, address).await)
    }

    /// A bare connection.
    pub(crate) async fn tcp(source: &str, address: SocketAddr) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::new(source.parse().expect("an address"), 0)).expect("a source");
        timeout(LONG, socket.connect(address)).await.expect("in time").expect("a connection")
    }

    /// Over a connection that has just been made.
    #[expect(clippy::disallowed_methods, reason = "how long the server took is what is measured")]
    pub(crate) fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        Self { stream: Box::new(stream), opened: Instant::now() }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        say(&mut self.stream, bytes).await.expect("bytes are sent");
    }

    /// One answer of HTTP/1.1, of known length: status, head, body.
    pub(crate) async fn answer(&mut self) -> (u16, String, String) {
        self.try_answer().await.expect("an answer")
    }

    /// `None` when the connection ends instead.
    pub(crate) async fn try_answer(&mut self) -> Option<(u16, String, String)> {
        let mut read = Vec::new();
        loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
                let length: usize = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .map_or(0, |length| length.parse().expect("a length"));
                if read.len() >= end + 4 + length {
                    let status = head.get(9..12).expect("a status").parse().expect("a number");
                    let body = String::from_utf8_lossy(&read[end + 4..end + 4 + length]).into_owned();
                    return Some((status, head, body));
                }
            }
            let count = timeout(LONG, self.stream.read_buf(&mut read)).await.expect("in time").unwrap_or(0);
            if count == 0 {
                return None;
            }
        }
    }

    /// `GET`, and the status of its answer; `None` when the connection ends instead.
    pub(crate) async fn get(&mut self, path: &str) -> Option<u16> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        say(&mut self.stream, request.as_bytes()).await.ok()?;
        self.try_answer().await.map(|(status, ..)| status)
    }

    /// Reads until the server closes; what came, and how long after connecting it ended.
    pub(crate) async fn rest(&mut self) -> (Vec<u8>, Duration) {
        let mut read = Vec::new();
        // A reset is an end as well.
        let _ = timeout(LONG, self.stream.read_to_end(&mut read)).await.expect("it is closed in time");
        (read, self.opened.elapsed())
    }
}

/// The code of a refusal in the form of either surface.
pub(crate) fn code(body: &str) -> String {
    let json: Value = serde_json::from_str(body).expect("JSON");
    let code = json.pointer("/errors/0/extensions/code").unwrap_or(&json["code"]);
    code.as_str().unwrap_or_default().to_owned()
}
