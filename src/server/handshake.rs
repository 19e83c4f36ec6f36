//! The beginning of a connection under TLS.

use std::io;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::drops::Cause;
use super::socket::Socket;
use crate::tls::Current;

/// For a client that speaks plain HTTP here: it would wait for an answer that it can read.
const PLAIN: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 55\r\n\
                       Connection: close\r\n\r\nThis port speaks HTTPS: write https:// in the address.\n";
/// Of what such a client still sends: closed with bytes unread, the socket would be reset, and the answer lost.
const REST: u64 = 64 * 1024;
const REST_TIME: Duration = Duration::from_secs(1);

/// How a listener encrypts.
#[derive(Debug, Clone)]
pub struct Encryption {
    /// For each connection that begins, the one that is current then.
    pub current: Current,
    /// For a handshake, from its first byte.
    pub timeout: Duration,
}

impl Encryption {
    /// Shakes hands; `first` is the first byte, still unread.
    pub(super) async fn begin(&self, socket: Socket, first: u8) -> Result<TlsStream<Socket>, Cause> {
        // No record of TLS begins with a letter, and every method of HTTP does.
        if first.is_ascii_uppercase() {
            answer_plainly(socket).await;
            return Err(Cause::PlainHttp);
        }
        let config = Arc::clone(&self.current.borrow());
        match timeout(self.timeout, TlsAcceptor::from(config).accept(socket)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(why(&error)),
            Err(_) => Err(Cause::SlowHandshake),
        }
    }
}

/// What the client wants to speak. One that names no protocol speaks HTTP/1.
pub(super) fn agreed(stream: &TlsStream<Socket>) -> Protocol {
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        _ => Protocol::Http1,
    }
}

fn why(error: &io::Error) -> Cause {
    tracing::debug!(%error, "no handshake");
    match error.kind() {
        ErrorKind::TimedOut => Cause::SlowReader,
        _ => Cause::Handshake,
    }
}

/// What cannot be written goes to nobody.
async fn answer_plainly(mut socket: Socket) {
    if socket.write_all(PLAIN).await.is_ok() && socket.shutdown().await.is_ok() {
        let mut rest = socket.take(REST);
        let _ = timeout(REST_TIME, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
    }
}

/// What a client of HTTP/2 says first (RFC 9113, 3.4). No request of HTTP/1 begins like it.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// The protocol, and the bytes read to tell it; `None` when the peer has closed without a word.
///
/// Own rather than hyper-util's automatic builder: that one reads them before any of its timers runs, and a connection
/// that it is told to close meanwhile is dropped, although its request may be on the way.
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
