//! The socket of a connection: gives up a peer that does not take what it asked for, whatever is spoken over it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Sleep, sleep};

use crate::limits::Place;

/// What an open connection holds.
pub(super) struct Held {
    pub _place: Place,
    /// Its end is what a stop waits for.
    pub _alive: mpsc::Sender<()>,
}

/// A socket. Under TLS the guard stands below it: there, what has been encrypted waits in a buffer, and counts as
/// written for whoever stands above.
pub(super) struct Socket {
    stream: TcpStream,
    write_timeout: Duration,
    /// Runs from the moment when the socket is full until it has taken all that was to be written: a peer that takes
    /// a byte now and then does not start it anew.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Counted among the connections for as long as the socket is open, also when another protocol has taken it over.
    _held: Held,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, write_timeout: Duration, held: Held) -> Self {
        Self { stream, write_timeout, stalled: None, _held: held }
    }

    /// The first byte, which stays to be read; `None` when the peer has closed without a word.
    pub(super) async fn peek(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        Ok((self.stream.peek(&mut first).await? > 0).then_some(first[0]))
    }

    fn progress(
        &mut self,
        cx: &mut Context<'_>,
        wanted: usize,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(written)) => {
                if written == wanted {
                    self.stalled = None;
                }
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let most = self.write_timeout;
                let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(most)));
                ready!(stalled.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.progress(cx, buf.len(), written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.progress(cx, bufs.iter().map(|buf| buf.len()).sum(), written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
