//! Three servers behind HAProxy, each replaced in turn while clients ask, vote and listen. `FILMGATE_BEFORE=PROGRAM` is the
//! release that is replaced first; without it, it is the same one.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::client::{Client, LIKE, RANDOM_FILM};
use crate::support::{Cluster, Postgres, Proxy, Redis, count};
use crate::{block_on, promise};

/// All three are replaced so often.
const ROUNDS: usize = 3;
const KEEPING: usize = 16;
/// These connect anew for each request.
const CONNECTING: usize = 4;
const SOCKETS: usize = 4;
const STREAMS: usize = 4;
/// Between the end of a stream and the next attempt, as clients have it.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Default)]
struct Seen {
    enough: AtomicBool,
    answered: AtomicU64,
    votes: AtomicU64,
    failed: AtomicU64,
    /// Sockets and streams that were ended by a stop, and connected again.
    again: AtomicU64,
    /// Attempts to do so that were refused.
    refused: AtomicU64,
}

impl Seen {
    fn add(&self, what: fn(&Self) -> &AtomicU64) {
        what(self).fetch_add(1, Ordering::SeqCst);
    }

    fn is_enough(&self) -> bool {
        self.enough.load(Ordering::SeqCst)
    }
}

pub(crate) fn run() -> bool {
    block_on(restarts())
}

async fn restarts() -> bool {
    let now = Cluster::program();
    let before = std::env::var_os("FILMGATE_BEFORE").map_or_else(|| now.clone(), PathBuf::from);
    let postgres = Postgres::start("on").expect("PostgreSQL");
    let redis = Redis::start(&[]).expect("Redis");
    redis.say(0, &["PING"]).await;
    let database = postgres.database().await;
    let variables = [
        ("FILMGATE_LIMITS__FILM", "1000000/second"),
        ("FILMGATE_LIMITS__BROWSE", "1000000/second"),
        ("FILMGATE_LIMITS__FLOOD", "1000000/second"),
        ("FILMGATE_LIMITS__STORAGE_TIMEOUT", "1000"),
        // As in compose.yaml.
        ("FILMGATE_HTTP__DRAIN_DELAY", "2"),
        ("FILMGATE_LOG__LEVEL", "error"),
    ];
    let mut cluster = Cluster::of(&before, &database, &redis.url(0), &variables);
    let proxy = Proxy::start(cluster.addresses()).expect("haproxy");
    proxy.until_it_answers().await;
    let seen = Arc::<Seen>::default();
    let (mut clients, mut listeners) = (JoinSet::new(), JoinSet::new());
    for number in 0..KEEPING + CONNECTING {
        clients.spawn(ask(proxy.address, number, Arc::clone(&seen)));
    }
    for _ in 0..SOCKETS {
        listeners.spawn(listen(proxy.address, Kind::Socket, Arc::clone(&seen)));
    }
    for _ in 0..STREAMS {
        listeners.spawn(listen(proxy.address, Kind::Stream, Arc::clone(&seen)));
    }
    sleep(Duration::from_secs(1)).await;
    let (mut longest, mut well) = (Duration::ZERO, true);
    for number in (0..ROUNDS).flat_map(|_| 0..3) {
        let begin = Instant::now();
        cluster.servers[number].signal("TERM");
        while cluster.servers[number].is_alive() {
            sleep(Duration::from_millis(20)).await;
        }
        longest = longest.max(begin.elapsed());
        well &= cluster.servers[number].wait(Duration::from_secs(1)) == Some(0);
        tokio::task::block_in_place(|| cluster.start_again(number, &now));
        // Until the proxy has seen that it is ready, and those who were sent away are somewhere else.
        sleep(Duration::from_millis(1_500)).await;
    }
    seen.enough.store(true, Ordering::SeqCst);
    clients.join_all().await;
    // The last counts are never left out.
    let likes = count(&database, "SELECT likes FROM film WHERE id = 7").await;
    let votes = u64::try_from(likes).expect("a count");
    let mut heard = 0;
    while let Some(last) = listeners.join_next().await {
        heard += usize::from(last.expect("no panic") == votes);
    }
    let of = |what: fn(&Seen) -> &AtomicU64| what(&seen).load(Ordering::SeqCst);
    println!(
        "  {} replacements behind HAProxy, of {} first: {} requests answered, {} failed; {} of them votes, {votes} on disk; \
         the longest stop took {longest:.1?}",
        ROUNDS * 3,
        if before == now { "the same program" } else { "the one before" },
        of(|seen| &seen.answered),
        of(|seen| &seen.failed),
        of(|seen| &seen.votes),
    );
    println!(
        "  {} sockets and {} streams connected again {} times, and were refused {} times",
        SOCKETS,
        STREAMS,
        of(|seen| &seen.again),
        of(|seen| &seen.refused)
    );
    promise("no request fails", of(|seen| &seen.failed) == 0)
        & promise("each vote counts once", of(|seen| &seen.votes) == votes)
        & promise("who listens hears the last count", heard == SOCKETS + STREAMS)
        & promise("each stop ends well within 10 s", well && longest < Duration::from_secs(10))
}

