//! The bytes of a connection: gives back those that told the protocol, counts frames, and gives up a peer that does
//! not take what it asked for, whatever is spoken over the connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep};

use super::activity::Activity;
use super::bare::Bare;
use super::caps::Permit;
use super::frames::Frames;

/// What an open connection holds.
pub(super) struct Held {
    pub _permit: Permit,
    /// Its end is what a stop waits for.
    pub _alive: mpsc::Sender<()>,
}

/// The frames of HTTP/2, both ways.
pub(super) struct Http2 {
    pub read: Frames,
    pub written: Bare,
}

/// A socket under guard.
pub(super) struct Guarded {
    stream: TcpStream,
    /// Read before, to tell the protocol.
    first: Bytes,
    http2: Option<Http2>,
    activity: Arc<Activity>,
    write_timeout: Duration,
    /// Runs from the moment when the socket is full until it has taken all that was to be written: a peer that takes
    /// a byte now and then does not start it anew.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Counted among the connections for as long as the socket is open, also when another protocol has taken it over.
    _held: Held,
}

impl Guarded {
    /// `http2` for HTTP/2, whose preface is in `first`.
    pub(super) fn new(
        stream: TcpStream,
        first: Bytes,
        http2: Option<Http2>,
        activity: Arc<Activity>,
        write_timeout: Duration,
        held: Held,
    ) -> Self {
        Self { stream, first, http2, activity, write_timeout, stalled: None, _held: held }
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

impl AsyncRead for Guarded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.activity.is_flooded() {
            // Nothing more is read; who watches over the connection ends it.
            return Poll::Pending;
        }
        if !this.first.is_empty() {
            let some = this.first.split_to(this.first.len().min(buf.remaining()));
            buf.put_slice(&some);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        let read = &buf.filled()[before..];
        if !read.is_empty() {
            this.activity.heard();
            if let Some(http2) = &mut this.http2
                && http2.read.read(read, Instant::now())
            {
                this.activity.flood();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        if let (Some(http2), Poll::Ready(Ok(written))) = (&mut this.http2, &written) {
            http2.written.written(&buf[..*written]);
        }
        this.progress(cx, buf.len(), written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        if let (Some(http2), Poll::Ready(Ok(written))) = (&mut this.http2, &written) {
            let mut left = *written;
            for buf in bufs {
                let some = left.min(buf.len());
                http2.written.written(&buf[..some]);
                left -= some;
            }
        }
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
