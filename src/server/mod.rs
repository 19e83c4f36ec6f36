//! The accept loop: own, because `axum::serve` sets no timer, so that no timeout of a connection would ever fire.
//!
//! Every connection has a task that watches over it (`watch`): under TLS hands are shaken (`handshake`), the protocol is
//! told by its first bytes (`sniff`), its bytes pass through `socket` and `guarded`, and what is dropped for the sake of
//! the others is counted (`drops`), as is what never becomes a request.

mod accept;
mod activity;
mod connection;
mod drops;
mod frame_count;
mod guarded;
mod handshake;
mod received;
mod socket;
mod tracked;
mod watch;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch as channel};
use tokio::time::{Instant, interval, sleep, timeout, timeout_at};

use crate::config::Http;
use crate::lifecycle::Lifecycle;
use crate::limits::{ClientKey, Full, Place, Places};
use accept::Acceptor;
pub use connection::Answer;
use connection::{Connections, Peer};
use drops::Cause;
pub use drops::Drops;
pub use handshake::Encryption;
pub use received::Received;
use socket::Held;
use watch::Phase;

/// Time for connections that have begun to be set up, before the socket is closed: a round trip. And for those that are
/// cut off to say so in the log.
const HANDSHAKE: Duration = Duration::from_millis(150);
/// How often what was dropped is told, at most.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// What a server needs to know besides its router, and where it counts. Clones count in the same place.
#[derive(Debug, Clone)]
pub struct Settings {
    pub http: Http,
    /// Peers that may open any number of connections, since each stands for many clients.
    pub uncapped: Vec<IpNet>,
    pub drops: Arc<Drops>,
    /// Of connections.
    pub places: Arc<Places>,
}

impl Settings {
    /// Nothing is counted yet.
    #[must_use]
    pub fn new(http: Http, uncapped: Vec<IpNet>) -> Self {
        let places = Places::new(http.max_connections, http.max_connections_per_client);
        Self { http, uncapped, drops: Arc::default(), places: Arc::new(places) }
    }

    /// A place for a connection of this peer, whose own address counts: what it forwards for others is not known before a
    /// request is read.
    fn admit(&self, peer: IpAddr) -> Result<Place, Cause> {
        let peer = peer.to_canonical();
        let is_uncapped = self.uncapped.iter().any(|network| network.contains(&peer));
        self.places.take((!is_uncapped).then(|| ClientKey::from(peer))).map_err(|full| match full {
            Full::Total => Cause::OverTotal,
            Full::Client => Cause::OverClient,
        })
    }
}

/// How to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Whoever balances load is given `http.drain_delay` to notice.
    Gently,
    /// A person waits at a terminal.
    AtOnce,
    /// Likewise, and the log says nothing: the end of the process has been told.
    InSilence,
}

/// A place to listen, and what is found there.
pub struct Entrance<A> {
    pub listener: TcpListener,
    pub behind: A,
    /// `None` for plain HTTP.
    pub encryption: Option<Encryption>,
}

/// Serves until `shutdown` ends, then lets requests in work finish, for as long as the settings say. While it drains,
/// it still accepts: a balancer needs a moment to see that `/health/ready` says no. The caps hold for all entrances
/// together.
///
/// # Errors
/// When a socket cannot be used at all; an accept error is waited out.
pub async fn run<A: Answer>(
    entrances: Vec<Entrance<A>>,
    lifecycle: &Lifecycle,
    settings: &Settings,
    shutdown: impl Future<Output = Stop>,
) -> io::Result<()> {
    let drops = Arc::clone(&settings.drops);
    let (phase, told) = channel::channel(Phase::Serving);
    let (alive, mut ended) = mpsc::channel::<()>(1);
    let open = |Entrance { listener, behind, encryption }| {
        let connections =
            Connections::new(&settings.http, behind, encryption, lifecycle.clone(), Arc::clone(&drops));
        let accepting = Accepting {
            connections: Arc::new(connections),
            settings: settings.clone(),
            told: told.clone(),
            alive: alive.clone(),
        };
        (accepting, listener)
    };
    let open: Vec<(Accepting<A>, TcpListener)> = entrances.into_iter().map(open).collect();
    drop(alive);
    tokio::pin!(shutdown);
    let stop = tokio::select! {
        stop = &mut shutdown => stop,
        () = serve(&open, &drops) => Stop::AtOnce,
    };
    lifecycle.drain();
    let most = settings.http.drain_timeout();
    let end = Instant::now() + most;
    if stop == Stop::Gently {
        let delay = settings.http.drain_delay().min(most);
        tracing::info!(seconds = delay.as_secs(), "stopping: not ready any more, still serving");
        serve_for(delay, &open, &drops).await;
    }
    match open.iter().try_for_each(|(_, listener)| accept::turn_away(listener)) {
        Ok(()) => serve_for(HANDSHAKE, &open, &drops).await,
        // Then who connects in the very moment of closing is lost, and nobody else.
        Err(error) => tracing::debug!(%error, "newcomers cannot be turned away before the socket is closed"),
    }
    for (accepting, listener) in open {
        accepting.serve_backlog(listener)?;
    }
    if stop != Stop::InSilence {
        tracing::info!("stopping: no new connections, finishing requests in work");
    }
    phase.send_replace(Phase::Closing);
    // Nothing is ever sent: it ends when the last connection has dropped its end.
    if timeout_at(end, ended.recv()).await.is_err() {
        tracing::warn!("requests were still in work at the end of http.drain_timeout");
    }
    phase.send_replace(Phase::Cut);
    // What is cut off has its line too.
    let _ = timeout(HANDSHAKE, ended.recv()).await;
    drops.report();
    Ok(())
}

