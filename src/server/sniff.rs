//! Which protocol a peer speaks, told by its first bytes.
//!
//! Own rather than hyper-util's automatic builder: that one reads them before any of its timers runs, and a connection
//! that it is told to close meanwhile is dropped, although its request may be on the way.

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// What a client of HTTP/2 says first (RFC 9113, 3.4). No request of HTTP/1 begins like it.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// The protocol, and the bytes read to tell it; `None` when the peer has closed without a word.
pub(super) async fn sniff(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(Protocol, Bytes)>> {
    let mut first = [0; PREFACE.len()];
    let mut filled = 0;
    while filled < first.len() {
        let read = stream.read(&mut first[filled..]).await?;
        if read == 0 && filled == 0 {
            return Ok(None);
        }
        filled += read;
        if read == 0 || first[..filled] != PREFACE[..filled] {
            return Ok(Some((Protocol::Http1, Bytes::copy_from_slice(&first[..filled]))));
        }
    }
    Ok(Some((Protocol::Http2, Bytes::from_static(PREFACE))))
}
