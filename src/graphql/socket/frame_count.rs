//! Frames of one message on a WebSocket, counted as they are read.
//!
//! The library puts a message together from any number of frames, empty ones too, and says nothing until it is whole:
//! millions a second, and nobody would pay for them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Frames of one message; one more ends the socket. Clients send whole messages, or cut them into a few parts.
pub(in crate::graphql) const MOST: u32 = 128;

/// More frames than a message may have.
#[derive(Debug, thiserror::Error)]
#[error("a message of more than {MOST} frames")]
pub(in crate::graphql) struct TooManyFrames;

/// A connection that has become a WebSocket.
pub(in crate::graphql) struct Counted<S> {
    connection: S,
    frames: Frames,
}

impl<S> Counted<S> {
    /// Where the first frame begins.
    pub(in crate::graphql) fn new(connection: S) -> Self {
        Self { connection, frames: Frames::default() }
    }
}

/// Where in a frame we are. What is no frame is found out by the library.
#[derive(Debug, Default)]
struct Frames {
    /// The longest: flags, 7 bits of a length, 64 bits of it, a mask.
    header: [u8; 14],
    /// Bytes of the header that are there.
    filled: usize,
    /// Bytes of the payload still to come.
    payload: u64,
    of_message: u32,
}

impl Frames {
    /// Whether there are too many by now.
    fn read(&mut self, mut bytes: &[u8]) -> bool {
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let skipped = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
                self.payload -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.header[self.filled] = *first;
            self.filled += 1;
            bytes = rest;
            if self.filled >= 2 && self.filled == self.header_length() {
                self.filled = 0;
                self.count();
                if self.of_message > MOST {
                    return true;
                }
            }
        }
        false
    }

    fn header_length(&self) -> usize {
        let length = match self.header[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        let is_masked = self.header[1] & 0x80 != 0;
        if is_masked { length + 4 } else { length }
    }

    fn count(&mut self) {
        // Big-endian, of as many bytes as it takes.
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.payload = match self.header[1] & 0x7f {
            126 => number(&self.header[2..4]),
            127 => number(&self.header[2..10]),
            length => length.into(),
        };
        let (is_last, is_control) = (self.header[0] & 0x80 != 0, self.header[0] & 0x08 != 0);
        // A ping may come within a message. It is a message by itself, and pays for itself.
        if is_control {
            return;
        }
        self.of_message += 1;
        if is_last && self.of_message <= MOST {
            self.of_message = 0;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.connection).poll_read(cx, buf))?;
        if this.frames.read(&buf.filled()[before..]) {
            buf.set_filled(before);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, TooManyFrames)));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().connection).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Masked, as a client sends it.
    fn frame(flags: u8, payload: usize) -> Vec<u8> {
        let length = match payload {
            0..126 => vec![0x80 | u8::try_from(payload).expect("short")],
            126..0x1_0000 => [&[0xfe], &u16::try_from(payload).expect("short").to_be_bytes()[..]].concat(),
            _ => [&[0xff], &(payload as u64).to_be_bytes()[..]].concat(),
        };
        [vec![flags], length, vec![0; 4], vec![0x81; payload]].concat()
    }

    #[test]
    fn a_message_has_so_many_frames_and_no_more_however_they_are_cut() {
        for payload in [0, 1, 125, 126, 70_000] {
            let message = |frames: u32| {
                let mut bytes = frame(0x01, payload);
                for _ in 2..frames {
                    bytes.extend(frame(0x00, payload));
                    bytes.extend(frame(0x89, 3));
                }
                bytes.extend(frame(0x80, payload));
                bytes
            };
            for cut in [1, 3, 4_096] {
                let mut frames = Frames::default();
                for _ in 0..2 {
                    assert!(message(MOST).chunks(cut).all(|part| !frames.read(part)), "{payload}, {cut}");
                }
                assert!(message(MOST + 1).chunks(cut).any(|part| frames.read(part)), "{payload}, {cut}");
            }
        }
    }
}
