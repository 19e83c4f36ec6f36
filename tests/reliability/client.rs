//! A plain client of HTTP/1.1, which costs little beside the server it asks.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};

/// An answer that takes longer than this is an error.
const LONGEST: Duration = Duration::from_secs(30);

pub(crate) const RANDOM_FILM: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
pub(crate) const LIKE: &str =
    "POST /v1/films/7/like HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";

/// From another address of this machine: another client.
pub(crate) async fn connect(source: u8, target: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::from([127, 0, 0, source]), 0))?;
    let stream = socket.connect(target).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A connection that is kept.
pub(crate) struct Client<S = TcpStream> {
    stream: S,
    read: Vec<u8>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// It asked us to leave.
    pub(crate) closes: bool,
}

impl Client {
    pub(crate) async fn connect(source: u8, target: SocketAddr) -> io::Result<Self> {
        Ok(Self::over(connect(source, target).await?))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, read: Vec::with_capacity(4096) }
    }

    pub(crate) async fn ask(&mut self, request: &str) -> io::Result<Answer> {
        timeout(LONGEST, self.exchange(request)).await.map_err(|_| io::ErrorKind::TimedOut)?
    }

    async fn exchange(&mut self, request: &str) -> io::Result<Answer> {
        self.stream.write_all(request.as_bytes()).await?;
        // TLS may keep the end of it to itself.
        self.stream.flush().await?;
        self.read.clear();
        loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            // The server writes names in lower case.
            let head = std::str::from_utf8(&self.read[..end]).map_err(io::Error::other)?;
            let length: usize = head
                .split("\r\n")
                .find_map(|line| line.strip_prefix("content-length: "))
                .and_then(|length| length.parse().ok())
                .unwrap_or(0);
            if self.read.len() >= end + 4 + length {
                let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
                return Ok(Answer { status, closes: head.contains("\r\nconnection: close") });
            }
        }
    }
}

/// What a group of clients saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// Times of the good answers.
    pub(crate) good: Vec<Duration>,
    /// 503 and 429.
    pub(crate) refused: usize,
    /// Everything else, broken connections too.
    pub(crate) failed: usize,
}

impl Seen {
    pub(crate) fn percentile(&mut self, percent: usize) -> Duration {
        self.good.sort_unstable();
        let place = (self.good.len() * percent / 100).min(self.good.len().saturating_sub(1));
        self.good.get(place).copied().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.good.extend(other.good);
        self.refused += other.refused;
        self.failed += other.failed;
    }
}

/// How a group of clients asks.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) target: SocketAddr,
    pub(crate) source: u8,
    pub(crate) connections: usize,
    pub(crate) request: &'static str,
    /// Between an answer and the next request.
    pub(crate) pause: Duration,
    /// After a refusal; clients that do not listen do not wait.
    pub(crate) pause_refused: Duration,
    pub(crate) time: Duration,
}

impl Load {
    /// Runs to its end. What is asked in the first fifth is not counted: connections are being made.
    pub(crate) async fn run(self) -> Seen {
        self.run_after(self.time / 5).await
    }

    /// The same with all that is asked.
    pub(crate) async fn run_whole(self) -> Seen {
        self.run_after(Duration::ZERO).await
    }

    async fn run_after(self, uncounted: Duration) -> Seen {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let start = Instant::now();
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..self.connections {
            let seen = Arc::clone(&seen);
            clients.spawn(async move {
                let own = self.one(start, uncounted).await;
                seen.lock().expect("no panic").add(own);
            });
        }
        clients.join_all().await;
        let mut seen = seen.lock().expect("no panic");
        std::mem::take(&mut *seen)
    }

    /// Seconds that are counted.
    pub(crate) fn counted(self) -> f64 {
        self.time.as_secs_f64() * 4.0 / 5.0
    }

    async fn one(self, start: Instant, uncounted: Duration) -> Seen {
        let mut seen = Seen::default();
        let mut client = None;
        while start.elapsed() < self.time {
            let counts = start.elapsed() >= uncounted;
            let Some(connected) = &mut client else {
                client = Client::connect(self.source, self.target).await.ok();
                if client.is_none() {
                    seen.failed += 1;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                continue;
            };
            let asked = Instant::now();
            match connected.ask(self.request).await {
                Ok(Answer { status: 200, .. }) => {
                    if counts {
                        seen.good.push(asked.elapsed());
                    }
                    // A sleep of no time takes a millisecond.
                    if !self.pause.is_zero() {
                        tokio::time::sleep(self.pause).await;
                    }
                }
                Ok(Answer { status: 429 | 503, .. }) => {
                    seen.refused += usize::from(counts);
                    if !self.pause_refused.is_zero() {
                        tokio::time::sleep(self.pause_refused).await;
                    }
                }
                _ => {
                    seen.failed += 1;
                    client = None;
                }
            }
        }
        seen
    }
}
