//! Many who hear of one hot film, and many who hear of nothing for long.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::client::{LIKE, Load, connect};
use crate::target::Target;
use crate::{block_on, promise};

const READERS: usize = 500;
const ROUNDS: usize = 3;
const SOCKETS: usize = 5_000;
/// KiB of memory that a socket may take.
const MOST: u64 = 25;

const VARIABLES: [(&str, &str); 4] = [
    ("FILMGATE_LIMITS__ENABLED", "false"),
    ("FILMGATE_LOG__LEVEL", "warn"),
    ("FILMGATE_LIVE__MAX_STREAMS_PER_CLIENT", "10000"),
    ("FILMGATE_HTTP__MAX_CONNECTIONS_PER_CLIENT", "10000"),
];

pub(crate) fn run() -> bool {
    block_on(readers()) & block_on(sockets())
}

/// Votes for a film that nobody hears of, and for the same one beside its readers, turn by turn.
async fn readers() -> bool {
    let target = Target::start(&VARIABLES);
    let load = Load {
        target: target.address,
        source: 1,
        connections: 64,
        request: LIKE,
        pause: Duration::ZERO,
        pause_refused: Duration::ZERO,
        time: Duration::from_secs(4),
    };
    let (mut alone, mut beside, mut events) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        alone.push(load.run().await.good.len());
        let heard = Arc::new(AtomicUsize::new(0));
        let mut reading = JoinSet::new();
        for _ in 0..READERS {
            let heard = Arc::clone(&heard);
            reading.spawn(read(target.address, heard));
        }
        sleep(Duration::from_millis(500)).await;
        let start = Instant::now();
        beside.push(load.run().await.good.len());
        let told = u128::try_from(heard.load(Ordering::Relaxed)).expect("few") * 1_000;
        events = events.max(told / READERS as u128 / start.elapsed().as_millis().max(1));
        reading.shutdown().await;
    }
    alone.sort_unstable();
    beside.sort_unstable();
    let (alone, beside) = (alone[ROUNDS / 2], beside[ROUNDS / 2]);
    println!("  votes in {:.1} s: {alone} alone, {beside} beside {READERS} readers", load.counted());
    println!("  a reader heard {events} events a second");
    promise("readers cost votes at most a fifth", beside * 5 >= alone * 4)
        & promise("a reader hears at most ten events a second", (1..=11).contains(&events))
}

/// Reads events until it is stopped.
async fn read(target: SocketAddr, heard: Arc<AtomicUsize>) {
    let mut stream = connect(2, target).await.expect("a connection");
    let request =
        "GET /v1/films/events?id=7 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("it takes it");
    let mut read = vec![0; 16 * 1024];
    loop {
        let length = stream.read(&mut read).await.expect("events");
        assert!(length > 0, "an end");
        let events = read[..length].windows(6).filter(|six| six == b"data: ").count();
        heard.fetch_add(events, Ordering::Relaxed);
    }
}

async fn sockets() -> bool {
    let target = Target::start(&VARIABLES);
    drop(socket(target.address).await);
    let before = target.memory();
    let mut open = Vec::with_capacity(SOCKETS);
    for _ in 0..SOCKETS {
        open.push(socket(target.address).await);
    }
    sleep(Duration::from_secs(1)).await;
    let each = target.memory().saturating_sub(before) / u64::try_from(SOCKETS).expect("few");
    println!("  {} sockets that are acknowledged and idle: {each} KiB each", open.len());
    promise("a socket takes at most 25 KiB", each <= MOST)
}

/// Acknowledged.
async fn socket(target: SocketAddr) -> WebSocketStream<TcpStream> {
    let mut request = format!("ws://{target}/graphql").into_client_request().expect("a request");
    let protocol = "graphql-transport-ws".parse().expect("a value");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let stream = connect(3, target).await.expect("a connection");
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("a socket");
    socket.send(Message::text(r#"{"type":"connection_init"}"#)).await.expect("it takes it");
    let told = socket.next().await.expect("an answer").expect("a message");
    assert!(told.into_text().expect("a text").contains("connection_ack"));
    socket
}
