//! A request in work, from its head to the last byte of its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as _, Frame, SizeHint};

use super::activity::Activity;
use super::handshake::Protocol;

/// A request in work, until it is dropped.
pub(super) struct Work {
    activity: Arc<Activity>,
    is_stream: bool,
}

impl Work {
    pub(super) fn begin(activity: Arc<Activity>) -> Self {
        activity.begin();
        Self { activity, is_stream: false }
    }

    /// Its answer is an event stream.
    pub(super) fn becomes_stream(&mut self) {
        self.is_stream = true;
        self.activity.begin_stream();
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.is_stream {
            self.activity.end_stream();
        }
        self.activity.end();
    }
}

/// The body of an answer: its request is in work until it has been handed over.
pub(super) struct Tracked {
    body: Body,
    work: Work,
    /// On HTTP/2 a body is asked for its next part only when the peer has made room after the one before. What a peer
    /// of HTTP/1 does not take stays in the socket, which has a timeout of its own.
    waits_for_room: bool,
    offered: Option<u64>,
    /// The last byte, given for itself: the library is done with it when the peer has made room for all before it too.
    /// Given together, they would count as taken with room for a single byte.
    last: Option<Bytes>,
}

impl Tracked {
    pub(super) fn new(body: Body, work: Work, protocol: Protocol) -> Self {
        let waits_for_room = protocol == Protocol::Http2;
        let offered = waits_for_room.then(|| work.activity.offer());
        Self { body, work, waits_for_room, offered, last: None }
    }

    /// What is given to the library now. Its peer has to make room for it.
    fn give(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        self.offered = Some(self.work.activity.offer());
        match frame.into_data() {
            Ok(mut data) => {
                if self.body.is_end_stream() && data.len() > 1 {
                    self.last = Some(data.split_off(data.len() - 1));
                }
                Frame::data(data)
            }
            Err(trailers) => trailers,
        }
    }

    fn taken(&mut self) {
        if let Some(number) = self.offered.take() {
            self.work.activity.taken(number);
        }
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.taken();
    }
}

impl hyper::body::Body for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if let Some(last) = this.last.take() {
            return Poll::Ready(Some(Ok(Frame::data(last))));
        }
        this.taken();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        if this.waits_for_room { frame.map_ok(|frame| this.give(frame)) } else { frame }
    }

    fn is_end_stream(&self) -> bool {
        self.last.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.last {
            Some(last) => SizeHint::with_exact(last.len() as u64),
            None => self.body.size_hint(),
        }
    }
}