async fn ask(proxy: SocketAddr, number: usize, seen: Arc<Seen>) {
    let is_vote = number % 2 == 1;
    while !seen.is_enough() {
        let Ok(mut client) = Client::connect(1, proxy).await else {
            seen.add(|seen| &seen.failed);
            continue;
        };
        while !seen.is_enough() {
            match client.ask(if is_vote { LIKE } else { RANDOM_FILM }).await {
                Ok(answer) if answer.status == 200 => {
                    seen.add(|seen| &seen.answered);
                    if is_vote {
                        seen.add(|seen| &seen.votes);
                    }
                    if answer.closes || number >= KEEPING {
                        break;
                    }
                }
                _ => {
                    seen.add(|seen| &seen.failed);
                    break;
                }
            }
            // Some at once, and not as many as there can be: HAProxy and three servers share two cores with this.
            sleep(Duration::from_millis(5)).await;
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Socket,
    Stream,
}

/// Hears of film 7, connects again whenever a stop ends that, and stays until nothing is told for a while at the end: the
/// last count that was heard.
async fn listen(proxy: SocketAddr, kind: Kind, seen: Arc<Seen>) -> u64 {
    let mut last = 0;
    loop {
        let listened = match kind {
            Kind::Socket => socket(proxy, &seen, &mut last).await,
            Kind::Stream => stream(proxy, &seen, &mut last).await,
        };
        match listened {
            Ended::AtTheEnd => return last,
            Ended::ByAStop => seen.add(|seen| &seen.again),
            Ended::Refused => seen.add(|seen| &seen.refused),
        }
        sleep(PAUSE).await;
    }
}

enum Ended {
    AtTheEnd,
    ByAStop,
    Refused,
}

/// Time in which a count that changes is told, and then some.
const QUIET: Duration = Duration::from_secs(2);

fn likes(text: &str) -> Option<u64> {
    let (_, rest) = text.rsplit_once("\"likes\":")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

async fn socket(proxy: SocketAddr, seen: &Seen, last: &mut u64) -> Ended {
    let mut request = format!("ws://{proxy}/graphql").into_client_request().expect("a request");
    let protocol = "graphql-transport-ws".parse().expect("a value");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let stream = TcpStream::connect(proxy).await.expect("a connection");
    let Ok((mut socket, _)) = tokio_tungstenite::client_async(request, stream).await else {
        return Ended::Refused;
    };
    for message in [
        r#"{"type":"connection_init"}"#,
        r#"{"id":"1","type":"subscribe","payload":{"query":"subscription { filmVoted(id: 7) { likes } }"}}"#,
    ] {
        if socket.send(Message::text(message)).await.is_err() {
            return Ended::ByAStop;
        }
    }
    loop {
        match tokio::time::timeout(QUIET, socket.next()).await {
            Err(_) if seen.is_enough() => return Ended::AtTheEnd,
            Ok(Some(Ok(Message::Text(text)))) => *last = likes(&text).unwrap_or(*last),
            Err(_) | Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(_) => return Ended::ByAStop,
        }
    }
}

async fn stream(proxy: SocketAddr, seen: &Seen, last: &mut u64) -> Ended {
    let mut stream = TcpStream::connect(proxy).await.expect("a connection");
    let request =
        "GET /v1/films/events?id=7 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("it takes it");
    let (mut read, mut is_open) = (Vec::new(), false);
    loop {
        match tokio::time::timeout(QUIET, stream.read_buf(&mut read)).await {
            Err(_) if seen.is_enough() && is_open => return Ended::AtTheEnd,
            Err(_) => {}
            Ok(Ok(length)) if length > 0 => {
                let text = String::from_utf8_lossy(&read).into_owned();
                if !is_open && !text.starts_with("HTTP/1.1 200") {
                    return Ended::Refused;
                }
                is_open = true;
                *last = likes(&text).unwrap_or(*last);
                // What may be half of an event is kept.
                let half = read.len().min(512);
                read.drain(..read.len() - half);
                // The end of the chunked body, which HAProxy ends in order.
                if text.ends_with("\r\n0\r\n\r\n") {
                    return Ended::ByAStop;
                }
            }
            Ok(_) => return Ended::ByAStop,
        }
    }
}
