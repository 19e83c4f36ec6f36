//! Accepting, also when the system says no.

use std::io;
use std::io::ErrorKind;
use std::iter;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

use super::drops::{Cause, Drops};

/// Pause after an accept error, doubled up to the longest. Out of file descriptors, say, the next try would fail at
/// once and burn a core.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Failures to accept, at a stop.
const MOST_FAILURES: u32 = 16;
/// Trouble within this time of a warning is the same trouble: it is counted, not told again.
const QUIET: Duration = Duration::from_mins(1);

/// Accepts connections, and remembers how it has been going.
#[derive(Default)]
pub(super) struct Acceptor {
    pause: Duration,
    warned: Option<Instant>,
}

impl Acceptor {
    /// The next connection; waits errors out.
    pub(super) async fn next(&mut self, listener: &TcpListener, drops: &Drops) -> (TcpStream, SocketAddr) {
        loop {
            match listener.accept().await {
                Ok(accepted) => {
                    self.pause = Duration::ZERO;
                    return accepted;
                }
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    drops.note(Cause::NotAccepted);
                    self.warn(&error);
                    self.pause = (self.pause * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
                    sleep(self.pause).await;
                }
            }
        }
    }

    fn warn(&mut self, error: &io::Error) {
        let now = Instant::now();
        if self.warned.is_none_or(|warned| now.duration_since(warned) > QUIET) {
            self.warned = Some(now);
            tracing::warn!(
                %error,
                "connections cannot be accepted; they wait until it passes (said once a minute at most)"
            );
        }
    }
}

/// Whoever has connected and is not accepted yet, until nobody is left. Of who has gone meanwhile nothing is said; when `accept`
/// fails otherwise, out of file descriptors say, it is counted, and a few times later nobody is waited for.
pub(super) fn waiting<T>(
    mut accept: impl FnMut() -> io::Result<T>,
    drops: &Drops,
) -> impl Iterator<Item = T> {
    let mut failures = 0;
    iter::from_fn(move || {
        loop {
            match accept() {
                Ok(accepted) => return Some(accepted),
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock || failures == MOST_FAILURES => {
                    return None;
                }
                Err(_) => {
                    drops.note(Cause::NotAccepted);
                    failures += 1;
                }
            }
        }
    })
}

/// Whether it says that this one has gone, and nothing of the next one.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

/// Lets no new connection begin; those that have begun are still set up. To be called before the socket is closed, which
/// resets every connection that nobody has accepted yet, and one may always come between the last accept and the close:
/// now its first packet is dropped, as on a busy network, and sent again a second later, when nobody listens any more.
#[cfg(target_os = "linux")]
pub(super) fn turn_away(listener: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};

    /// Where the flags stand in the header of a TCP packet, and the one that begins a connection.
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    // In the words of the classic packet filter: load a byte, jump if a bit is set, and return how much of the packet
    // to keep. SYN never comes again in a connection, so those that inherit the filter are none the worse for it.
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(0x30, 0, 0, FLAGS),
        SockFilter::new(0x45, 0, 1, SYN),
        SockFilter::new(0x06, 0, 0, 0),
        SockFilter::new(0x06, 0, 0, u32::MAX),
    ])
}

/// Elsewhere there is no such word; a connection that comes in the very moment of closing is lost.
#[cfg(not(target_os = "linux"))]
pub(super) fn turn_away(_: &TcpListener) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_behind_one_that_has_gone_is_accepted() {
        let drops = Drops::default();
        let gone = || Err(io::Error::from(ErrorKind::ConnectionAborted));
        let failed = || Err(io::Error::from(ErrorKind::HostUnreachable));
        let mut told =
            [Ok(1), gone(), Ok(2), failed(), Ok(3), Err(ErrorKind::WouldBlock.into()), Ok(4)].into_iter();
        let accepted: Vec<i32> = waiting(|| told.next().expect("one more"), &drops).collect();
        assert_eq!(accepted, [1, 2, 3]);
        assert_eq!(drops.counts().find(|(name, _)| *name == "not_accepted").map(|(_, count)| count), Some(1));
        assert_eq!(waiting(failed as fn() -> io::Result<i32>, &drops).count(), 0, "and it ends");
    }
}
