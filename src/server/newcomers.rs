//! Closing the socket without losing who has just connected.
//!
//! When a listening socket is closed, the system resets every connection that nobody has accepted yet, and one may
//! always come between the last accept and the close. So first the system is told to take no more of them: their first
//! packet is dropped, as on a busy network, and sent again a second later, when nobody listens any more.

use std::io;

use tokio::net::TcpListener;

/// Lets no new connection begin; those that have begun are still set up.
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
