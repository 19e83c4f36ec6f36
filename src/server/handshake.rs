//! The beginning of a connection under TLS.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::drops::Cause;
use super::sniff::Protocol;
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