/// Never ends.
async fn serve<A: Answer>(open: &[(Accepting<A>, TcpListener)], drops: &Drops) {
    let report = async {
        let mut ticks = interval(REPORT_EVERY);
        loop {
            ticks.tick().await;
            drops.report();
        }
    };
    join(join_all(open.iter().map(|(accepting, listener)| accepting.serve(listener))), report).await;
}

async fn serve_for<A: Answer>(time: Duration, open: &[(Accepting<A>, TcpListener)], drops: &Drops) {
    tokio::select! {
        () = sleep(time) => {}
        () = serve(open, drops) => {}
    }
}

/// What meets a new connection.
struct Accepting<A> {
    connections: Arc<Connections<A>>,
    settings: Settings,
    told: channel::Receiver<Phase>,
    /// One clone a connection.
    alive: mpsc::Sender<()>,
}

impl<A: Answer> Accepting<A> {
    /// Never ends.
    async fn serve(&self, listener: &TcpListener) {
        let mut acceptor = Acceptor::default();
        loop {
            let (stream, peer) = acceptor.next(listener, &self.settings.drops).await;
            self.welcome(stream, peer);
        }
    }

    /// Closes the socket. Who was connected by then is still served, although nobody had accepted it; who connects
    /// from here on is refused by the system rather than left waiting.
    fn serve_backlog(&self, listener: TcpListener) -> io::Result<()> {
        // The runtime learns of a connection a moment after the system does: ask the system.
        let listener = listener.into_std()?;
        let accept = || {
            let (stream, peer) = listener.accept()?;
            stream.set_nonblocking(true)?;
            Ok((TcpStream::from_std(stream)?, peer))
        };
        for (stream, peer) in accept::waiting(accept, &self.settings.drops) {
            self.welcome(stream, peer);
        }
        Ok(())
    }

    /// A connection over a cap is closed at once: left waiting, it would hold up everybody behind it, and whoever
    /// balances load would not learn that there is no room here.
    fn welcome(&self, stream: TcpStream, peer: SocketAddr) {
        let place = match self.settings.admit(peer.ip()) {
            Ok(place) => place,
            Err(cause) => return self.settings.drops.note(cause),
        };
        // Answers are written whole, so waiting for more to send only delays them. A socket that refuses is gone.
        let _ = stream.set_nodelay(true);
        let (connections, alive) = (Arc::clone(&self.connections), self.alive.clone());
        let peer = Peer { address: peer, told: self.told.clone() };
        tokio::spawn(async move {
            let held = Held { _place: place, _alive: alive.clone() };
            connections.serve(stream, held, peer).await;
            // Also until the last line about it is written.
            drop(alive);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_held_by_the_total_alone() {
        let http = Http { max_connections: 3, max_connections_per_client: 1, ..Http::default() };
        let settings = Settings::new(http, vec!["10.0.0.0/8".parse().expect("a network")]);
        let admit = |peer: &str| settings.admit(peer.parse().expect("an address"));
        let held: Vec<_> = (0..3).map(|_| admit("::ffff:10.1.2.3").expect("room")).collect();
        assert_eq!(admit("10.1.2.3").expect_err("full"), Cause::OverTotal);
        drop(held);
        let _held = admit("192.0.2.1").expect("room");
        assert_eq!(admit("192.0.2.1").expect_err("one is enough"), Cause::OverClient);
    }
}
